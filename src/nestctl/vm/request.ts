import { REQUEST_ANNOTATION } from "../../api/metadata.ts";
import {
  virtualMachineInstances,
  virtualMachines,
  type VirtualMachine,
  type VirtualMachineInstance,
} from "../../api/resources.ts";
import { CliError, ExitCode } from "../frame/cli-error.ts";
import { durationMs } from "../frame/flag-values.ts";
import type { Globals } from "../frame/globals.ts";
import { print } from "../frame/output.ts";
import { withSession, type Session } from "../kube/session.ts";
import { endWithin } from "./end-within.ts";
import { until } from "./until.ts";
import { waitOne } from "./wait.ts";

export type Action = "start" | "stop" | "restart";

export interface RequestOptions {
  wait?: boolean;
  timeout: string;
  /** Of stop and restart. */
  force?: boolean;
  gracePeriod?: string;
}

/** The controller answers at once; a minute is for one that is just being started. */
const ANSWER_MS = 60_000;

const DONE: Record<Action, string> = {
  start: "start requested",
  stop: "stop requested",
  restart: "restart requested",
};

/** `nestctl start|stop|restart NAME…` */
export async function request(
  globals: Globals,
  action: Action,
  names: readonly string[],
  options: RequestOptions,
): Promise<void> {
  const graceSeconds = graceOf(options);
  const timeoutMs = durationMs(options.timeout, "--timeout");
  await withSession(globals, async (session) => {
    await Promise.all(
      names.map(async (name) => {
        const before = await currentRun(session, name);
        await ask(session, name, action);
        print(`virtualmachine.nestlet.dev/${name} ${DONE[action]}\n`);
        if (graceSeconds !== undefined && before !== undefined)
          await endWithin(session, before, graceSeconds);
        if (options.wait !== true) return;
        if (action === "restart" && before !== undefined)
          await anotherRun(session, name, before.metadata.uid, timeoutMs);
        await waitOne(session, { name }, action === "stop" ? "Stopped" : "Running", timeoutMs);
      }),
    );
  });
}

/** Seconds that the guest is given; undefined: what its spec says. */
export function graceOf({
  force,
  gracePeriod,
}: Pick<RequestOptions, "force" | "gracePeriod">): number | undefined {
  // A pod deleted with 0 would be forgotten while its guest still writes to its disks.
  if (gracePeriod === undefined) return force === true ? 1 : undefined;
  if (!/^\d{1,6}$/.test(gracePeriod)) {
    throw new CliError(
      ExitCode.usage,
      `--grace-period: "${gracePeriod}" is no number of seconds`,
      "give for example 30",
    );
  }
  return Math.max(1, Number(gracePeriod));
}

/**
 * Asks by the annotation and waits for the controller's answer.
 * @throws CliError with its words when it refuses
 */
async function ask(session: Session, name: string, action: Action): Promise<void> {
  const { client, namespace } = session;
  const before = await client.get(virtualMachines, namespace, name);
  await client.mergePatch(
    virtualMachines,
    { namespace, name },
    {
      metadata: { annotations: { [REQUEST_ANNOTATION]: action } },
    },
  );
  const answered = await until(ANSWER_MS, async () => {
    const machine = await client.get(virtualMachines, namespace, name);
    return isAnswered(machine, before) ? machine : undefined;
  });
  if (answered === undefined) {
    throw new CliError(
      ExitCode.timedOut,
      `${name}: nobody answered the request to ${action} within ${ANSWER_MS / 1000} s; it stays, and counts once ` +
        "somebody does",
      "see whether Nestlet's controller runs: kubectl get pods -n nestlet-system",
    );
  }
  const { accepted, message = "refused" } = answered.status?.lastRequest ?? {};
  if (accepted !== true) throw new CliError(ExitCode.failed, `${name}: ${message}`);
}

/** The annotation is off and there is an answer of its own; one may be given in the second of the last one. */
export function isAnswered(now: VirtualMachine, before: VirtualMachine): boolean {
  const asked = now.metadata.annotations?.[REQUEST_ANNOTATION] !== undefined;
  const written = now.metadata.resourceVersion !== before.metadata.resourceVersion;
  return !asked && written && now.status?.lastRequest !== undefined;
}

async function currentRun(session: Session, name: string): Promise<VirtualMachineInstance | undefined> {
  return session.client.find(virtualMachineInstances, session.namespace, name);
}

async function anotherRun(session: Session, name: string, uid: string, timeoutMs: number): Promise<void> {
  const next = await until(timeoutMs, async () => {
    const run = await currentRun(session, name);
    return run !== undefined && run.metadata.uid !== uid ? run : undefined;
  });
  if (next === undefined) {
    throw new CliError(
      ExitCode.timedOut,
      `${name}: the run that was there goes on after ${timeoutMs / 1000} s`,
      `its guest may not heed the power button: nestctl restart ${name} --force`,
    );
  }
}
