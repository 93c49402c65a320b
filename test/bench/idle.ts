// npm run bench:idle: what the members of a nested cluster take of the processor when nobody asks anything of them, by
// minutes since the cluster was Ready. Needs the lab, and a machine with nothing else to do. AT (3,5,10,20,30) are the
// minutes at which readings begin, of a minute each.
import { setTimeout as sleep } from "node:timers/promises";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { smallCluster, untilReady } from "../support/nested.ts";
import { usedInAMinute } from "./processor-time.ts";

const minutes = (process.env["AT"] ?? "3,5,10,20,30").split(",").map(Number);
if (minutes.some((minute) => !(minute >= 0)))
  throw new Error("AT is not a list of minutes; give one, such as 3,5,10");

const kubectl = await ownNamespace("bench-idle", { "pod-security.kubernetes.io/enforce": "privileged" });
try {
  await kubectl.apply(smallCluster("lab", 1));
  await untilReady(kubectl, "lab", 1);
  const readyAt = performance.now();
  for (const minute of minutes.toSorted((a, b) => a - b)) {
    await sleep(Math.max(0, readyAt + minute * 60_000 - performance.now()));
    const used = [...(await usedInAMinute(kubectl))].map(([pod, value]) => `${pod} ${value.toFixed(2)}`);
    console.log(`${String(minute)} minutes after Ready: ${used.join(", ")}`);
  }
} finally {
  await deleteNamespace(kubectl);
}
