import { copyFile, mkdir, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { PAYLOAD_IMAGES } from "../../src/guest-config/payload.ts";
import { binary, pinnedVersion } from "../lab/binaries.ts";
import { modules } from "../lab/modules.ts";
import { makeLayer, recipeParts, type BuiltImage, type Log } from "./layers.ts";
import { imageDigest, writeArchive, type Layer, type NamedImage } from "./oci.ts";
import { buildExtension } from "./payload.ts";

const PROGRAM = "metrics-server";
const CONFIG = { Entrypoint: [`/${PROGRAM}`], User: "65532:65532", WorkingDir: "/" };

/**
 * A registry disk with the container image of metrics-server, for members that hold Kubernetes themselves: they import
 * what is on a payload disk, whether or not there are programs on it.
 */
export async function buildMetricsServerPayload(log: Log): Promise<BuiltImage> {
  const ref = await metricsServerReference();
  const archive = await archiveLayer({ ref, layers: [await programLayer(log)], config: CONFIG }, log);
  const tag = await version();
  const title = `container image of metrics-server ${tag}`;
  return buildExtension({ name: `${PROGRAM}-payload`, title, tag, layers: [archive] }, log);
}

/** What pods of guests call the image: `nestlet.dev/metrics-server:v0.9.0`. */
export async function metricsServerReference(): Promise<string> {
  return `nestlet.dev/${PROGRAM}:${await version()}`;
}

async function version(): Promise<string> {
  const module = modules.find(({ name }) => name === PROGRAM);
  if (module === undefined) throw new Error(`${PROGRAM} is not among the lab's Go modules`);
  return pinnedVersion(module);
}

async function programLayer(log: Log): Promise<Layer> {
  const program = await binary(PROGRAM, log);
  return makeLayer(
    {
      name: `guest-${PROGRAM}`,
      title: PROGRAM,
      // In a folder that is named by its content.
      keyParts: [basename(dirname(program))],
      owner: 0,
      fill: async (root) => copyFile(program, join(root, PROGRAM)),
    },
    log,
  );
}

/** Not compressed, as all on the disk: the qcow2 around it is, and an emulated guest would inflate ten times slower. */
async function archiveLayer(image: NamedImage, log: Log): Promise<Layer> {
  return makeLayer(
    {
      name: `${PROGRAM}-payload-images`,
      title: "container images, in an archive",
      keyParts: [
        PAYLOAD_IMAGES,
        image.ref,
        imageDigest(image.layers, image.config),
        ...(await recipeParts("hack/images/metrics-server.ts")),
      ],
      owner: 0,
      fill: async (root, scratch) => {
        const path = join(root, PAYLOAD_IMAGES);
        await mkdir(dirname(path), { recursive: true });
        await writeArchive(scratch, image);
        await rename(join(scratch, "image.tar"), path);
      },
    },
    log,
  );
}
