import { CATALOG_CONFIG_MAP } from "../../api/metadata.ts";
import { isConflict } from "../../kube/api-error.ts";
import { configMaps, type ConfigMap } from "../../kube/object.ts";
import { CliError, ExitCode } from "../frame/cli-error.ts";
import type { Globals } from "../frame/globals.ts";
import { asJson, asYaml, note, print, tableText, type OutputFormat } from "../frame/output.ts";
import { withSession, type Session } from "../kube/session.ts";
import { entryText, rowOf, withEntry, type EntryFlags } from "./entries.ts";

interface SystemOption {
  systemNamespace: string;
}

/** `nestctl image list` */
export async function list(
  globals: Globals,
  { output, systemNamespace }: SystemOption & { output?: OutputFormat },
): Promise<void> {
  await withSession(globals, async (session) => {
    const { data = {} } = await catalogOf(session, systemNamespace);
    const { parse } = await import("../frame/yaml.ts");
    const names = Object.keys(data).sort();
    if (output === "name") print(names.map((name) => `${name}\n`).join(""));
    else if (output === "json" || output === "yaml") {
      const entries = Object.fromEntries(names.map((name) => [name, parse(data[name] ?? "") as unknown]));
      print(output === "json" ? asJson(entries) : await asYaml(entries));
    } else if (names.length === 0) note("the catalog is empty; see nestctl image add --help");
    else
      print(
        tableText(
          ["name", "default", "kubernetes", "flavour", "image", "payload"],
          names.map((name) => rowOf(name, data[name] ?? "")),
        ),
      );
  });
}

/** `nestctl image add` */
export async function add(
  globals: Globals,
  name: string,
  options: EntryFlags & SystemOption & { dryRun?: boolean },
): Promise<void> {
  const text = entryText(name, options);
  if (options.dryRun === true) {
    print(text);
    return;
  }
  await withSession(globals, async (session) => {
    const known = await change(session, options.systemNamespace, (data) => withEntry(data, name, text));
    print(`image ${name} ${known[name] === undefined ? "added" : "changed"}\n`);
  });
}

/** `nestctl image remove` */
export async function remove(
  globals: Globals,
  name: string,
  { systemNamespace }: SystemOption,
): Promise<void> {
  await withSession(globals, async (session) => {
    await change(session, systemNamespace, (data) => {
      if (data[name] !== undefined) return { [name]: null };
      throw new CliError(
        ExitCode.notFound,
        `the catalog has no image "${name}"`,
        `it has ${Object.keys(data).sort().join(", ") || "none"}`,
      );
    });
    print(`image ${name} removed\n`);
  });
}

async function catalogOf({ client }: Session, namespace: string): Promise<ConfigMap> {
  const found = await client.find(configMaps, namespace, CATALOG_CONFIG_MAP);
  if (found !== undefined) return found;
  throw new CliError(
    ExitCode.notFound,
    `there is no catalog: ConfigMap ${CATALOG_CONFIG_MAP} does not exist in namespace ${namespace}`,
    "say where Nestlet's controller is with --system-namespace, or install Nestlet",
  );
}

const ATTEMPTS = 5;

/** Changes entries of the catalog as it is now, and gives what it was. Somebody else's change is not lost. */
async function change(
  session: Session,
  namespace: string,
  decide: (data: Record<string, string>) => Record<string, string | null>,
): Promise<Record<string, string>> {
  for (let attempt = 1; ; attempt++) {
    const { metadata, data = {} } = await catalogOf(session, namespace);
    const patch = { metadata: { resourceVersion: metadata.resourceVersion }, data: decide(data) };
    try {
      await session.client.mergePatch(configMaps, metadata, patch);
      return data;
    } catch (error) {
      if (!isConflict(error) || attempt === ATTEMPTS) throw error;
    }
  }
}
