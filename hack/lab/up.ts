import { existsSync } from "node:fs";
import { labBuilders } from "../images/images.ts";
import type { BuiltImage } from "../images/layers.ts";
import { run } from "../lib/exec.ts";
import { binary } from "./binaries.ts";
import { clusterSteps } from "./cluster.ts";
import { chartStep, imageInstructions, type Target } from "./chart.ts";
import { takeDown } from "./down.ts";
import { loadImages } from "./load-images.ts";
import { inspectMachine } from "./machine.ts";
import { networkStands } from "./network.ts";
import { faults } from "./preflight.ts";
import { kubeconfigPath, namespacePath, type Settings } from "./settings.ts";
import { runSteps, type Step } from "./steps.ts";

/** A cluster alone, or with Nestlet in it. */
export type Extent = "bare" | "whole";

/**
 * Brings the lab up, or whatever of it is not: cluster, images, chart.
 * @throws Error naming all that the machine lacks, before anything is begun
 */
export async function bringUp(settings: Settings, extent: Extent): Promise<void> {
  const found = faults(await inspectMachine(settings), settings);
  if (found.length > 0) throw new Error(`This machine cannot run the lab:\n${asList(found)}`);
  // An `up` that was killed in the middle left half a network.
  if (existsSync(namespacePath(settings)) && !(await networkStands(settings))) await takeDown(settings);
  await runSteps([...clusterSteps(settings), ...(extent === "whole" ? nestletSteps(settings) : [])]);
}

function nestletSteps(settings: Settings): Step[] {
  const images = new Map<string, BuiltImage>();
  const target: Target = {
    kubeconfig: kubeconfigPath(settings),
    exclusive: true,
    imageOf: (name) => builtImage(images, name),
  };
  return [
    ...imageSteps(images),
    ...imageNames.map((name) => loadStep(settings, images, name)),
    chartStep(target, ["cluster", "load-controller", "load-launcher"]),
  ];
}

/** Builds the images and installs the chart into a cluster that is there already. */
export async function installInto(
  target: Omit<Target, "imageOf">,
  print: (text: string) => void,
): Promise<void> {
  await assertUsable(target.kubeconfig);
  const images = new Map<string, BuiltImage>();
  await runSteps(imageSteps(images));
  print(imageInstructions([...images.values()], target.imagePrefix));
  await runSteps([chartStep({ ...target, imageOf: (name) => builtImage(images, name) }, [])]);
}

/** @throws Error naming the kubeconfig when its cluster does not answer or is too old */
async function assertUsable(kubeconfig: string): Promise<void> {
  if (!existsSync(kubeconfig)) throw new Error(`--kubeconfig ${kubeconfig}: there is no such file`);
  const env = { KUBECONFIG: kubeconfig };
  const kubectl = await binary("kubectl", (line) => {
    console.log(line);
  });
  const text = await run(kubectl, ["version", "--output=json", "--request-timeout=10s"], { env }).catch(
    (error: unknown) => {
      throw new Error(
        `--kubeconfig ${kubeconfig}: its cluster does not answer: ${(error as Error).message}`,
        {
          cause: error,
        },
      );
    },
  );
  const { serverVersion } = JSON.parse(text) as { serverVersion: { major: string; minor: string } };
  const minor = Number.parseInt(serverVersion.minor);
  if (minor >= oldestMinor) return;
  throw new Error(
    `--kubeconfig ${kubeconfig}: Kubernetes ${serverVersion.major}.${serverVersion.minor} has no image volumes ` +
      `unless they are switched on; take 1.${oldestMinor} or newer`,
  );
}

/** The first Kubernetes 1.x with image volumes on by default. */
const oldestMinor = 35;

const imageNames = Object.keys(labBuilders);

function imageSteps(images: Map<string, BuiltImage>): Step[] {
  return Object.entries(labBuilders).map(([name, build]) => ({
    name: `image-${name}`,
    title: `Image ${name}`,
    run: async (report) => {
      images.set(name, await build(report));
    },
  }));
}

function loadStep(settings: Settings, images: ReadonlyMap<string, BuiltImage>, name: string): Step {
  return {
    name: `load-${name}`,
    title: `Image ${name} on the node`,
    after: ["containerd", `image-${name}`],
    run: async (report) => loadImages(settings, [builtImage(images, name)], report),
  };
}

function builtImage(images: ReadonlyMap<string, BuiltImage>, name: string): BuiltImage {
  const image = images.get(name);
  if (image === undefined)
    throw new Error(`no image is called ${name}; hack/images/images.ts has ${imageNames.join(", ")}`);
  return image;
}

function asList(lines: readonly string[]): string {
  return lines.map((line) => ` - ${line}`).join("\n");
}
