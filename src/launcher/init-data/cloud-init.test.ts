import assert from "node:assert/strict";
import { cloudInitDisk } from "./cloud-init.ts";

const facts = { identity: "00000000-0000-4000-8000-000000000001", name: "web.blue", hostname: "web" };
const userData = Buffer.from("#cloud-config\n");
const networkData = Buffer.from("version: 2\n");

/** The files of the disk as text. */
function files(...args: Parameters<typeof cloudInitDisk>): Record<string, string> {
  return Object.fromEntries(
    [...cloudInitDisk(...args).files].map(([path, content]) => [path, content.toString()]),
  );
}

describe("cloudInitDisk", () => {
  it("NoCloud: what cloud-init reads from the disk cidata", () => {
    assert.equal(cloudInitDisk("NoCloud", facts, {}).label, "cidata");
    assert.deepEqual(files("NoCloud", facts, { userData, networkData }), {
      "meta-data": '{"instance-id":"00000000-0000-4000-8000-000000000001","local-hostname":"web"}\n',
      "user-data": "#cloud-config\n",
      "network-config": "version: 2\n",
    });
  });

  it("NoCloud has user-data, if only empty, and no network-config where none is given", () => {
    assert.deepEqual(Object.keys(files("NoCloud", facts, {})), ["meta-data", "user-data"]);
    assert.equal(files("NoCloud", facts, {})["user-data"], "");
  });

  it("ConfigDrive: what cloud-init, Ignition and Afterburn read from the disk config-2", () => {
    assert.equal(cloudInitDisk("ConfigDrive", facts, {}).label, "config-2");
    assert.deepEqual(files("ConfigDrive", facts, { userData, networkData }), {
      "openstack/latest/meta_data.json":
        '{"uuid":"00000000-0000-4000-8000-000000000001","instance_id":"00000000-0000-4000-8000-000000000001",' +
        '"name":"web.blue","hostname":"web","local_hostname":"web"}\n',
      "openstack/latest/user_data": "#cloud-config\n",
      "openstack/latest/network_data.json": "version: 2\n",
    });
  });

  it("both: public keys are in the meta-data", () => {
    const sshKeys = ["ssh-ed25519 AAAA a", "ssh-ed25519 AAAB b"];
    const numbered = '{"0":"ssh-ed25519 AAAA a","1":"ssh-ed25519 AAAB b"}}\n';
    assert.ok(files("NoCloud", facts, { sshKeys })["meta-data"]?.endsWith(`"public-keys":${numbered}`));
    const drive = files("ConfigDrive", facts, { sshKeys })["openstack/latest/meta_data.json"];
    assert.ok(drive?.endsWith(`"public_keys":${numbered}`));
  });

  it("ConfigDrive has no files of what is not given", () => {
    assert.deepEqual(Object.keys(files("ConfigDrive", facts, {})), ["openstack/latest/meta_data.json"]);
  });
});
