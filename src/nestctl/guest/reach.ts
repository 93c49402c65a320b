import type { VirtualMachineInstance } from "../../api/resources.ts";
import { CliError, ExitCode } from "../frame/cli-error.ts";
import type { Session } from "../kube/session.ts";
import { forward, openDialer, type Dialer } from "../stream/dialer.ts";
import type { Via } from "../stream/dialer-ways.ts";
import { runningOf, type Run } from "../vm/launcher.ts";
import type { SshPlace } from "./ssh-words.ts";

/** The address of a guest on the pod network. @throws CliError for a guest without a network */
export function addressOf({ metadata, status }: VirtualMachineInstance): string {
  const address = status?.interfaces?.find(({ ipAddress }) => ipAddress !== undefined)?.ipAddress;
  if (address !== undefined) return address;
  throw new CliError(
    ExitCode.failed,
    `${metadata.name} has no address on the pod network`,
    `see whether it has an interface (kubectl get vmi ${metadata.name} -o yaml), or use nestctl console`,
  );
}

/** A guest that runs, and the way to it. */
export interface Reached {
  run: Run;
  address: string;
  dialer: Dialer;
}

/** Runs work with a way to a guest's port; what was made for it is removed afterwards. */
export async function withReach<T>(
  session: Session,
  target: { name: string; port: number; via: Via },
  work: (reached: Reached) => Promise<T>,
): Promise<T> {
  const run = await runningOf(session, target.name);
  const address = addressOf(run.instance);
  const dialer = await openDialer(
    session,
    target.via,
    { address, port: target.port, pod: run.pod },
    run.instance,
  );
  try {
    return await work({ run, address, dialer });
  } finally {
    await dialer.close();
  }
}

/** Runs work with a place where ssh finds a guest: itself, or a local port that leads to it. */
export async function withSshPlace<T>(
  dialer: Dialer,
  instance: VirtualMachineInstance,
  port: number,
  work: (place: SshPlace) => Promise<T>,
): Promise<T> {
  const { name, namespace, uid } = instance.metadata;
  const address = addressOf(instance);
  const alias = `${name}.${namespace}.${uid}`;
  if (dialer.direct) return work({ host: address, port, alias });
  const local = await forward("127.0.0.1", 0, () => dialer.dial(address, port));
  try {
    return await work({ host: "127.0.0.1", port: local.port, alias });
  } finally {
    await local.close();
  }
}
