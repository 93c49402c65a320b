import { buildCloudLab } from "./cloud-lab.ts";
import { buildController } from "./controller.ts";
import { buildCoreosBase, buildCoreosLab } from "./coreos-lab.ts";
import { buildGuestbookFrontend, buildGuestbookRedis } from "./guestbook.ts";
import { buildHalt } from "./halt.ts";
import { buildKernelLab } from "./kernel-lab.ts";
import { buildLauncher } from "./launcher.ts";
import type { BuiltImage, Log } from "./layers.ts";
import { buildMetricsServerPayload } from "./metrics-server.ts";
import { buildPayload } from "./payload.ts";

export type { BuiltImage, Log } from "./layers.ts";

/** The lab's images by name; each builds itself, or finds itself in the cache. */
export const labBuilders = {
  controller: buildController,
  launcher: buildLauncher,
  halt: buildHalt,
  coreosLab: buildCoreosLab,
} satisfies Builders;

/** Every image: those for nested clusters and for a few tests as well, which the lab itself has no use for. */
export const builders = {
  ...labBuilders,
  coreosBase: buildCoreosBase,
  coreosPayload: buildPayload,
  metricsServerPayload: buildMetricsServerPayload,
  kernelLab: buildKernelLab,
  cloudLab: buildCloudLab,
  guestbookRedis: buildGuestbookRedis,
  guestbookFrontend: buildGuestbookFrontend,
} satisfies Builders;

type Builders = Record<string, (log: Log) => Promise<BuiltImage>>;

export type ImageName = keyof typeof builders;
