import { buildController } from "./controller.ts";
import { buildCoreosBase, buildCoreosLab } from "./coreos-lab.ts";
import { buildHalt } from "./halt.ts";
import { buildLauncher } from "./launcher.ts";
import type { BuiltImage, Log } from "./layers.ts";
import { buildPayload } from "./payload.ts";

export type { BuiltImage, Log } from "./layers.ts";

/** The images of a lab by name; each builds itself, or finds itself in the cache. */
export const builders = {
  controller: buildController,
  launcher: buildLauncher,
  halt: buildHalt,
  coreosLab: buildCoreosLab,
} satisfies Record<string, (log: Log) => Promise<BuiltImage>>;

/** With those that are built only where they are named. */
export const allBuilders = {
  ...builders,
  coreosBase: buildCoreosBase,
  coreosPayload: buildPayload,
} satisfies Record<string, (log: Log) => Promise<BuiltImage>>;

export type ImageName = keyof typeof allBuilders;
