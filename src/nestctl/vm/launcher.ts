import { PassThrough } from "node:stream";
import {
  virtualMachineInstances,
  virtualMachines,
  type VirtualMachineInstance,
} from "../../api/resources.ts";
import { COMPUTE_CONTAINER, CONTROL_COMMAND } from "../../launch-plan/pod-contract.ts";
import { CliError, ExitCode } from "../frame/cli-error.ts";
import type { Session } from "../kube/session.ts";
import { exec, type ExecStreams } from "../stream/exec.ts";

/** A run whose launcher's pod exists. */
export interface Run {
  instance: VirtualMachineInstance;
  pod: string;
}

/**
 * The present run of a machine (an instance has the name of its machine).
 * @throws CliError that says why there is none, and how to get one
 */
export async function runOf(session: Session, name: string): Promise<Run> {
  const { client, namespace } = session;
  const instance = await client.find(virtualMachineInstances, namespace, name);
  const pod = instance?.status?.podName;
  if (instance !== undefined && pod !== undefined) return { instance, pod };
  if (instance !== undefined) {
    const { phase = "Pending", message } = instance.status ?? {};
    throw new CliError(
      ExitCode.failed,
      `${name} has no pod yet: it is ${phase}${message === undefined ? "" : ` (${message})`}`,
      `wait for it: nestctl wait ${name} --for Running`,
    );
  }
  // Throws by itself when there is no such machine either.
  const machine = await client.get(virtualMachines, namespace, name);
  throw new CliError(
    ExitCode.failed,
    `${name} does not run: it is ${machine.status?.printableStatus ?? "Stopped"}`,
    `start it: nestctl start ${name}`,
  );
}

/** The same, for what only a guest that runs can do. */
export async function runningOf(session: Session, name: string): Promise<Run> {
  const run = await runOf(session, name);
  const { phase = "Pending", message, reason } = run.instance.status ?? {};
  if (phase === "Running") return run;
  const why = message ?? reason;
  throw new CliError(
    ExitCode.failed,
    `${name} does not run: it is ${phase}${why === undefined ? "" : ` (${why})`}`,
    phase === "Failed" || phase === "Succeeded"
      ? `start it: nestctl start ${name}`
      : `wait for it: nestctl wait ${name} --for Running`,
  );
}

/** Runs a program in the launcher's container and resolves to its exit code. */
export async function inLauncher(
  session: Session,
  { pod }: Run,
  command: readonly string[],
  streams: ExecStreams,
): Promise<number> {
  const { namespace } = session;
  return exec(session, { namespace, pod, container: COMPUTE_CONTAINER, command }, streams);
}

/**
 * Calls a verb of nestlet-ctl and gives what it wrote.
 * @throws CliError with the verb's own words
 */
export async function verb(session: Session, run: Run, ...words: readonly string[]): Promise<Buffer> {
  const { exitCode, output, errors } = await capture(session, run, [CONTROL_COMMAND, ...words]);
  if (exitCode === 0) return output;
  throw new CliError(
    exitCode,
    errors
      .toString()
      .trim()
      .replace(/^nestlet-ctl /, `${run.instance.metadata.name}: `),
  );
}

/** Runs a program to its end and gives all that it wrote. */
export async function capture(
  session: Session,
  run: Run,
  command: readonly string[],
): Promise<{ exitCode: number; output: Buffer; errors: Buffer }> {
  const [output, errors] = [gather(), gather()];
  const exitCode = await inLauncher(session, run, command, { output: output.stream, errors: errors.stream });
  return { exitCode, output: output.bytes(), errors: errors.bytes() };
}

function gather(): { stream: PassThrough; bytes: () => Buffer } {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return { stream, bytes: () => Buffer.concat(chunks) };
}
