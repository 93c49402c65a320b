import { join } from "node:path";
import { run, succeeds } from "../lib/exec.ts";
import { binDir, nodePaths } from "./config.ts";
import { archivedImages } from "./archive.ts";
import { nodeAt, type Node, type Settings } from "./settings.ts";

/** containerd's namespace for what the kubelet runs. */
const kubernetesNamespace = "k8s.io";

/**
 * Imports image archives (OCI layout in a tar file) into the lab's node, but for those that are there already.
 * @throws Error naming the archive that is not one
 */
export async function loadImages(
  settings: Settings,
  archives: readonly { readonly archive: string }[],
  report: (line: string) => void,
): Promise<void> {
  const node = nodeAt(settings, 1);
  const present = parseImageList(await ctr(settings, node, "images", "list"));
  for (const { archive } of archives) {
    const images = await archivedImages(archive);
    const missing = images.filter(({ ref, digest }) => present.get(ref) !== digest);
    if (missing.length === 0) continue;
    report(`loading ${missing.map(({ ref }) => ref).join(", ")}`);
    await ctr(settings, node, "images", "import", "--local", archive);
  }
}

/** Digests by name in the output of `ctr images list`. */
export function parseImageList(table: string): Map<string, string> {
  const rows = table.split("\n").slice(1);
  return new Map(
    rows.flatMap((row) => {
      const [ref, , digest] = row.split(/\s+/);
      return ref === undefined || digest === undefined ? [] : [[ref, digest] as const];
    }),
  );
}

export async function runtimeAnswers(settings: Settings, node: Node): Promise<boolean> {
  return succeeds(join(binDir(settings), "ctr"), [`--address=${nodePaths(node).socket}`, "version"]);
}

async function ctr(settings: Settings, node: Node, ...args: string[]): Promise<string> {
  const address = `--address=${nodePaths(node).socket}`;
  return run(join(binDir(settings), "ctr"), [address, `--namespace=${kubernetesNamespace}`, ...args]);
}
