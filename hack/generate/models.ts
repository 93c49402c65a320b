import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { run } from "../lib/exec.ts";
import { repoRoot } from "../lib/paths.ts";

const banner = "// Generated from crds/ by `npm run generate`; do not edit.\n";

/** The kinds of nestlet.dev/v1alpha1, by the file of their CRD. */
const kinds = {
  "virtualmachine.yaml": "VirtualMachine",
  "virtualmachineinstance.yaml": "VirtualMachineInstance",
  "coreoscluster.yaml": "CoreOSCluster",
} as const;

/**
 * Typed models of the CRDs, by file name. Of what crd-generate writes the interfaces are kept: objects are plain data
 * here, and the API server is the one that validates them.
 */
export async function models(): Promise<Map<string, string>> {
  const scratch = await mkdtemp(join(tmpdir(), "nestlet-models-"));
  try {
    const inputs = Object.keys(kinds).flatMap((file) => ["--input", join(repoRoot, "crds", file)]);
    const tool = join(repoRoot, "node_modules/.bin/crd-generate");
    await run(tool, [...inputs, "--output", scratch]);
    const files = await Promise.all(
      Object.values(kinds).map(async (kind): Promise<[string, string]> => {
        const text = await readFile(join(scratch, "nestlet.dev/v1alpha1", `${kind}.ts`), "utf8");
        return [`${kind}.ts`, await formatted(banner + modelInterface(text, kind))];
      }),
    );
    return new Map(files);
  } finally {
    await rm(scratch, { recursive: true });
  }
}

/**
 * The interface of a kind, with the metadata type of src/kube, out of the class file that crd-generate wrote.
 * @throws Error when the file has another shape than this version of crd-generate gives it
 */
export function modelInterface(text: string, kind: string): string {
  const start = text.indexOf("/**");
  const end = text.indexOf(`export class ${kind} `);
  const body = text.slice(start, end).replace(/\/\*\*(?:(?!\*\/)[^])*\*\/\s*$/, "");
  if (start < 0 || end < 0 || !body.includes(`export interface I${kind} {`)) {
    throw new Error(`crd-generate wrote no interface I${kind}; see whether its version was changed`);
  }
  const typed = body
    .replace('"metadata"?: IObjectMeta;', '"metadata": ObjectMeta;')
    .replaceAll(/any\[\]|\bany\b(?=[;>])/g, (type) => type.replace("any", "unknown"));
  return `import type { ObjectMeta } from "../../kube/object.ts";\n\n${typed}`;
}

async function formatted(text: string): Promise<string> {
  const options = await resolveConfig(join(repoRoot, "package.json"));
  return format(text, { ...options, parser: "typescript" });
}
