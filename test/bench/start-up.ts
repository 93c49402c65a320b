// npm run bench:start-up: what nestctl costs beside kubectl, as people get it: processor time of the process, since a
// machine that has more to do changes that the least. Needs a cluster with Nestlet. RUNS sets how many of each (20).
import { execa } from "execa";
import { kubeconfigUnderTest } from "../support/cluster.ts";
import { Nestctl } from "../support/nestctl.ts";
import { spread } from "./statistics.ts";

const runs = Number(process.env["RUNS"] ?? 20);

/** User and system time of a command that has to succeed, in milliseconds. */
async function processorMs(command: readonly string[], home: string): Promise<number> {
  const script = 'TIMEFORMAT="%U %S"; time "$@" >/dev/null';
  const { stderr } = await execa("bash", ["-c", script, "bash", ...command], {
    // Nothing of this machine's own: for NODE_EXTRA_CA_CERTS, Node reads one more file of certificates at each start.
    env: { HOME: home, PATH: process.env["PATH"] },
    extendEnv: false,
  });
  const [user, system] = (stderr.split("\n").at(-1) ?? "").split(" ").map(Number);
  if (user === undefined || system === undefined || Number.isNaN(user + system))
    throw new Error(`bash gave no times: ${stderr}`);
  return (user + system) * 1000;
}

/** Both by turns, so that a bad minute of the machine is one for both; the first run of each fills caches. */
async function compare(title: string, ours: readonly string[], theirs: readonly string[]): Promise<void> {
  const times: [number[], number[]] = [[], []];
  for (let run = 0; run <= runs; run++) {
    const pair = [
      await processorMs(ours, nestctl.folder),
      await processorMs(theirs, nestctl.folder),
    ] as const;
    if (run > 0) pair.forEach((ms, side) => times[side]?.push(ms));
  }
  const [own, other] = times.map(spread);
  if (own === undefined || other === undefined) return;
  const ratio = (own.median / other.median).toFixed(2);
  console.log(
    `${title}: nestctl ${own.median.toFixed(0)} ms (${own.lowest.toFixed(0)}–${own.highest.toFixed(0)}), ` +
      `kubectl ${other.median.toFixed(0)} ms (${other.lowest.toFixed(0)}–${other.highest.toFixed(0)}): ${ratio} ×`,
  );
}

const nestctl = await Nestctl.build();
try {
  const own = [process.execPath, nestctl.program];
  const where = ["--kubeconfig", kubeconfigUnderTest(), "--namespace", "default"];
  await compare("--help", [...own, "--help"], ["kubectl", "--help"]);
  await compare("get vm", [...own, ...where, "get", "vm"], ["kubectl", ...where, "get", "vm"]);
  await compare("get all kinds", [...own, ...where, "get"], ["kubectl", ...where, "get", "vm,vmi,coc"]);
  await compare(
    "get -o yaml",
    [...own, ...where, "get", "vm", "-o", "yaml"],
    ["kubectl", ...where, "get", "vm", "-o", "yaml"],
  );
} finally {
  await nestctl.remove();
}
