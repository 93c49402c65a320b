import { CLUSTER_LABEL, INSTANCE_LABEL } from "../../api/metadata.ts";
import { labelValueOf } from "../../api/names.ts";
import type { VirtualMachine, VirtualMachineInstance } from "../../api/resources.ts";
import { BOOTSTRAP_MARKER } from "../../guest-config/bootstrap.ts";
import { persistentVolumeClaims, pods, resourcePath, type Pod } from "../../kube/object.ts";
import { COMPUTE_CONTAINER, CONTROL_COMMAND } from "../../launch-plan/pod-contract.ts";
import { asYaml } from "../frame/output.ts";
import { listAll } from "../kube/list.ts";
import type { Session } from "../kube/session.ts";
import { capture } from "../vm/launcher.ts";
import type { Part } from "./archive.ts";
import { objectParts } from "./namespace-parts.ts";
import { redacted, withoutTokens } from "./redact.ts";

/** Of one log; a kubelet keeps a third of it by default. */
const LOG_BYTES = String(32 * 1024 * 1024);
const LOG_MS = 60_000;

/** A machine, its present run, and the pods of its runs that are still there. */
export interface MachineState {
  machine: VirtualMachine | undefined;
  instance: VirtualMachineInstance | undefined;
  launchers: readonly Pod[];
}

/** Of a machine of this name, or of an instance that is nobody's. */
export async function launchersOf({ client, namespace }: Session, name: string): Promise<Pod[]> {
  return listAll(client, pods, { namespace, labelSelector: `${INSTANCE_LABEL}=${labelValueOf(name)}` });
}

/** All that is known of a machine but its Events. */
export function machineParts(session: Session, { machine, instance, launchers }: MachineState): Part[] {
  return [
    ...objectParts([machine, instance, ...launchers]),
    ...claimParts(session, instance),
    ...launchers.flatMap((pod) => logParts(session, pod)),
    ...(instance === undefined ? [] : guestParts(session, instance)),
  ];
}

/** Names that Events of a machine are about. */
export function namesIn({ machine, instance, launchers }: MachineState): string[] {
  return [machine, instance, ...launchers].flatMap((object) =>
    object === undefined ? [] : [object.metadata.name],
  );
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
  const { namespace, name, labels = {} } = metadata;
  let asked: Promise<string> | undefined;
  const log = async (): Promise<string> => {
    asked ??= client
      .text(
        resourcePath(pods, namespace, name, "log"),
        { container: COMPUTE_CONTAINER, timestamps: "true", limitBytes: LOG_BYTES },
        AbortSignal.timeout(LOG_MS),
      )
      .then(withoutTokens);
    return asked;
  };
  const bootstrap = { name: `${name}-bootstrap.txt`, content: async () => bootstrapLines(await log()) };
  return [{ name: `${name}.log`, content: log }, ...(labels[CLUSTER_LABEL] === undefined ? [] : [bootstrap])];
}

/** What a member said on its console of its becoming one. */
export function bootstrapLines(log: string): string {
  const lines = log.split("\n").filter((line) => line.includes(BOOTSTRAP_MARKER));
  return lines.map((line) => `${line}\n`).join("");
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
