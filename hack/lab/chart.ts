import { join } from "node:path";
import type { BuiltImage } from "../images/layers.ts";
import { run } from "../lib/exec.ts";
import { repoRoot } from "../lib/paths.ts";
import { buildBinaries } from "./binaries.ts";
import type { Step } from "./steps.ts";

export const release = "nestlet";
export const releaseNamespace = "nestlet-system";

/** A cluster that Nestlet goes into. */
export interface Target {
  readonly kubeconfig: string;
  /** `registry.example/nestlet`: where the images were pushed to; absent: they are on the nodes under their own names. */
  readonly imagePrefix?: string;
  readonly imageOf: (name: string) => BuiltImage;
}

/** Installs or upgrades the chart and waits for the controller. */
export function chartStep(target: Target, after: readonly string[]): Step {
  return {
    name: "chart",
    title: "Helm chart, controller ready",
    after,
    run: async (report) => {
      const { helm } = await buildBinaries(report, ["helm"]);
      await run(helm, chartArguments(target), { env: { KUBECONFIG: target.kubeconfig } });
    },
  };
}

/** Of `helm`; with an upgrade that changes nothing, nothing is restarted. */
export function chartArguments(target: Target): string[] {
  const values = ["controller", "launcher"].map(
    (name) => `${name}.image=${imageName(target.imageOf(name).ref, target.imagePrefix)}`,
  );
  return [
    ...["upgrade", release, join(repoRoot, "deploy/chart"), "--install"],
    ...["--namespace", releaseNamespace, "--create-namespace"],
    ...values.flatMap((value) => ["--set", value]),
    ...["--wait", "--timeout", "180s"],
  ];
}

/** The name of an image in the registry that it was pushed to. */
export function imageName(ref: string, prefix: string | undefined): string {
  return prefix === undefined ? ref : `${prefix}/${ref.slice(ref.indexOf("/") + 1)}`;
}
