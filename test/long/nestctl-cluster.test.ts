import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { Login } from "../support/guest.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { CLUSTER_READY_MS, nodeNames, openCluster, smallCluster } from "../support/nested.ts";
import { Nestctl, type Said } from "../support/nestctl.ts";

const name = "group";
const RELAYS = "app.kubernetes.io/managed-by=nestctl";

describe("nestctl and a nested cluster", function () {
  this.timeout(CLUSTER_READY_MS + 60_000);
  let host: Kubectl;
  let login: Login;
  let nestctl: Nestctl;
  let flags: string[];
  let key: string[];

  before(async () => {
    [host, login, nestctl] = await Promise.all([ownNamespace("nestctl"), Login.create(), Nestctl.build()]);
    flags = ["--kubeconfig", host.kubeconfig, "--namespace", host.namespace];
    key = ["-i", join(login.directory, "key")];
    await host.apply(smallCluster(name, 1, { ssh: { authorizedKeys: [login.publicKey] } }));
    // Waits as kube-up would, and changes nothing.
    const said = await run(
      "cluster",
      "up",
      name,
      "--workers",
      "1",
      "--timeout",
      `${String(CLUSTER_READY_MS / 1000)}s`,
    );
    assert.match(said, new RegExp(`${name} unchanged\\n${name} is Ready; open it`));
  });
  after(async () => {
    await Promise.all([login.remove(), nestctl.remove()]);
    await deleteNamespace(host);
  });

  const run = async (...words: string[]): Promise<string> => nestctl.run([...flags, ...words]);
  const attempt = async (...words: string[]): Promise<Said> => nestctl.try([...flags, ...words]);

  const count = async (...words: [string, ...string[]]): Promise<number> =>
    (await host.list(...words)).length;

  it("is shown with its members", async () => {
    assert.match(await run("cluster", "get", name), /^NAME +READY .*\ngroup +True /);
    const nodes = await run("cluster", "nodes", name, "-o", "wide");
    assert.match(nodes, /^group-master-0 +master +Running +[\d.]+ +192\.168\.10\.1 /m);
    assert.match(nodes, /^group-node-0 +worker +Running +[\d.]+ +192\.168\.10\.2 /m);
    assert.match(await run("cluster", "logs", name, "-g", "masters", "--tail", "20"), /^group-master-0 \| /m);
  });

  it("opens by its kubeconfig, merged as a context", async () => {
    const file = join(nestctl.folder, "mine");
    await run("cluster", "kubeconfig", name, "--merge", "--file", file);
    const { stdout } = await execa("kubectl", ["--kubeconfig", file, "config", "get-contexts", "-o", "name"]);
    assert.equal(stdout, `nest-${name}`);
    const guest = await openCluster(host, name, nestctl.folder);
    assert.deepEqual(await nodeNames(guest), [`${name}-master-0`, `${name}-node-0`]);
  });

  it("runs a command on all members side by side, each line with its name", async () => {
    for (const via of ["direct", "relay"]) {
      const said = await attempt(
        "cluster",
        "exec",
        name,
        ...key,
        "--via",
        via,
        "--",
        "hostname; echo oops >&2",
      );
      assert.equal(said.exitCode, 0, said.errors);
      assert.deepEqual(said.output.split("\n").sort(), [
        "",
        `${name}-master-0 | ${name}-master-0`,
        `${name}-node-0   | ${name}-node-0`,
      ]);
      assert.match(said.errors, new RegExp(`^${name}-node-0 {3}\\| oops$`, "m"));
    }
    // The kubelet has the last word.
    await eventually(async () => assert.equal(await count("pods", "-l", RELAYS), 0), 30_000);
  });

  it("gives back the largest code, and names who failed and who was late", async () => {
    const failed = await attempt(
      "cluster",
      "exec",
      name,
      ...key,
      "--",
      `[ $(hostname) = ${name}-node-0 ] || exit 3`,
    );
    assert.equal(failed.exitCode, 3);
    assert.match(failed.errors, new RegExp(`${name}-master-0: exit code 3\nfailed on 1 of 2 members`));
    const late = await attempt(
      "cluster",
      "exec",
      name,
      ...key,
      "-g",
      "workers",
      "--timeout",
      "5s",
      "--",
      "sleep 60",
    );
    assert.equal(late.exitCode, 255);
    assert.match(late.errors, new RegExp(`${name}-node-0: not done after 5 s`));
  });

  it("collects the output of each", async () => {
    const said = await run(
      "cluster",
      "exec",
      name,
      ...key,
      "--collect",
      "--parallel",
      "1",
      "--",
      "echo 1; echo 2",
    );
    assert.equal(said, `==> ${name}-master-0 <==\n1\n2\n==> ${name}-node-0 <==\n1\n2\n`);
  });

  it("gathers what there is to know of it and of its members", async () => {
    const file = join(nestctl.folder, "cluster.tar.gz");
    await run("cluster", "diag", name, "-f", file);
    const { stdout: names } = await execa("tar", ["-tzf", file]);
    const folder = `${name}-cluster-diag`;
    for (const member of [`${name}-master-0`, `${name}-node-0`]) {
      for (const part of ["domain.xml", "qemu.log", "guestinfo.json", `VirtualMachine-${member}.yaml`])
        assert.ok(names.includes(`${folder}/${member}/${part}`), `${member}/${part}`);
      assert.match(
        names,
        new RegExp(`^${folder}/${member}/virt-launcher-${member}-\\w+-bootstrap\\.txt$`, "m"),
      );
    }
    const { stdout: all } = await execa("tar", ["-xzOf", file], { maxBuffer: 1 << 30 });
    assert.match(all, /nestlet-bootstrap: ready/);
    assert.doesNotMatch(all, /could not be had/);
    assert.doesNotMatch(all, /PRIVATE KEY|\b[a-z0-9]{6}\.[a-z0-9]{16}\b/);
  });

  it("lets ssh in by its inventory, also by way of nestctl", async () => {
    assert.match(
      await run("cluster", "ssh", name, "node-0", ...key, "--", "hostname"),
      new RegExp(`^${name}-node-0\n`),
    );
    const file = join(nestctl.folder, "ssh.config");
    for (const proxy of [[], ["--proxy"]]) {
      await writeFile(file, await run("cluster", "inventory", name, ...key, ...proxy));
      const bin = join(nestctl.folder, "package");
      await writeFile(join(bin, "nestctl"), `#!/bin/sh\nexec ${process.execPath} ${nestctl.program} "$@"\n`, {
        mode: 0o755,
      });
      const env = { PATH: `${bin}:${process.env["PATH"] ?? ""}` };
      const { stdout } = await execa(
        "ssh",
        ["-F", file, "-o", "BatchMode=yes", `${name}-node-0`, "hostname"],
        { env },
      );
      assert.equal(stdout, `${name}-node-0`);
    }
    const inventory = parse(await run("cluster", "inventory", name, "--format", "ansible")) as Record<
      string,
      { children: Record<string, { hosts: object }> }
    >;
    assert.deepEqual(Object.keys(inventory[name]?.children["workers"]?.hosts ?? {}), [`${name}-node-0`]);
  });

  it("goes at a word, with all that belongs to it", async () => {
    assert.match(await run("cluster", "down", name), new RegExp(`${name} deleted`));
    assert.equal(await count("vm"), 0);
  });
});
