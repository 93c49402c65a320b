import { cp, mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { buildBinaries, type BinaryName } from "../lab/binaries.ts";
import { makeLayer, recipeParts, recipesDir, type Log } from "./layers.ts";
import type { Layer } from "./oci.ts";

/** Minor version of the Kubernetes that guests get, the tag of their images. */
export const KUBERNETES_MINOR = "1.36";

const CNI_PLUGINS: readonly BinaryName[] = ["bridge", "host-local", "loopback", "portmap"];
const PROGRAMS: readonly BinaryName[] = [
  "kubelet",
  "kubeadm",
  "kubectl",
  "containerd",
  "containerd-shim-runc-v2",
  "ctr",
  "runc",
];

/**
 * What makes a system a Kubernetes node: programs and units, as files of its root.
 * @param cniFolder where the CNI plugins go, from the root
 */
export async function makeKubernetesLayer(cniFolder: string, log: Log): Promise<Layer> {
  const binaries = await buildBinaries(log, [...PROGRAMS, ...CNI_PLUGINS]);
  return makeLayer(
    {
      name: `guest-node-${cniFolder.split("/")[0] ?? ""}`,
      title: `containerd, kubelet and kubeadm ${KUBERNETES_MINOR}`,
      keyParts: [
        cniFolder,
        // They lie in folders that are named by their content.
        ...[...PROGRAMS, ...CNI_PLUGINS].map((name) => basename(dirname(binaries[name]))),
        ...(await recipeParts("deploy/images/payload/rootfs", "hack/images/kubernetes.ts")),
      ],
      owner: 0,
      fill: async (root) => {
        const place = async (names: readonly BinaryName[], folder: string): Promise<void> => {
          await mkdir(join(root, folder), { recursive: true });
          for (const name of names) {
            await cp(binaries[name], join(root, folder, name), { verbatimSymlinks: true });
          }
        };
        await place(PROGRAMS, "usr/bin");
        await place(CNI_PLUGINS, cniFolder);
        // Some of the programs are links to this one.
        await cp(join(binaries.kubelet, "../kubernetes"), join(root, "usr/bin/kubernetes"));
        await cp(join(recipesDir, "payload/rootfs"), root, { recursive: true });
      },
    },
    log,
  );
}
