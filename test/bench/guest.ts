// npm run bench:guest: what a guest gets of its disk and its network, against the same guest under qemu alone. Both run
// at the same time and measure in turns. Needs the lab.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { labStateDir } from "../../hack/lib/paths.ts";
import { Kubectl } from "../support/kubectl.ts";
import { instance } from "../support/objects.ts";
import { bareGuest } from "./bare-guest.ts";
import { loadIgnition, loadPod, measures, ROUNDS, roundsOf, type Round } from "./guest-load.ts";
import { launcherImage } from "./launcher-image.ts";
import { spread } from "./statistics.ts";

const GUEST_IMAGE = "nestlet.dev/coreos-lab:1.36";
const PATIENCE_MS = 20 * 60_000;

const kubeconfig = process.env["KUBECONFIG"] ?? join(labStateDir, "kubeconfig");
const namespace = `bench-guest-${String(process.pid)}`;
const kubectl = new Kubectl(kubeconfig, namespace);

async function start(): Promise<void> {
  const image = await launcherImage(kubeconfig);
  await kubectl.apply(loadPod(image));
  await kubectl.run(["wait", "--for=condition=Ready", "pod/load", "--timeout=60s"]);
  const { status } = await kubectl.get<{ status: { podIP: string } }>("pod", "load");
  await kubectl.apply(...bareGuest(image, GUEST_IMAGE, loadIgnition("bare", status.podIP, "fixed")));
  const ignition = { inline: JSON.stringify(loadIgnition("ours", status.podIP, "leased")) };
  const devices = { disks: ["root", "data"].map((name) => ({ name, disk: { bus: "virtio" } })) };
  const volumes = [
    { name: "root", registryDisk: { image: GUEST_IMAGE } },
    { name: "data", emptyDisk: { capacity: "1Gi" } },
    { name: "ignition", ignition },
  ];
  const domain = { memory: { guest: "1Gi" }, acceleration: "Emulate", devices };
  await kubectl.apply(instance("ours", { spec: { domain, volumes, networks: [] } }));
}

async function finished(): Promise<Round[]> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    await sleep(5_000);
    const rounds = roundsOf(await kubectl.run(["logs", "load"]));
    if (rounds.length >= 2 * ROUNDS) return rounds;
  }
  throw new Error("the guests have not done their rounds; see the logs of the pods");
}

function report(rounds: readonly Round[]): void {
  const [bare = [], ours = []] = ["bare", "ours"].map((name) =>
    rounds.filter(({ guest }) => guest === name).slice(1),
  );
  console.log(
    "| MB/s, median | qemu alone | VirtualMachineInstance | ratio, pair by pair |\n|---|---|---|---|",
  );
  for (const measure of measures) {
    const rate = (round: Round | undefined): number => round?.figures[measure] ?? NaN;
    const ratio = spread(ours.map((round, index) => rate(round) / rate(bare[index])));
    const cells = [bare, ours].map((all) => (spread(all.map(rate)).median / 1e6).toFixed(0));
    const [least, most] = [ratio.lowest, ratio.highest].map((value) => value.toFixed(2));
    console.log(`| ${measure} | ${cells.join(" | ")} | ${ratio.median.toFixed(2)} × (${least}–${most}) |`);
  }
}

const labels = { "pod-security.kubernetes.io/enforce": "privileged" };
const root = new Kubectl(kubeconfig, "default");
await root.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } });
try {
  await start();
  report(await finished());
} finally {
  await root.run(["delete", "namespace", namespace]);
}
