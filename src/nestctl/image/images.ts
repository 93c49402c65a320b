import { CATALOG_CONFIG_MAP, DEFAULT_IMAGE_ANNOTATION } from "../../api/metadata.ts";
import { isConflict } from "../../kube/api-error.ts";
import { configMaps, type ConfigMap } from "../../kube/object.ts";
import { CliError, ExitCode } from "../frame/cli-error.ts";
import type { Globals } from "../frame/globals.ts";
import { asJson, asYaml, note, print, tableText, type OutputFormat } from "../frame/output.ts";
import { withSession, type Session } from "../kube/session.ts";
import { entryText, rowOf, shownEntry, type EntryFlags } from "./entries.ts";

/** Where the catalog is. */
export interface CatalogPlace {
  systemNamespace: string;
}

export interface ListOptions extends CatalogPlace {
  output?: OutputFormat;
}

export interface AddOptions extends CatalogPlace, EntryFlags {
  dryRun?: boolean;
}

/** `nestctl image list` */
export async function list(globals: Globals, { output, systemNamespace }: ListOptions): Promise<void> {
  await withSession(globals, async (session) => {
    const { metadata, data = {} } = await catalogOf(session, systemNamespace);
    const chosen = metadata.annotations?.[DEFAULT_IMAGE_ANNOTATION];
    const names = Object.keys(data).sort();
    if (output === "name") print(names.map((name) => `${name}\n`).join(""));
    else if (output === "json" || output === "yaml") {
      const entries = Object.fromEntries(
        names.map((name) => [name, shownEntry(name, data[name] ?? "", chosen)]),
      );
      print(output === "json" ? asJson(entries) : await asYaml(entries));
    } else if (names.length === 0) note("the catalog is empty; see nestctl image add --help");
    else
      print(
        tableText(
          ["name", "default", "kubernetes", "flavour", "image", "payload"],
          names.map((name) => rowOf(name, data[name] ?? "", chosen)),
        ),
      );
  });
}

/** `nestctl image add` */
export async function add(globals: Globals, name: string, options: AddOptions): Promise<void> {
  const text = entryText(name, options);
  if (options.dryRun === true) {
    print(text);
    return;
  }
  // An annotation makes it the default: what entries say of themselves, helm upgrade sets back.
  const annotations = options.default === true ? { [DEFAULT_IMAGE_ANNOTATION]: name } : {};
  const stored = entryText(name, { ...options, default: false });
  await withSession(globals, async (session) => {
    const { data: known = {} } = await change(session, options.systemNamespace, () => ({
      data: { [name]: stored },
      annotations,
    }));
    print(`image ${name} ${known[name] === undefined ? "added" : "changed"}\n`);
  });
}

/** `nestctl image remove` */
export async function remove(
  globals: Globals,
  name: string,
  { systemNamespace }: CatalogPlace,
): Promise<void> {
  await withSession(globals, async (session) => {
    await change(session, systemNamespace, ({ data = {}, metadata }) => {
      if (data[name] === undefined) {
        throw new CliError(
          ExitCode.notFound,
          `the catalog has no image "${name}"`,
          `it has ${Object.keys(data).sort().join(", ") || "none"}`,
        );
      }
      const isDefault = metadata.annotations?.[DEFAULT_IMAGE_ANNOTATION] === name;
      return {
        data: { [name]: null },
        annotations: isDefault ? { [DEFAULT_IMAGE_ANNOTATION]: null } : {},
      };
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

/** What to change of the catalog; null takes a key off. */
interface Change {
  data: Record<string, string | null>;
  annotations: Record<string, string | null>;
}

/** Changes the catalog as it is now, and gives what it was. Somebody else's change is not lost. */
async function change(
  session: Session,
  namespace: string,
  decide: (catalog: ConfigMap) => Change,
): Promise<ConfigMap> {
  for (let attempt = 1; ; attempt++) {
    const catalog = await catalogOf(session, namespace);
    const { namespace: of, name, resourceVersion } = catalog.metadata;
    const { data, annotations } = decide(catalog);
    const patch = { metadata: { resourceVersion, annotations }, data };
    try {
      await session.client.mergePatch(configMaps, { namespace: of, name }, patch);
      return catalog;
    } catch (error) {
      if (!isConflict(error) || attempt === ATTEMPTS) throw error;
    }
  }
}
