import { builders, type ImageName } from "../../hack/images/images.ts";
import type { Login } from "./guest.ts";

const IMPORT = "sudo ctr --namespace k8s.io images import --local --snapshotter overlayfs -";

/** Builds images and puts them into a member's containerd by ssh, so that its pods find them without a registry. */
export async function loadGuestImages(
  login: Login,
  address: string,
  names: readonly ImageName[],
): Promise<void> {
  for (const name of names) {
    const { archive } = await builders[name](() => undefined);
    await login.run(address, IMPORT, archive);
  }
}
