import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartError } from "../start-error.ts";
import { checkIgnition, readIgnition } from "./ignition.ts";

const config = (version: unknown): string => JSON.stringify({ ignition: { version } });

describe("checkIgnition", () => {
  for (const version of ["2.0.0", "2.2.0", "2.5.0-experimental", "3.3.0", "3.6.0-experimental"]) {
    it(`accepts ${version}`, () => assert.doesNotThrow(() => checkIgnition(config(version), "userdata")));
  }

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ["version 4", config("4.0.0"), /userdata: ignition.version is "4.0.0", want 2.x.y or 3.x.y/],
    ["half a version", config("2.2"), /userdata: ignition.version is "2.2", want 2.x.y or 3.x.y/],
    ["version 1", config("1.0.0"), /userdata: ignition.version is "1.0.0", want 2.x.y or 3.x.y/],
    ["a version that is no text", config(3), /ignition.version is 3/],
    ["no version", "{}", /ignition.version is missing/],
    ["another document", "[]", /ignition.version is missing/],
    ["a Butane file", "variant: fcos", /userdata is not JSON; a Butane file has to be translated first/],
    ["nothing", "", /is not JSON/],
    ["more than 1 MiB", config("3.3.0").padEnd(1024 * 1024 + 1), /has 1048577 bytes, at most 1048576/],
  ];
  for (const [what, text, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => checkIgnition(text, "userdata"),
        (error) => error instanceof StartError && message.test(error.message),
      );
    });
  }

  it("never quotes the config", () => {
    assert.throws(
      () => checkIgnition("{s3cret", "userdata"),
      (error) => error instanceof StartError && !error.message.includes("s3cret"),
    );
  });
});

describe("readIgnition", () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), "nestlet-ignition-"))));
  after(async () => rm(folder, { recursive: true }));

  /** Of the spec 2.2.0, in a form that no program writes. */
  const old = {
    ignition: { version: "2.2.0", config: { append: [{ source: "http://192.0.2.1/more.ign" }] } },
    passwd: { users: [{ name: "core", create: { uid: 7 }, sshAuthorizedKeys: ["ssh-ed25519 AAAAold"] }] },
    storage: { files: [{ filesystem: "root", path: "/etc/a", contents: { source: "data:,Ä" }, mode: 420 }] },
    systemd: { units: [{ name: "docker.service", enable: true }] },
  };
  const text = `\n${JSON.stringify(old, undefined, 3)}\n\n`;

  it("leaves a config without further keys as it is, to the byte", async () => {
    const path = join(folder, "userdata");
    await writeFile(path, text);
    assert.equal(await readIgnition({ path }), text);
    assert.equal(await readIgnition({ inline: text }), text);
  });

  it("merges keys into a config of version 2, and nothing else of it changes", async () => {
    const keys = join(folder, "keys");
    await mkdir(keys);
    await writeFile(join(keys, "me"), "ssh-ed25519 AAAAold\nssh-ed25519 AAAAnew\n");
    const sshKeys = [
      { user: "core", folder: keys },
      { user: "ops", folder: keys },
    ];
    const both = ["ssh-ed25519 AAAAold", "ssh-ed25519 AAAAnew"];
    assert.deepEqual(JSON.parse(await readIgnition({ inline: text, sshKeys })), {
      ...old,
      passwd: {
        users: [
          { name: "core", create: { uid: 7 }, sshAuthorizedKeys: both },
          { name: "ops", sshAuthorizedKeys: both },
        ],
      },
    });
  });

  it("names the file that is not there", async () => {
    await assert.rejects(
      readIgnition({ path: join(folder, "nothing") }),
      (error) => error instanceof StartError && /nothing.*does the Secret or ConfigMap/.test(error.message),
    );
  });
});
