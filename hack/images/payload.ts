import { cp, link, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { EXTENSION_NAME, PAYLOAD_CNI_FOLDER, PAYLOAD_IMAGES } from "../../src/guest-config/payload.ts";
import { compressDisk, makeSystem } from "./coreos-lab.ts";
import { inNamespace } from "./debian.ts";
import { makeImagesArchive } from "./guest-images.ts";
import { DISK_OWNER } from "./halt.ts";
import { KUBERNETES_MINOR, makeKubernetesLayer } from "./kubernetes.ts";
import { makeImage, makeLayer, recipeParts, recipesDir, type BuiltImage, type Log } from "./layers.ts";
import { writeTar } from "./oci.ts";

/** The kubelet and kubeadm make it where it is missing, which they cannot below a /usr that is read-only. */
const FLEX_VOLUMES = "usr/libexec/kubernetes/kubelet-plugins/volume/exec";

const recipe = join(recipesDir, "payload");

/** A registry disk with Kubernetes as a systemd system extension, for guests whose image lacks it. */
export async function buildPayload(log: Log): Promise<BuiltImage> {
  const { base, parts } = await makeSystem(log);
  const [kubernetes, images] = await Promise.all([
    makeKubernetesLayer(PAYLOAD_CNI_FOLDER.slice(1), log),
    makeImagesArchive(PAYLOAD_IMAGES.slice(1), base, parts, log),
  ]);
  const layer = await makeLayer(
    {
      name: "coreos-payload",
      title: `Kubernetes ${KUBERNETES_MINOR} as a system extension`,
      keyParts: [
        EXTENSION_NAME,
        kubernetes.digest,
        images.digest,
        ...(await recipeParts("deploy/images/payload", "hack/images/payload.ts")),
      ],
      owner: DISK_OWNER,
      fill: async (root, scratch) => {
        await mkdir(join(scratch, "layers"));
        await link(kubernetes.tar, join(scratch, "layers/10-kubernetes.tar"));
        await link(images.tar, join(scratch, "layers/20-images.tar"));
        const extension = join(scratch, "extension");
        await mkdir(join(extension, FLEX_VOLUMES), { recursive: true });
        const release = `extension-release.${EXTENSION_NAME}`;
        await cp(join(recipe, "extension-release"), join(extension, "usr/lib/extension-release.d", release));
        await writeTar(join(scratch, "layers/30-extension.tar"), extension, ["."], 0);
        log("coreos-payload: writing the disk");
        const raw = join(scratch, "disk.raw");
        await inNamespace([join(recipe, "assemble.sh"), scratch, raw]);
        await mkdir(join(root, "disk"));
        await compressDisk(raw, join(root, "disk/coreos-payload.qcow2"));
      },
    },
    log,
  );
  return makeImage("nestlet.dev/coreos-payload", KUBERNETES_MINOR, [layer], {});
}
