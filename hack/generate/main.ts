// Brings what is generated from crds/ and from nestctl's definitions up to date (`update`), or fails when it is not (`verify`).
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { repoRoot } from "../lib/paths.ts";
import { cliReference, cliReferenceText } from "./cli-reference.ts";
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

const [verb = ""] = process.argv.slice(2);
if (verb === "update") {
  await update();
} else if (verb === "verify") {
  const stale = await staleFiles();
  for (const path of stale)
    console.error(`${path} is not what crds/ and src/nestctl give: run \`npm run generate\``);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  console.error(`generate: unknown verb "${verb}"; use update or verify`);
  process.exitCode = 2;
}
