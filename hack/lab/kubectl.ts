import { join } from "node:path";
import { run, succeeds } from "../lib/exec.ts";
import { kubeconfigOf } from "./components.ts";
import { binDir } from "./config.ts";
import type { Settings } from "./settings.ts";

/** Runs kubectl as the cluster's administrator and returns what it printed. */
export async function kubectl(settings: Settings, args: readonly string[], input = ""): Promise<string> {
  return run(join(binDir(settings), "kubectl"), [administrator(settings), ...args], { stdin: "pipe", input });
}

export async function kubectlSucceeds(settings: Settings, ...args: string[]): Promise<boolean> {
  const kubectlPath = join(binDir(settings), "kubectl");
  return succeeds(kubectlPath, [administrator(settings), "--request-timeout=5s", ...args]);
}

/** A member of system:masters, who needs no role binding yet. */
function administrator(settings: Settings): string {
  return `--kubeconfig=${kubeconfigOf(settings, "super-admin")}`;
}
