import { PAYLOAD_IMAGES } from "../../src/guest-config/payload.ts";
import { binary, pinnedVersion } from "../lab/binaries.ts";
import { modules } from "../lab/modules.ts";
import { archiveLayer, programLayer } from "./guest-images.ts";
import type { BuiltImage, Log } from "./layers.ts";
import { buildExtension } from "./payload.ts";

const PROGRAM = "metrics-server";
const CONFIG = { Entrypoint: [`/${PROGRAM}`], User: "65532:65532", WorkingDir: "/" };

/**
 * A registry disk with the container image of metrics-server, for members that hold Kubernetes themselves: they import
 * what is on a payload disk, whether or not there are programs on it.
 */
export async function buildMetricsServerPayload(log: Log): Promise<BuiltImage> {
  const program = await programLayer(PROGRAM, await binary(PROGRAM, log), PROGRAM, log);
  const image = { ref: await metricsServerReference(), layers: [program], config: CONFIG };
  const path = PAYLOAD_IMAGES.slice(1);
  const name = `${PROGRAM}-payload`;
  const archive = await archiveLayer(`${name}-images`, path, [image], log);
  const tag = await version();
  const title = `container image of metrics-server ${tag}`;
  return buildExtension({ name, title, tag, layers: [archive] }, log);
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
