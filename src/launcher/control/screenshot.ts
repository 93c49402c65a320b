import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DomainControl } from "../hypervisor/domain-control.ts";
import { VerbError } from "./protocol.ts";

/** qemu runs in the launcher's own file system. */
const FOLDER = "/var/run/nestlet";
const PNG = Buffer.from("89504e470d0a1a0a", "hex");

/**
 * What the guest's display shows now, as PNG.
 * @throws VerbError with qemu's words
 */
export async function takeScreenshot(domain: Pick<DomainControl, "qmp">, folder = FOLDER): Promise<Buffer> {
  const own = await mkdtemp(join(folder, "screen-"));
  try {
    const filename = join(own, "screen.png");
    const command = { execute: "screendump", arguments: { filename, format: "png" } };
    refuseErrors(await domain.qmp(JSON.stringify(command)));
    const image = await readFile(filename);
    if (image.subarray(0, PNG.length).equals(PNG)) return image;
    throw new VerbError("Refused", `qemu wrote ${image.length} bytes that are no PNG image; try again`);
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

function refuseErrors(answer: string): void {
  const { error } = JSON.parse(answer) as { error?: { desc?: string } };
  if (error !== undefined) {
    throw new VerbError("Refused", `qemu takes no picture of the display: ${error.desc ?? answer}`);
  }
}
