import { Kubectl } from "../support/kubectl.ts";

/** The image that the controller of this cluster starts: it has a qemu. */
export async function launcherImage(kubeconfig: string): Promise<string> {
  const system = new Kubectl(kubeconfig, "nestlet-system");
  const text = await system.run(["get", "deployment", "nestlet-controller", "-o", "json"]);
  const image = /--launcher-image=([^"]+)"/.exec(text)?.[1];
  if (image === undefined) throw new Error("the controller's Deployment names no --launcher-image");
  return image;
}
