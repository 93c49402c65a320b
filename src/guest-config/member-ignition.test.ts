import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cluster, master, worker } from "../../test/support/member-facts.ts";
import { FLAVOURS } from "./flavour.ts";
import type { IgnitionConfig } from "./ignition.ts";
import { memberIgnition } from "./member-ignition.ts";
import type { ClusterFacts, Master, Worker } from "./member.ts";
import { PAYLOAD_SERIAL } from "./payload.ts";

/** Files and units as text, so that a change can be read in review. */
function render(ignition: string): string {
  return parts(ignition).join("\n");
}

function parts(ignition: string): string[] {
  const { storage, systemd, ...rest } = JSON.parse(ignition) as IgnitionConfig;
  const files = storage.files.map(
    ({ path, mode, contents }) => `=== file ${path} ${mode.toString(8)}\n${decode(contents.source)}\n`,
  );
  const units = systemd.units.map(({ name, contents, dropins = [], ...state }) => {
    const told = state.enabled ? "" : ` ${JSON.stringify(state)}`;
    return [
      `=== unit ${name}${told}\n${contents ?? ""}`,
      ...dropins.map((each) => `--- ${each.name}\n${each.contents}`),
    ].join("\n");
  });
  return [`${JSON.stringify(rest)}\n`, ...files, ...units];
}

/** Files and units of a worker's config that are not, or not so, in another one's. */
function difference(facts: Partial<ClusterFacts>, usual: Partial<ClusterFacts>): string {
  const [config, other] = [facts, usual].map((each) =>
    parts(memberIgnition({ ...cluster, ...each }, worker)),
  );
  return config?.filter((part) => !other?.includes(part)).join("\n") ?? "";
}

function decode(url: string): string {
  return Buffer.from(url.replace("data:;base64,", ""), "base64").toString();
}

function fileOf(ignition: string, path: string): string {
  const { storage } = JSON.parse(ignition) as IgnitionConfig;
  const found = storage.files.find((file) => file.path === path);
  assert.ok(found, path);
  return decode(found.contents.source);
}

/** Compares with the golden file, or writes it when UPDATE_GOLDEN is set. */
function assertGolden(name: string, text: string): void {
  const path = new URL(name, import.meta.url);
  if (process.env["UPDATE_GOLDEN"] !== undefined) writeFileSync(path, text);
  assert.equal(text, readFileSync(path, "utf8"));
}

describe("Ignition config of a member", () => {
  it("makes the first master an authority that runs kubeadm init", () => {
    assertGolden("master.golden.txt", render(memberIgnition(cluster, master)));
  });

  it("has a worker join with a token and the authority's certificate, and nothing else", () => {
    const text = memberIgnition(cluster, worker);
    assertGolden("worker.golden.txt", render(text));
    assert.doesNotMatch(render(text), /key of|private/);
  });

  it("brings Kubernetes from a disk of its own", () => {
    assertGolden("payload.golden.txt", difference({ payloadDisk: true }, {}));
  });

  for (const flavour of FLAVOURS.filter((each) => each !== "coreos-lab")) {
    it(`tells ${flavour} what it needs beside that, wherever Kubernetes is`, () => {
      const told = difference({ flavour }, {});
      assertGolden(`${flavour}.golden.txt`, told);
      assert.equal(difference({ flavour, payloadDisk: true }, { payloadDisk: true }), told);
    });
  }

  it("configures the payload's containerd as the guest image does its own, but for the CNI plugins' folder", () => {
    const text = fileOf(
      memberIgnition({ ...cluster, payloadDisk: true }, worker),
      "/etc/containerd/config.toml",
    );
    const image = new URL(
      "../../deploy/images/coreos-lab/rootfs/etc/containerd/config.toml",
      import.meta.url,
    );
    const own = 'bin_dirs = ["/opt/cni/bin"]';
    const payloads = 'bin_dirs = ["/usr/libexec/cni", "/opt/cni/bin"]';
    assert.equal(text, readFileSync(image, "utf8").replace(own, payloads));
    assert.ok(text.includes(payloads));
  });

  it("gives the payload a serial that a virtio disk has room for", () => {
    assert.match(PAYLOAD_SERIAL, /^[a-z-]{1,20}$/);
  });

  it("lets nobody but root read what is secret", () => {
    for (const member of [master, worker]) {
      const { storage } = JSON.parse(memberIgnition(cluster, member)) as IgnitionConfig;
      for (const { path, mode, contents } of storage.files) {
        const secret = /key of|private|abcdef\./.test(decode(contents.source));
        if (secret) assert.equal(mode, 0o600, path);
      }
    }
  });

  it("merges snippets after its own", () => {
    const snippet = { ignition: { version: "3.3.0" }, storage: { directories: [{ path: "/srv" }] } };
    const { ignition } = JSON.parse(
      memberIgnition(cluster, { ...worker, snippets: [snippet] }),
    ) as IgnitionConfig;
    assert.deepEqual(
      ignition.config?.merge.map(({ source }) => JSON.parse(decode(source)) as unknown),
      [snippet],
    );
  });

  it("tells kubeadm what the cluster's owner wants", () => {
    const kubeadm = {
      imageRepository: "registry.example.com/k8s",
      apiServer: { extraArgs: [{ name: "profiling", value: "true" }] },
      kubelet: { maxPods: 50 },
    };
    const text = fileOf(memberIgnition({ ...cluster, kubeadm }, master), "/etc/nestlet/kubeadm.yaml");
    for (const wanted of [
      '"imageRepository":"registry.example.com/k8s"',
      '{"name":"profiling","value":"true"}',
      '"maxPods":50',
    ]) {
      assert.ok(text.includes(wanted), wanted);
    }
  });

  it("leaves a disk that is kept to etcd's care", () => {
    const kubeadm = (member: typeof master): string =>
      fileOf(memberIgnition(cluster, member), "/etc/nestlet/kubeadm.yaml");
    assert.match(kubeadm(master), /unsafe-no-fsync/);
    assert.doesNotMatch(kubeadm({ ...master, persistentRoot: true }), /unsafe-no-fsync/);
  });

  it("has what must not be torn on a disk that is kept written before it goes on", () => {
    const run = (member: Master | Worker): string => {
      const { systemd } = JSON.parse(memberIgnition(cluster, member)) as IgnitionConfig;
      const unit = systemd.units.find(({ name }) => name === "nestlet-bootstrap.service");
      return /^ExecStart=.*bootstrap\.sh (.*)$/m.exec(unit?.contents ?? "")?.[1] ?? "";
    };
    assert.equal(run(master), "init lost");
    assert.equal(run({ ...master, persistentRoot: true }), "init kept");
    assert.equal(run({ ...worker, persistentRoot: true }), "join kept");
  });

  it("gives kubeadm the authorities where it cannot delete them when it begins anew", () => {
    const { storage } = JSON.parse(memberIgnition(cluster, master)) as IgnitionConfig;
    const keys = storage.files.filter(({ contents }) => /key of|private/.test(decode(contents.source)));
    assert.equal(keys.length, 4);
    for (const { path } of keys) assert.match(path, /^\/etc\/nestlet\/pki\//);
  });

  for (const { lanRange, podRange, number, expected } of [
    { lanRange: "192.168.10.32/27", podRange: "10.243.0.0/16", number: 30, expected: "192.168.10.62" },
    { lanRange: "172.16.0.0/20", podRange: "10.0.0.0/8", number: 254, expected: "172.16.0.254" },
    { lanRange: "192.168.10.0/24", podRange: "10.243.16.0/20", number: 15, expected: "192.168.10.15" },
  ]) {
    it(`finds room for member ${number} in ${lanRange} and ${podRange}`, () => {
      const config = memberIgnition({ ...cluster, lanRange, podRange }, { ...worker, number });
      assert.match(fileOf(config, "/etc/nestlet/kubeadm.yaml"), new RegExp(`"${expected}"`));
    });
  }

  for (const { lanRange, podRange, number } of [
    { lanRange: "192.168.10.32/27", podRange: "10.243.0.0/16", number: 31 },
    { lanRange: "192.168.10.0/24", podRange: "10.243.16.0/20", number: 16 },
  ]) {
    it(`says that ${lanRange} and ${podRange} have no room for member ${number}`, () => {
      const facts = { ...cluster, lanRange, podRange };
      const message = new RegExp(`^lab-node-1: .*room for members up to number ${number - 1}`);
      assert.throws(() => memberIgnition(facts, { ...worker, number }), { name: "RangeError", message });
    });
  }

  it("names members whose numbers do not follow from their names", () => {
    const otherMembers = [{ name: "lab-fast-0", number: 250 }];
    const settings = fileOf(memberIgnition({ ...cluster, otherMembers }, worker), "/etc/nestlet/lan.env");
    assert.match(settings, /^OTHER_MEMBERS="250:lab-fast-0"$/m);
  });

  it("ships scripts that a shell can read", () => {
    for (const name of ["lan-up", "lan-peers", "bootstrap", "await-master"]) {
      const script = fileOf(memberIgnition(cluster, worker), `/etc/nestlet/${name}.sh`);
      execFileSync("/bin/sh", ["-n"], { input: script });
    }
  });
});
