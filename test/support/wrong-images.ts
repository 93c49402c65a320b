import { join } from "node:path";
import { makeImage, makeLayer, put } from "../../hack/images/layers.ts";
import { run } from "../../hack/lib/exec.ts";
import { repoRoot } from "../../hack/lib/paths.ts";

/** Registry disks that must be refused, each for one reason. */
const wrongImages: Record<string, (root: string) => Promise<void>> = {
  "no-disk": async (root) => put(root, "readme.txt", "a disk belongs into /disk"),
  "two-disks": async (root) => {
    await put(root, "disk/a.img", Buffer.alloc(65536));
    await put(root, "disk/b.img", Buffer.alloc(65536));
  },
  "backing-file": async (root) => {
    await put(root, "disk/.keep", "");
    const disk = join(root, "disk/evil.qcow2");
    await run("qemu-img", [
      "create",
      "-q",
      "-f",
      "qcow2",
      "-u",
      "-b",
      "/etc/shadow",
      "-F",
      "raw",
      disk,
      "1M",
    ]);
    await run("rm", [join(root, "disk/.keep")]);
  },
  truncated: async (root) => {
    const magicAlone = Buffer.from([0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 3]); // a qcow2 header that ends too soon
    await put(root, "disk/broken.qcow2", magicAlone);
  },
};

/** Builds the images and loads them into the lab. */
export async function loadWrongImages(): Promise<void> {
  const archives = await Promise.all(
    Object.entries(wrongImages).map(async ([name, fill]) => {
      const recipe = {
        name: `wrong-${name}`,
        title: "a disk to refuse",
        keyParts: [fill.toString()],
        owner: 107,
        fill,
      };
      const layer = await makeLayer(recipe, () => undefined);
      return (await makeImage(`nestlet.dev/wrong-${name}`, "1", [layer], {})).archive;
    }),
  );
  await run(join(repoRoot, "hack/lab.sh"), ["load-image", ...archives]);
}
