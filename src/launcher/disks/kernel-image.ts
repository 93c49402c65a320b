import type { KernelBootPlan } from "../../launch-plan/launch-plan.ts";
import type { KernelBoot } from "../domain/domain-spec.ts";
import { fileOfImage } from "./image-file.ts";

/**
 * Where the kernel and its initrd are.
 * @throws StartError naming the image and the file when one is missing
 */
export async function prepareKernel(boot: KernelBootPlan | undefined): Promise<KernelBoot | undefined> {
  if (boot === undefined) return undefined;
  const { mountPath, kernelPath, initrdPath } = boot;
  const subject = `kernelBoot ${boot.image}`;
  const [kernel, initrd] = await Promise.all([
    fileOfImage(subject, mountPath, kernelPath),
    initrdPath === undefined ? undefined : fileOfImage(subject, mountPath, initrdPath),
  ]);
  return {
    kernel,
    ...(initrd === undefined ? {} : { initrd }),
    ...(boot.arguments === undefined ? {} : { arguments: boot.arguments }),
  };
}
