import assert from "node:assert/strict";
import {
  coreOSClusters as clusters,
  virtualMachineInstances as instances,
  virtualMachines as machines,
} from "../../../src/api/resources.ts";
import type { Client } from "../../../src/kube/client.ts";
import { secrets, services } from "../../../src/kube/object.ts";
import { eventually, sharedCluster } from "../harness/cluster.ts";
import { lifeTools } from "../harness/cluster-life.ts";
import { textOf } from "../harness/clusters.ts";
import { launchController, type ControllerLife } from "../harness/controller.ts";
import { CrashingLine } from "../harness/crashing-line.ts";
import { sharedGuest, type GuestControlPlane } from "../harness/guest.ts";

/** At which of its writes each life ends. */
const ends = [1, 3, 8, 15, 24, 35];

describe("a cluster whose controller is killed again and again", () => {
  let client: Client;
  let guest: GuestControlPlane;
  let line: CrashingLine;
  let namespace: string;
  let life: ControllerLife | undefined;

  before(async function () {
    this.timeout(180_000);
    const cluster = await sharedCluster();
    client = cluster.client;
    guest = await sharedGuest();
    line = await CrashingLine.open(cluster.server);
    namespace = await cluster.namespace();
  });

  after(async () => {
    life?.process.kill("SIGKILL");
    await line.close();
    await client.delete(clusters, { namespace, name: "lab" });
    await guest.clear();
  });

  const { create, become, names, scale, found, boot, end, says } = lifeTools(
    () => client,
    () => namespace,
    () => guest,
  );

  /** Kills the controller at its first write, the next one at its third, another later, until all is done all the same. */
  const survive = async (what: string, isDone: () => Promise<boolean>): Promise<void> => {
    for (const [killed, writes] of ends.entries()) {
      life ??= launchController(line.kubeconfig);
      const { process } = life;
      line.crashAt(writes, () => process.kill("SIGKILL"));
      await eventually(what, async () => {
        if (process.exitCode !== null) throw new Error(`the controller ended:\n${life?.output() ?? ""}`);
        return process.killed || (await isDone()) ? true : undefined;
      });
      line.hold();
      if (!process.killed) {
        console.log(`      ${what}, though killed ${String(killed)} times`);
        return;
      }
      life = undefined;
    }
    assert.fail(`not within ${String(ends.length)} lives: ${what}`);
  };

  const isReady = async (): Promise<boolean> => {
    const { status } = await client.get(clusters, namespace, "lab");
    return status?.conditions?.some((one) => one.type === "Ready" && one.status === "True") ?? false;
  };

  const own = [
    "lab-bootstrap",
    "lab-ca",
    "lab-etcd",
    "lab-kubeconfig",
    "lab-master-0-ignition",
    "lab-node-0-ignition",
    "lab-proxy",
    "lab-sa",
  ];

  it("is made once, of one authority", async function () {
    this.timeout(180_000);
    await found();
    await create({ workers: { replicas: 1 } });
    await survive("made", async () => {
      const made = await Promise.all([names(machines), names(instances), names(secrets), names(services)]);
      const members = ["lab-master-0", "lab-node-0"];
      return made.join(" ") === [members, members, own, ["lab-api", "lab-members"]].join(" ");
    });
    const token = textOf(await client.get(secrets, namespace, "lab-bootstrap"), "token");
    const [ca, etcd] = await Promise.all(
      ["lab-ca", "lab-etcd"].map(async (name) =>
        textOf(await client.get(secrets, namespace, name), "tls.key"),
      ),
    );
    const told = async (member: string): Promise<string> =>
      filesIn(textOf(await client.get(secrets, namespace, `${member}-ignition`), "userdata"));
    const [master, worker] = [await told("lab-master-0"), await told("lab-node-0")];
    for (const text of [token, ca, etcd]) assert.ok(master.includes(text?.trim() ?? "?"));
    assert.ok(worker.includes(token));
  });

  it("becomes Ready, and grows", async function () {
    this.timeout(180_000);
    for (const member of ["lab-master-0", "lab-node-0"]) await guest.node(member);
    for (const member of ["lab-node-0", "lab-master-0"]) await boot(member);
    await survive("Ready", isReady);
    assert.equal(await client.find(secrets, namespace, "lab-bootstrap"), undefined);
    await scale(2);
    await survive("grown", async () => (await names(instances)).includes("lab-node-1"));
    const config = filesIn(textOf(await client.get(secrets, namespace, "lab-node-1-ignition"), "userdata"));
    const [token = ""] = /[a-z0-9]{6}\.[a-z0-9]{16}/.exec(config) ?? [];
    assert.match((await guest.userOf(token)).username, /^system:bootstrap:/);
  });

  it("drains one worker, and shrinks", async function () {
    this.timeout(180_000);
    await guest.node("lab-node-1");
    await boot("lab-node-1");
    await guest.pod("slow", "lab-node-1");
    await says("Ready", /^True/);
    await scale(1);
    await survive("drained", async () => guest.isEvicted("slow"));
    await guest.finish("slow");
    await survive("shrunk", async () => {
      await end("lab-node-1");
      return !(await names(machines)).includes("lab-node-1");
    });
    await become(
      secrets,
      own.filter((name) => name !== "lab-bootstrap"),
    );
    assert.deepEqual(await guest.nodes(), ["lab-master-0", "lab-node-0"]);
  });
});

/** The contents of all files in an Ignition config. */
function filesIn(config: string): string {
  const { storage } = JSON.parse(config) as { storage: { files: { contents: { source: string } }[] } };
  const sources = storage.files.map(({ contents }) => contents.source);
  return sources.map((source) => Buffer.from(source.split(",")[1] ?? "", "base64").toString()).join("\n");
}
