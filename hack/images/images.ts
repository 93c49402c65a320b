import { buildController } from "./controller.ts";
import { buildCoreosLab } from "./coreos-lab.ts";
import { buildHalt } from "./halt.ts";
import { buildLauncher } from "./launcher.ts";
import type { BuiltImage, Log } from "./layers.ts";

export type { BuiltImage, Log } from "./layers.ts";

/** Every image by name; each builds itself, or finds itself in the cache. */
export const builders = {
  controller: buildController,
  launcher: buildLauncher,
  halt: buildHalt,
  coreosLab: buildCoreosLab,
} satisfies Record<string, (log: Log) => Promise<BuiltImage>>;

export type ImageName = keyof typeof builders;

/** Builds every image that the cache lacks. */
export async function buildImages(log: Log): Promise<Record<ImageName, BuiltImage>> {
  const built = await Promise.all(
    Object.entries(builders).map(async ([name, build]) => [name, await build(log)] as const),
  );
  return Object.fromEntries(built) as Record<ImageName, BuiltImage>;
}
