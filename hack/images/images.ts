import { buildCoreosLab } from "./coreos-lab.ts";
import { buildHalt } from "./halt.ts";
import { buildLauncher } from "./launcher.ts";
import type { BuiltImage, Log } from "./layers.ts";

export type { BuiltImage, Log } from "./layers.ts";

/** Every image by name; each builds itself, or finds itself in the cache. */
export const builders = {
  launcher: buildLauncher,
  halt: buildHalt,
  coreosLab: buildCoreosLab,
} satisfies Record<string, (log: Log) => Promise<BuiltImage>>;

export type ImageName = keyof typeof builders;
