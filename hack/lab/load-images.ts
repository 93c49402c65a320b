import { join } from "node:path";
import { run, succeeds } from "../lib/exec.ts";
import { binDir, nodePaths } from "./config.ts";
import { archivedImages } from "./archive.ts";
import { nodeAt, type Node, type Settings } from "./settings.ts";
import { waitFor } from "./wait.ts";

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
  const list = async (): Promise<ImageRow[]> => parseImageList(await ctr(settings, node, "list"));
  const present = await list();
  for (const { archive } of archives) {
    const images = await archivedImages(archive);
    const missing = images.filter((image) => !isLoaded(present, image));
    if (missing.length === 0) continue;
    report(`loading ${missing.map(({ ref }) => ref).join(", ")}`);
    const replaced = missing.map(({ ref }) => ref).filter((name) => present.some(({ ref }) => ref === name));
    // containerd gives only new names an id that pods can mount, not names that were moved.
    if (replaced.length > 0) await ctr(settings, node, "remove", ...replaced);
    await ctr(settings, node, "import", "--local", archive);
    await waitFor(`loading of ${archive}`, async () => allLoaded(await list(), missing), { seconds: 30 });
  }
}

/** A name in containerd's store, and the manifest that it points to. */
export interface ImageRow {
  readonly ref: string;
  readonly digest: string;
}

/** The rows of `ctr images list`. */
export function parseImageList(table: string): ImageRow[] {
  return table
    .split("\n")
    .slice(1)
    .flatMap((row): ImageRow[] => {
      const [ref, , digest] = row.split(/\s+/);
      return ref === undefined || digest === undefined ? [] : [{ ref, digest }];
    });
}

/** Whether an image is there by its name and by an id, which containerd's CRI plugin adds a moment later. */
export function isLoaded(rows: readonly ImageRow[], image: ImageRow): boolean {
  const names = rows.filter(({ digest }) => digest === image.digest).map(({ ref }) => ref);
  return names.includes(image.ref) && names.some((name) => name.startsWith("sha256:"));
}

function allLoaded(rows: readonly ImageRow[], images: readonly ImageRow[]): boolean {
  return images.every((image) => isLoaded(rows, image));
}

export async function runtimeAnswers(settings: Settings, node: Node): Promise<boolean> {
  return succeeds(join(binDir(settings), "ctr"), [`--address=${nodePaths(node).socket}`, "version"]);
}

async function ctr(settings: Settings, node: Node, ...args: string[]): Promise<string> {
  const address = `--address=${nodePaths(node).socket}`;
  return run(join(binDir(settings), "ctr"), [
    address,
    `--namespace=${kubernetesNamespace}`,
    "images",
    ...args,
  ]);
}
