// Brings what is generated from crds/ and from nestctl's definitions up to date (`update`), or fails when it is not (`verify`).
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { repoRoot } from "../lib/paths.ts";
import { apiKinds, apiReference, apiReferenceText } from "./api-reference.ts";
import { cliReference, cliReferenceText } from "./cli-reference.ts";
import { undescribed } from "./crd.ts";
import { models } from "./models.ts";
import { withTemplateSpec } from "./template-spec.ts";

const machineCrd = join(repoRoot, "crds/virtualmachine.yaml");
const instanceCrd = join(repoRoot, "crds/virtualmachineinstance.yaml");
const modelsDir = join(repoRoot, "src/api/generated");

async function machineCrdText(): Promise<string> {
  const text = withTemplateSpec(await readFile(machineCrd, "utf8"), await readFile(instanceCrd, "utf8"));
  return format(text, { ...(await resolveConfig(machineCrd)), parser: "yaml" });
}

async function update(): Promise<void> {
  await writeFile(machineCrd, await machineCrdText());
  await writeFile(apiReference, await apiReferenceText());
  await writeFile(cliReference, await cliReferenceText());
  const wanted = await models();
  await mkdir(modelsDir, { recursive: true });
  for (const [name, text] of wanted) await writeFile(join(modelsDir, name), text);
  const extra = (await readdir(modelsDir)).filter((name) => !wanted.has(name));
  await Promise.all(extra.map(async (name) => rm(join(modelsDir, name))));
}

async function staleFiles(): Promise<string[]> {
  const expected = new Map<string, string>([
    [machineCrd, await machineCrdText()],
    [apiReference, await apiReferenceText()],
    [cliReference, await cliReferenceText()],
  ]);
  for (const [name, text] of await models()) expected.set(join(modelsDir, name), text);
  const stale: string[] = [];
  for (const [path, text] of expected) {
    const present = await readFile(path, "utf8").catch(() => undefined);
    if (present !== text) stale.push(path);
  }
  const extra = (await readdir(modelsDir).catch(() => [])).map((name) => join(modelsDir, name));
  return [...stale, ...extra.filter((path) => !expected.has(path))];
}

async function verify(): Promise<string[]> {
  const stale = await staleFiles();
  return stale.map((path) => `${path} is not what crds/ and src/nestctl give: run \`npm run generate\``);
}

/** What is wrong with crds/ themselves comes first: nothing is made of it. */
async function faults(verb: "update" | "verify"): Promise<string[]> {
  const missing = (await apiKinds()).flatMap(undescribed);
  if (missing.length > 0) return missing;
  if (verb === "verify") return verify();
  await update();
  return [];
}

const [verb = ""] = process.argv.slice(2);
if (verb === "update" || verb === "verify") {
  const found = await faults(verb);
  for (const fault of found) console.error(fault);
  process.exitCode = found.length === 0 ? 0 : 1;
} else {
  console.error(`generate: unknown verb "${verb}"; use update or verify`);
  process.exitCode = 2;
}
