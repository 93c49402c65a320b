import type { Command } from "commander";
import { resourcePath, type KubeObject, type Resource } from "../../kube/object.ts";
import { candidatesFor, type Candidates } from "./candidates.ts";

/** A shell that waits for words is a shell that hangs. */
const PATIENCE_MS = 2000;
/** To shells in the words of Cobra, which kubectl's own completion reads: no names of files beside these. */
const NO_FILES = ":4\n";

/**
 * Prints what could stand in the place of the last word, a line each, with what it stands for behind a tab; then a line
 * with a directive.
 */
export async function complete(program: Command, typed: readonly string[]): Promise<number> {
  const candidates = candidatesFor(program, typed);
  const last = typed.at(-1) ?? "";
  const words = [...candidates.words, ...(await namesFor(candidates)).map((word) => ({ word, what: "" }))];
  const lines = words
    .filter(({ word }) => word.startsWith(last))
    .map(({ word, what }) => (what === "" ? `${word}\n` : `${word}\t${what}\n`));
  process.stdout.write(lines.join("") + NO_FILES);
  return 0;
}

/** Nothing that goes wrong may disturb a person who types. */
async function namesFor(candidates: Candidates): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string[]>((resolve) => {
    timer = setTimeout(() => resolve([]), PATIENCE_MS);
  });
  try {
    return await Promise.race([lookedUp(candidates), late]);
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}

async function lookedUp({ names, globals }: Candidates): Promise<string[]> {
  if (names === undefined) return [];
  if (names === "context") {
    const { readKubeConfig } = await import("../../kube/kube-config.ts");
    return readKubeConfig(globals.kubeconfig)
      .getContexts()
      .map(({ name }) => name);
  }
  const { withSession } = await import("../kube/session.ts");
  return withSession(globals, async ({ client, namespace }) => {
    const path =
      names === "namespace" ? "/api/v1/namespaces" : resourcePath(await resourceOf(names), namespace);
    const { items } = await client.call<{ items: KubeObject[] }>("GET", path, undefined, 0);
    return items.map(({ metadata }) => metadata.name);
  });
}

async function resourceOf(names: "vm" | "cluster"): Promise<Resource<KubeObject>> {
  const { oneKind } = await import("../kube/kinds.ts");
  return oneKind(names).resource;
}
