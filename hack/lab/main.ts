import { clusterSteps } from "./cluster.ts";
import { takeDown, removeState } from "./down.ts";
import { readSettings, kubeconfigPath } from "./settings.ts";
import { runSteps } from "./steps.ts";

const settings = readSettings();
const [verb] = process.argv.slice(2);
if (verb === "up") await runSteps(clusterSteps(settings));
if (verb === "down") await takeDown(settings);
if (verb === "purge") await removeState(settings);
console.log(kubeconfigPath(settings));
