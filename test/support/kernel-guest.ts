import assert from "node:assert/strict";
import { join } from "node:path";
import { builders } from "../../hack/images/images.ts";
import { run } from "../../hack/lib/exec.ts";
import { repoRoot } from "../../hack/lib/paths.ts";
import { waitForPhase } from "./instances.ts";
import type { Kubectl } from "./kubectl.ts";
import { instance, instanceSpec } from "./objects.ts";
import { kernelArguments, readScriptRun, type ScriptRun } from "./script-run.ts";

/** Guests of `nestlet.dev/kernel-lab:1`, which have a driver of each device, run one script and power off. */

/** For pod, boot and script, on a machine that emulates other guests as well. */
const RUN_MS = 180_000;

let loaded: Promise<void> | undefined;

/** Builds the image and loads it into the lab, once for all test files of a process. */
export async function loadKernelLab(): Promise<void> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<void> {
  const { archive } = await builders.kernelLab(() => undefined);
  await run(join(repoRoot, "hack/lab.sh"), ["load-image", archive]);
}

/** What a guest has beside its processor, its memory and the script. */
export interface KernelGuest {
  /** `spec.domain.devices`; left out, neither disk nor network card. */
  devices?: Record<string, unknown>;
  networks?: readonly object[];
  volumes?: readonly object[];
}

/** An instance whose guest runs the script. @throws RangeError when that is too long for a kernel's command line */
export function kernelGuest(
  name: string,
  script: string,
  guest: KernelGuest = {},
): { spec: Record<string, unknown> } {
  const { devices = { autoattachPodInterface: false }, networks = [], volumes = [] } = guest;
  const container = {
    image: "nestlet.dev/kernel-lab:1",
    kernelPath: "/boot/vmlinuz",
    initrdPath: "/boot/initrd",
  };
  const firmware = { kernelBoot: { kernelArgs: kernelArguments(script), container } };
  const domain = { memory: { guest: "256Mi" }, firmware, devices };
  const spec = instanceSpec({ spec: { domain, networks, volumes } });
  return { ...instance(name), spec };
}

/** Waits for the end of such a guest; one that did not come to the end of its script is an error with its console. */
export async function scriptRunOf(kubectl: Kubectl, name: string): Promise<ScriptRun> {
  const logs = ["logs", "-l", `nestlet.dev/virtual-machine-instance=${name}`, "--tail=-1"];
  try {
    await waitForPhase(kubectl, name, "Succeeded", RUN_MS);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${(await kubectl.try(logs)).output}`, { cause: error });
  }
  return readScriptRun(await kubectl.run(logs));
}

/** Runs a script in a guest of its own, which is deleted, and returns what it printed. */
export async function runInKernel(
  kubectl: Kubectl,
  name: string,
  script: string,
  guest?: KernelGuest,
): Promise<string> {
  await kubectl.apply(kernelGuest(name, script, guest));
  const { output, exitCode } = await scriptRunOf(kubectl, name);
  assert.equal(exitCode, 0, output);
  await kubectl.run(["delete", "vmi", name, "--timeout=60s"]);
  return output;
}
