import { cp, link, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { EXTENSION_NAME, PAYLOAD_CNI_FOLDER, PAYLOAD_IMAGES } from "../../src/guest-config/payload.ts";
import { compressDisk, makeSystem } from "./coreos-lab.ts";
import { inNamespace } from "./debian.ts";
import { makeImagesArchive } from "./guest-images.ts";
import { DISK_OWNER } from "./halt.ts";
import { KUBERNETES_MINOR, makeKubernetesLayer } from "./kubernetes.ts";
import { makeImage, makeLayer, recipeParts, recipesDir, type BuiltImage, type Log } from "./layers.ts";
import { writeTar, type Layer } from "./oci.ts";

/**
 * The kubelet and kubeadm make the first where it is missing, which they cannot below a /usr that is read-only. The
 * others are there for the labels that programs and units get.
 */
const FOLDERS = ["usr/libexec/kubernetes/kubelet-plugins/volume/exec", "usr/bin", "usr/lib/systemd/system"];

const recipe = join(recipesDir, "payload");

/** A registry disk with Kubernetes as a systemd system extension, for guests whose image lacks it. */
export async function buildPayload(log: Log): Promise<BuiltImage> {
  const { base, parts } = await makeSystem(log);
  const layers = await Promise.all([
    makeKubernetesLayer(PAYLOAD_CNI_FOLDER.slice(1), log),
    makeImagesArchive(PAYLOAD_IMAGES.slice(1), base, parts, log),
  ]);
  const title = `Kubernetes ${KUBERNETES_MINOR} as a system extension`;
  return buildExtension({ name: "coreos-payload", title, tag: KUBERNETES_MINOR, layers }, log);
}

interface Extension {
  /** Of the image, and of the disk in it. */
  readonly name: string;
  readonly title: string;
  readonly tag: string;
  /** What is in the extension. */
  readonly layers: readonly Layer[];
}

/** A registry disk with a systemd system extension. */
export async function buildExtension({ name, title, tag, layers }: Extension, log: Log): Promise<BuiltImage> {
  const layer = await makeLayer(
    {
      name,
      title,
      keyParts: [
        EXTENSION_NAME,
        ...layers.map(({ digest }) => digest),
        ...(await recipeParts("deploy/images/payload", "hack/images/payload.ts")),
      ],
      owner: DISK_OWNER,
      fill: async (root, scratch) => {
        await mkdir(join(scratch, "layers"));
        for (const [number, { tar }] of layers.entries()) {
          await link(tar, join(scratch, `layers/1${String(number)}-content.tar`));
        }
        const extension = join(scratch, "extension");
        for (const folder of FOLDERS) await mkdir(join(extension, folder), { recursive: true });
        const release = `extension-release.${EXTENSION_NAME}`;
        await cp(join(recipe, "extension-release"), join(extension, "usr/lib/extension-release.d", release));
        await writeTar(join(scratch, "layers/30-extension.tar"), extension, ["."], 0);
        log(`${name}: writing the disk`);
        const raw = join(scratch, "disk.raw");
        await inNamespace([join(recipe, "assemble.sh"), scratch, raw]);
        await mkdir(join(root, "disk"));
        await compressDisk(raw, join(root, `disk/${name}.qcow2`));
      },
    },
    log,
  );
  return makeImage(`nestlet.dev/${name}`, tag, [layer], {});
}
