import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { coreOSClusters } from "../../api/resources.ts";
import { secrets } from "../../kube/object.ts";
import { CliError, ExitCode, usageError } from "../frame/cli-error.ts";
import type { Globals } from "../frame/globals.ts";
import { note, print } from "../frame/output.ts";
import { withSession, type Session } from "../kube/session.ts";
import { mergedKubeconfig } from "./merge-kubeconfig.ts";

export interface KubeconfigOptions {
  for: "auto" | "inside" | "outside";
  merge?: boolean;
  file?: string;
  use?: boolean;
}

/** `nestctl cluster kubeconfig` */
export async function kubeconfig(globals: Globals, name: string, options: KubeconfigOptions): Promise<void> {
  if (options.merge !== true && (options.file !== undefined || options.use === true)) {
    throw usageError("--file and --use are for --merge", "add --merge, or leave them out");
  }
  await withSession(globals, async (session) => {
    const text = await clusterKubeconfig(session, name, options.for);
    if (options.merge !== true) {
      print(text);
      return;
    }
    const file = options.file ?? kubeconfigFile(globals);
    const context = `nest-${name}`;
    await mergeInto(file, text, { context, use: options.use === true });
    print(`context ${context} is in ${file}${options.use === true ? ", and current" : ""}\n`);
  });
}

/** The text of a kubeconfig out of the cluster's Secret. @throws CliError that says why there is none yet */
async function clusterKubeconfig(
  { client, namespace }: Session,
  name: string,
  place: KubeconfigOptions["for"],
): Promise<string> {
  const cluster = await client.get(coreOSClusters, namespace, name);
  const secret = await client.find(secrets, namespace, `${name}-kubeconfig`);
  const { value, external } = secret?.data ?? {};
  const found = { auto: external ?? value, inside: value, outside: external }[place];
  if (place === "auto" && external === undefined && value !== undefined) {
    note(
      `its server is reached from inside the host cluster only; to open ${name} from elsewhere, set spec.endpoint.type ` +
        "to NodePort or LoadBalancer",
    );
  }
  if (found !== undefined) return Buffer.from(found, "base64").toString();
  if (value !== undefined) {
    throw new CliError(
      ExitCode.failed,
      `cluster ${name} cannot be reached from outside: its endpoint has no address there`,
      "set spec.endpoint.type to NodePort or LoadBalancer, or use --for inside in the host cluster",
    );
  }
  throw new CliError(
    ExitCode.failed,
    `cluster ${name} has no kubeconfig yet: ${cluster.status?.nextStep ?? "it has just been made"}`,
    `wait for it: nestctl wait cluster ${name} --for condition=Ready --timeout 60m`,
  );
}

/** The file that kubectl would write to. */
function kubeconfigFile({ kubeconfig: given }: Globals): string {
  const [first] = (process.env["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "");
  return given ?? first ?? join(homedir(), ".kube", "config");
}

/** The file is replaced as a whole, so that a reader never sees half of it; comments in it stay. */
async function mergeInto(
  file: string,
  cluster: string,
  how: { context: string; use: boolean },
): Promise<void> {
  const before = await readFile(file, "utf8").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  });
  const merged = mergedKubeconfig(before ?? "", cluster, { ...how, file });
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const mode = before === undefined ? 0o600 : (await stat(file)).mode & 0o777;
  const next = `${file}.${String(process.pid)}`;
  await writeFile(next, merged, { mode });
  await rename(next, file);
}
