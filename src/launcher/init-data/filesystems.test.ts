import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CloudInitSource, FilesystemSource } from "../../launch-plan/launch-plan.ts";
import { StartError } from "../start-error.ts";
import { prepareFilesystems } from "./filesystems.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk me";

const facts = { identity: "00000000-0000-4000-8000-000000000001", name: "old", hostname: "old" };
const META_DATA =
  '{"uuid":"00000000-0000-4000-8000-000000000001","instance_id":"00000000-0000-4000-8000-000000000001",' +
  '"name":"old","hostname":"old","local_hostname":"old"';

describe("prepareFilesystems", () => {
  let scratch: string;
  beforeEach(async () => (scratch = await mkdtemp(join(tmpdir(), "filesystems-"))));
  afterEach(() => rm(scratch, { recursive: true }));

  /** Prepares one filesystem, and returns its folder. */
  async function prepare(source: FilesystemSource, ignition?: { inline: string }): Promise<string> {
    const filesystems = [{ name: "drive", tag: "config-2", source }];
    const plan = { ...facts, filesystems, ...(ignition === undefined ? {} : { ignition }) };
    const [prepared] = await prepareFilesystems(plan, join(scratch, "made"));
    assert.equal(prepared?.tag, "config-2");
    return prepared.folder;
  }

  const read = async (folder: string, file: string): Promise<string> =>
    readFile(join(folder, "openstack/latest", file), "utf8");

  const refuses = async (source: FilesystemSource, message: RegExp): Promise<void> =>
    assert.rejects(prepare(source), (error) => error instanceof StartError && message.test(error.message));

  it("lays out a config drive of text, base64, mounted files and keys", async () => {
    const keys = join(scratch, "keys");
    await mkdir(keys);
    await writeFile(join(keys, "me"), `${KEY}\n`);
    const source: CloudInitSource = {
      kind: "CloudInit",
      layout: "ConfigDrive",
      userData: { inline: "#cloud-config\n" },
      networkData: { base64: "e30=" },
      sshKeys: [keys],
    };
    const folder = await prepare(source);
    assert.equal(await read(folder, "user_data"), "#cloud-config\n");
    assert.equal(await read(folder, "network_data.json"), "{}");
    assert.equal(await read(folder, "meta_data.json"), `${META_DATA},"public_keys":{"0":"${KEY}"}}\n`);
    await writeFile(join(scratch, "userData"), Buffer.from([0, 255]));
    const paths = [join(scratch, "userdata"), join(scratch, "userData")];
    const other = await prepare({ kind: "CloudInit", layout: "ConfigDrive", userData: { paths } });
    assert.deepEqual(await readFile(join(other, "openstack/latest/user_data")), Buffer.from([0, 255]));
  });

  it("lets only root look into what it makes", async () => {
    const folder = await prepare({ kind: "CloudInit", layout: "ConfigDrive", userData: { inline: "a" } });
    for (const [path, mode] of [
      [join(scratch, "made"), 0o700],
      [folder, 0o700],
      [join(folder, "openstack/latest"), 0o700],
      [join(folder, "openstack/latest/user_data"), 0o600],
    ] as const) {
      assert.equal((await stat(path)).mode & 0o777, mode, path);
    }
  });

  it("has the plan's Ignition config as user data", async () => {
    const inline = '{"ignition":{"version":"3.3.0"}}';
    const folder = await prepare({ kind: "IgnitionDrive" }, { inline });
    assert.equal(await read(folder, "user_data"), inline);
    assert.equal(await read(folder, "meta_data.json"), `${META_DATA}}\n`);
  });

  it("shares a mounted folder where it is", async () => {
    assert.equal(await prepare({ kind: "Folder", path: scratch }), scratch);
  });

  it("is nothing where none is asked for", async () => {
    assert.deepEqual(await prepareFilesystems({ ...facts, filesystems: [] }, join(scratch, "made")), []);
    await assert.rejects(stat(join(scratch, "made")), /ENOENT/);
  });

  it("says what is missing", async () => {
    await refuses(
      { kind: "CloudInit", layout: "ConfigDrive", userData: { paths: [join(scratch, "userdata")] } },
      /^filesystem drive: user data is missing: none of .*\/userdata is there; was its Secret changed\?$/,
    );
    await refuses({ kind: "IgnitionDrive" }, /^filesystem drive: the plan has no Ignition config for it$/);
    await refuses(
      { kind: "Folder", path: join(scratch, "none") },
      /^filesystem drive: .*\/none is no folder; does the pod mount its volume there\?$/,
    );
  });
});
