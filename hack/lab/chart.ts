import { join } from "node:path";
import type { BuiltImage } from "../images/layers.ts";
import { run } from "../lib/exec.ts";
import { repoRoot } from "../lib/paths.ts";
import { buildBinaries } from "./binaries.ts";
import type { Step } from "./steps.ts";

export const release = "nestlet";
export const releaseNamespace = "nestlet-system";
export const deployment = `deployment/${release}-controller`;

/** A cluster that Nestlet goes into. */
export interface Target {
  readonly kubeconfig: string;
  /** `registry.example/nestlet`: where the images were pushed to; absent: they are on the nodes under their own names. */
  readonly imagePrefix?: string;
  /** Nobody else installs anything there. */
  readonly exclusive?: true;
  readonly imageOf: (name: string) => BuiltImage;
}

/** Installs or upgrades the chart and waits for the controller. */
export function chartStep(target: Target, after: readonly string[]): Step {
  return {
    name: "chart",
    title: "Helm chart, controller ready",
    after,
    run: async (report) => {
      const { helm, kubectl } = await buildBinaries(report, ["helm", "kubectl"]);
      const env = { KUBECONFIG: target.kubeconfig };
      if (target.exclusive) await forgetInterrupted(kubectl, env);
      await run(helm, chartArguments(target), { env });
      const inNamespace = ["--namespace", releaseNamespace];
      const rollout = ["rollout", "status", deployment, "--timeout=120s"];
      await run(kubectl, [...inNamespace, ...rollout], { env }).catch(async (error: unknown) => {
        const pods = await run(kubectl, [...inNamespace, "get", "pods"], { env });
        const log = await run(kubectl, [...inNamespace, "logs", deployment, "--tail=10"], { env }).catch(
          (failure: unknown) => String(failure),
        );
        throw new Error(`the controller is not ready\n${pods}\n${log}`, { cause: error });
      });
    },
  };
}

/** Helm refuses to go on where an installation was killed; what that one has made is taken over. */
async function forgetInterrupted(kubectl: string, env: { KUBECONFIG: string }): Promise<void> {
  const states = "pending-install,pending-upgrade,pending-rollback";
  const selector = `--selector=owner=helm,name=${release},status in (${states})`;
  await run(kubectl, ["--namespace", releaseNamespace, "delete", "secret", selector], { env });
}

/** Of `helm`; with an upgrade that changes nothing, nothing is restarted. */
export function chartArguments(target: Target): string[] {
  const image = (name: string): string => imageName(target.imageOf(name).ref, target.imagePrefix);
  const values = [
    ...["controller", "launcher"].map((name) => `${name}.image=${image(name)}`),
    // What clusters are made of comes from the same registry.
    ...(target.imagePrefix === undefined ? [] : [`catalog.coreos-lab.image=${image("coreosLab")}`]),
  ];
  return [
    ...["upgrade", release, join(repoRoot, "deploy/chart"), "--install"],
    ...["--namespace", releaseNamespace, "--create-namespace"],
    ...values.flatMap((value) => ["--set", value]),
    // The lab has one node and little memory.
    ...(target.exclusive === true ? ["--set", "controller.replicas=1"] : []),
  ];
}

/** What a user has to do with the images when the cluster is not the lab's. */
export function imageInstructions(images: readonly BuiltImage[], prefix: string | undefined): string {
  const rows = images.map(({ ref, archive }) => `  ${imageName(ref, prefix)}\n    from ${archive}`);
  const how =
    prefix === undefined
      ? "Import these OCI archives on each node, as with ctr --namespace k8s.io images import FILE:"
      : "Push these OCI archives to the registry, as with skopeo copy oci-archive:FILE docker://NAME:";
  return [how, ...rows].join("\n");
}

/** The name of an image in the registry that it was pushed to. */
export function imageName(ref: string, prefix: string | undefined): string {
  return prefix === undefined ? ref : `${prefix}/${ref.slice(ref.indexOf("/") + 1)}`;
}
