import assert from "node:assert/strict";
import type { VirtualMachine, VirtualMachineInstance } from "../../api/resources.ts";
import { ansibleInventory, sshConfig } from "./inventory.ts";
import type { Member } from "./members.ts";

const member = (name: string, role: "master" | "worker", ipAddress?: string, pool?: string): Member => ({
  name,
  role,
  pool,
  machine: {} as VirtualMachine,
  instance: {
    metadata: { name, namespace: "prod", uid: `u-${name}` },
    status: { interfaces: [{ name: "default", ...(ipAddress === undefined ? {} : { ipAddress }) }] },
  } as unknown as VirtualMachineInstance,
});
const members = [
  member("lab-master-0", "master", "10.0.0.7"),
  member("lab-big-0", "worker", "10.0.0.8", "big"),
  member("lab-node-0", "worker"),
];
const direct = { login: "core", identityFile: "key", proxy: undefined };

describe("sshConfig", () => {
  it("has a host for each member that runs", () => {
    const text = sshConfig(members, direct);
    assert.match(
      text,
      /^Host lab-master-0\n {2}HostName 10\.0\.0\.7\n {2}User core\n {2}IdentityFile key\n {2}HostKeyAlias lab-master-0\.prod\.u-lab-master-0\n/,
    );
    assert.match(text, /\n# lab-node-0 does not run\n$/);
  });
  it("goes by way of nestctl where that is wanted", () => {
    const text = sshConfig(members, { ...direct, proxy: "nestctl -n prod port-forward --stdio" });
    assert.match(
      text,
      /HostName lab-big-0\n.*\n.*\n {2}ProxyCommand nestctl -n prod port-forward --stdio lab-big-0 %p\n/,
    );
  });
});

describe("ansibleInventory", () => {
  it("has groups and pools", () => {
    const { lab } = ansibleInventory("lab", members, direct) as {
      lab: { vars: object; children: Record<string, { hosts: Record<string, object> }> };
    };
    assert.deepEqual(lab.vars, { ansible_user: "core", ansible_ssh_private_key_file: "key" });
    assert.deepEqual(Object.keys(lab.children), ["masters", "workers", "pool_big"]);
    assert.deepEqual(Object.keys(lab.children["workers"]?.hosts ?? {}), ["lab-big-0"]);
    assert.deepEqual(lab.children["pool_big"]?.hosts, { "lab-big-0": {} });
  });
});
