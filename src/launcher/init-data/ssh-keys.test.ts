import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartError } from "../start-error.ts";
import { parseSshKeys, readSshKeys } from "./ssh-keys.ts";

const ed = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE0 me@example";
const rsa = 'from="10.0.0.0/8" ssh-rsa AAAAB3NzaC1yc2E==';
const hardware = "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaA== token";

describe("parseSshKeys", () => {
  it("takes a key a line, with options or a comment", () => {
    assert.deepEqual(parseSshKeys(`# team\n${ed}\r\n\n  ${rsa}\n${hardware}`, "a"), [ed, rsa, hardware]);
  });
  for (const text of ["-----BEGIN OPENSSH PRIVATE KEY-----", "ssh-ed25519", "hello"]) {
    it(`refuses ${text}, and does not quote it`, () => {
      assert.throws(
        () => parseSshKeys(`${ed}\n${text}`, "team"),
        (error) =>
          error instanceof StartError &&
          error.message.includes("line 2 of team is no public key") &&
          !error.message.includes("PRIVATE"),
      );
    });
  }
});

describe("readSshKeys", () => {
  it("reads a folder as the kubelet mounts it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ssh-keys-"));
    await mkdir(join(folder, "..data"));
    await writeFile(join(folder, "..data/b"), ed);
    await writeFile(join(folder, "..data/a"), rsa);
    for (const name of ["a", "b"]) await symlink(`..data/${name}`, join(folder, name));
    assert.deepEqual(await readSshKeys(folder), [rsa, ed]);
    await rm(folder, { recursive: true });
  });
});
