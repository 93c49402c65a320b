import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import { labelValueOf } from "../../api/names.ts";
import { INSTANCE_LABEL } from "../../api/metadata.ts";
import {
  virtualMachineInstances,
  virtualMachines,
  type VirtualMachineInstance,
} from "../../api/resources.ts";
import { COMPUTE_CONTAINER, CONTROL_COMMAND } from "../../launch-plan/pod-contract.ts";
import { isNotFound } from "../../kube/api-error.ts";
import { persistentVolumeClaims, pods, resourcePath, type Pod } from "../../kube/object.ts";
import { CliError, ExitCode } from "../frame/cli-error.ts";
import type { Globals } from "../frame/globals.ts";
import { asYaml, note, print } from "../frame/output.ts";
import { withSession, type Session } from "../kube/session.ts";
import { capture } from "../vm/launcher.ts";
import { redacted } from "./redact.ts";
import { VERSION } from "../version.ts";

/** Of one log; a kubelet keeps a third of it by default. */
const LOG_BYTES = String(32 * 1024 * 1024);
const LOG_MS = 60_000;

/** One file of the archive, or why it could not be had. */
interface Part {
  name: string;
  content: () => Promise<Buffer | string | undefined>;
}

/** `nestctl diag`: what can be had; what cannot says why. */
export async function diag(globals: Globals, name: string, options: { file?: string }): Promise<void> {
  const { file = `${name}-diag.tar.gz` } = options;
  await withSession(globals, async (session) => {
    const { client, namespace } = session;
    const [machine, instance] = await Promise.all([
      client.find(virtualMachines, namespace, name),
      client.find(virtualMachineInstances, namespace, name),
    ]);
    if (machine === undefined && instance === undefined) {
      throw new CliError(
        ExitCode.notFound,
        `there is no machine and no instance "${name}" in namespace ${namespace}`,
        "look at what there is with nestctl get",
      );
    }
    const launchers = await launchersOf(session, name);
    const parts = [
      ...objectParts(session, name, [machine, instance, ...launchers]),
      ...claimParts(session, instance),
      ...launchers.flatMap((pod) => logParts(session, pod)),
      ...(instance === undefined ? [] : guestParts(session, instance)),
    ];
    await writeArchive(file, `${name}-diag`, parts);
    print(`${file}\n`);
  });
}

async function launchersOf({ client, namespace }: Session, name: string): Promise<Pod[]> {
  const labelSelector = `${INSTANCE_LABEL}=${labelValueOf(name)}`;
  return (await client.listPage(pods, { namespace, labelSelector }, 50)).items;
}

function objectParts(
  { client, namespace }: Session,
  name: string,
  objects: readonly (object | undefined)[],
): Part[] {
  const present = objects.filter((object) => object !== undefined) as {
    kind: string;
    metadata: { name: string };
  }[];
  const files = present.map((object) => ({
    name: `${object.kind}-${object.metadata.name}.yaml`,
    content: async () => asYaml(redacted(object)),
  }));
  const events = async (): Promise<string> => {
    const path = `/api/v1/namespaces/${namespace}/events?limit=5000`;
    const { items } = await client.call<{ items: EventItem[] }>("GET", path);
    const names = new Set([name, ...present.map(({ metadata }) => metadata.name)]);
    return eventLines(items.filter(({ involvedObject }) => names.has(involvedObject.name)));
  };
  const version = async (): Promise<string> =>
    asYaml({
      nestctl: VERSION,
      time: new Date().toISOString(),
      server: await client.call("GET", "/version"),
    });
  return [...files, { name: "events.txt", content: events }, { name: "versions.yaml", content: version }];
}

interface EventItem {
  involvedObject: { kind: string; name: string };
  type?: string;
  reason?: string;
  message?: string;
  eventTime?: string | null;
  lastTimestamp?: string | null;
}

function eventLines(events: readonly EventItem[]): string {
  const timeOf = ({ lastTimestamp, eventTime }: EventItem): string => lastTimestamp ?? eventTime ?? "";
  return [...events]
    .sort((one, other) => timeOf(one).localeCompare(timeOf(other)))
    .map((event) => {
      const { involvedObject, type = "", reason = "", message = "" } = event;
      return `${timeOf(event)} ${type} ${involvedObject.kind}/${involvedObject.name} ${reason}: ${message}\n`;
    })
    .join("");
}

function claimParts({ client, namespace }: Session, instance: VirtualMachineInstance | undefined): Part[] {
  const volumes = instance?.spec.volumes ?? [];
  const claims = volumes.flatMap((volume) => [
    ...(volume.persistentVolumeClaim === undefined ? [] : [volume.persistentVolumeClaim.claimName]),
    ...[volume.registryDisk?.overlay, volume.containerDisk?.overlay].flatMap((overlay) =>
      overlay === undefined ? [] : [overlay.claimName],
    ),
  ]);
  return claims.map((claim) => ({
    name: `PersistentVolumeClaim-${claim}.yaml`,
    content: async () => asYaml(redacted(await client.get(persistentVolumeClaims, namespace, claim))),
  }));
}

function logParts({ client }: Session, { metadata }: Pod): Part[] {
  const log = async (): Promise<string> =>
    client.text(
      resourcePath(pods, metadata.namespace, metadata.name, "log"),
      { container: COMPUTE_CONTAINER, timestamps: "true", limitBytes: LOG_BYTES },
      AbortSignal.timeout(LOG_MS),
    );
  return [{ name: `${metadata.name}.log`, content: log }];
}

/** What the launcher tells of a guest that runs; a screenshot is not taken, since nobody can black out what it shows. */
const VERBS: readonly (readonly [file: string, command: readonly string[]])[] = [
  ["domain.xml", [CONTROL_COMMAND, "dumpxml"]],
  ["qemu.log", [CONTROL_COMMAND, "libvirt-log"]],
  ["state.json", [CONTROL_COMMAND, "state"]],
  ["guestinfo.json", [CONTROL_COMMAND, "info"]],
  ["domstats.txt", ["virsh", "domstats"]],
  ["network.txt", ["ip", "-details", "address"]],
];

function guestParts(session: Session, instance: VirtualMachineInstance): Part[] {
  const pod = instance.status?.podName;
  if (pod === undefined || instance.status?.phase !== "Running") return [];
  return VERBS.map(([name, command]) => ({
    name,
    content: async () => {
      const { exitCode, output, errors } = await capture(session, { instance, pod }, command);
      if (exitCode === 0) return output;
      throw new Error(errors.toString().trim() || `exit code ${String(exitCode)}`);
    },
  }));
}

async function writeArchive(file: string, folder: string, parts: readonly Part[]): Promise<void> {
  const archive = pack();
  const written = pipeline(archive, createGzip(), createWriteStream(file, { mode: 0o600 }));
  try {
    const contents = await Promise.all(
      parts.map(async (part) => ({ name: part.name, ...(await had(part)) })),
    );
    for (const { name, content } of contents) {
      archive.entry({ name: `${folder}/${name}`, mtime: new Date(), mode: 0o644 }, content);
    }
    archive.finalize();
    await written;
  } catch (error) {
    archive.destroy();
    await written.catch(() => undefined);
    await rm(file, { force: true });
    throw error;
  }
}

/** A part that cannot be had says so in its file: that is worth knowing, too. */
async function had({ name, content }: Part): Promise<{ content: Buffer }> {
  try {
    return { content: Buffer.from((await content()) ?? "") };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (!isNotFound(error)) note(`${name}: ${why}`);
    return { content: Buffer.from(`could not be had: ${why}\n`) };
  }
}
