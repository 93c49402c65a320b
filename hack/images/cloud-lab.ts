import { cp } from "node:fs/promises";
import { join } from "node:path";
import { makeBase, makeDisk, makeParts, PACKAGES } from "./coreos-lab.ts";
import { makeImage, makeLayer, recipeParts, recipesDir, type BuiltImage, type Log } from "./layers.ts";
import type { Layer } from "./oci.ts";

/** The guest of `coreos-lab` with cloud-init in Ignition's place, as cloud images of distributions have it. */
export async function buildCloudLab(log: Log): Promise<BuiltImage> {
  const title = "Debian system of the guest, with cloud-init";
  const [base, parts, settings] = await Promise.all([
    makeBase({ name: "cloud-lab-base", title, packages: [...PACKAGES, "cloud-init"] }, log),
    makeParts(log),
    makeSettings(log),
  ]);
  const disk = { name: "cloud-lab", title: "guest with cloud-init", system: { base, parts } };
  const layer = await makeDisk({ ...disk, further: [settings] }, log);
  return makeImage("nestlet.dev/cloud-lab", "1", [layer], {});
}

async function makeSettings(log: Log): Promise<Layer> {
  const recipe = "deploy/images/cloud-lab";
  return makeLayer(
    {
      name: "cloud-lab-settings",
      title: "what cloud-init does in the guest",
      keyParts: await recipeParts(recipe, "hack/images/cloud-lab.ts"),
      owner: 0,
      fill: async (root) => cp(join(recipesDir, "cloud-lab/rootfs"), root, { recursive: true }),
    },
    log,
  );
}
