import { stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { builders, labBuilders, type ImageName } from "./images.ts";
import { megabytes, type Log } from "./layers.ts";
import { checkReproducible } from "./reproducible.ts";

/**
 * Builds images and prints `name, reference, size, archive`, one line each.
 *
 *   node hack/images/main.ts [--check-reproducible] [name...]
 *
 * Without names it takes those of a lab. With `--check-reproducible` it builds them a second time in an empty cache and
 * compares.
 */
const names = Object.keys(builders) as ImageName[];
const log: Log = (line) => {
  console.error(line);
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { "check-reproducible": { type: "boolean", default: false } },
  });
  const unknown = positionals.find((name) => !names.includes(name as ImageName));
  if (unknown !== undefined) {
    throw new Error(`no image is called ${unknown}; there are ${names.join(", ")}`);
  }
  const wanted =
    positionals.length > 0 ? (positionals as ImageName[]) : (Object.keys(labBuilders) as ImageName[]);
  const results = await Promise.allSettled(wanted.map(print));
  const failures = results.filter((result) => result.status === "rejected");
  for (const { reason } of failures) console.error(messageOf(reason));
  if (failures.length > 0) return 1;
  return values["check-reproducible"] ? checkReproducible(wanted, log) : 0;
}

async function print(name: ImageName): Promise<void> {
  const image = await builders[name](log);
  const { size } = await stat(image.archive);
  console.log([name, image.ref, megabytes(size), image.archive].join("\t"));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 2;
}
