import { coreOSClusters, virtualMachineInstances, virtualMachines } from "../../api/resources.ts";
import type { KubeObject, Resource } from "../../kube/object.ts";
import { CliError, ExitCode, usageError } from "../frame/cli-error.ts";
import { durationMs } from "../frame/flag-values.ts";
import type { Globals } from "../frame/globals.ts";
import { print } from "../frame/output.ts";
import { oneKind, targetsOf } from "../kube/kinds.ts";
import { withSession, type Session } from "../kube/session.ts";
import { until } from "./until.ts";

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

/** The parts of Nestlet's objects that can be waited for. */
export interface Waited {
  status?: {
    printableStatus?: string;
    phase?: string;
    nextStep?: string;
    message?: string;
    conditions?: Condition[];
  };
}

/** How an object stands to what is waited for. */
export type Verdict = { met: true } | { met: false; now: string; never?: string };

/**
 * @param object undefined when there is none
 * @param wish a status word, `condition=TYPE`, `condition=TYPE=STATUS` or `delete`
 */
export function judge(object: Waited | undefined, wish: string): Verdict {
  if (wish === "delete") return object === undefined ? { met: true } : { met: false, now: "still there" };
  if (object === undefined) return { met: false, now: "not there" };
  const { status = {} } = object;
  return wish.startsWith("condition=")
    ? judgeCondition(status.conditions ?? [], wish)
    : judgeWord(status, wish);
}

function judgeWord(status: NonNullable<Waited["status"]>, wish: string): Verdict {
  const word = status.printableStatus ?? status.phase ?? "Pending";
  if (word.toLowerCase() === wish.toLowerCase()) return { met: true };
  const now = status.message === undefined ? word : `${word} (${status.message})`;
  // An instance never runs again.
  const over = status.printableStatus === undefined && (word === "Failed" || word === "Succeeded");
  return { met: false, now, ...(over ? { never: "an instance that has ended does not come back" } : {}) };
}

function judgeCondition(conditions: readonly Condition[], wish: string): Verdict {
  const [, type = "", status = "True"] = wish.split("=");
  const found = conditions.find((condition) => condition.type.toLowerCase() === type.toLowerCase());
  const is = found?.status ?? "False";
  if (is.toLowerCase() === status.toLowerCase()) return { met: true };
  return {
    met: false,
    now: found === undefined ? `without ${type}` : `${type}=${is} (${found.message ?? found.reason ?? ""})`,
  };
}

const RESOURCES = {
  virtualmachines: virtualMachines,
  virtualmachineinstances: virtualMachineInstances,
  coreosclusters: coreOSClusters,
} as const;

export interface WaitOptions {
  for: string;
  timeout: string;
}

/** `nestctl wait [KIND] NAME… --for WISH` */
export async function wait(globals: Globals, words: readonly string[], options: WaitOptions): Promise<void> {
  const { plural, names } = waitTargets(words);
  checkWish(options.for, plural);
  const timeoutMs = durationMs(options.timeout, "--timeout");
  await withSession(globals, async (session) => {
    await Promise.all(
      names.map(async (name) => {
        await waitOne(session, { name, plural }, options.for, timeoutMs);
        print(`${name}: ${options.for}\n`);
      }),
    );
  });
}

type Plural = keyof typeof RESOURCES;

/** Names alone are machines. */
export function waitTargets(words: readonly string[]): { plural: Plural; names: string[] } {
  const { kind, names } = targetsOf(words);
  try {
    const { plural } = oneKind(kind).resource;
    if (names.length > 0) return { plural: plural as Plural, names };
  } catch (error) {
    if (words.some((word) => word.includes("/"))) throw error;
    return { plural: "virtualmachines", names: [...words] };
  }
  throw usageError("there is no name to wait for", "write nestctl wait NAME… --for Running");
}

function checkWish(wish: string, plural: Plural): void {
  if (wish === "delete" || /^condition=[A-Za-z]+(=[A-Za-z]+)?$/.test(wish)) return;
  if (plural !== "coreosclusters" && /^[A-Z][A-Za-z]+$/i.test(wish)) return;
  throw usageError(
    `--for: "${wish}" is nothing to wait for`,
    plural === "coreosclusters"
      ? "use condition=TYPE[=STATUS] or delete, for example condition=Ready"
      : "use a status such as Running, condition=TYPE[=STATUS], or delete",
  );
}

/** @throws CliError with the last state when the time is over */
export async function waitOne(
  { client, namespace }: Session,
  { name, plural = "virtualmachines" }: { name: string; plural?: Plural },
  wish: string,
  timeoutMs: number,
): Promise<void> {
  const resource: Resource<KubeObject & Waited> = RESOURCES[plural];
  let last = "not looked at";
  const met = await until(timeoutMs, async () => {
    const verdict = judge(await client.find(resource, namespace, name), wish);
    if (verdict.met) return true;
    if (verdict.never !== undefined)
      throw new CliError(
        ExitCode.failed,
        `${name} is ${verdict.now}: ${verdict.never}`,
        `see why: kubectl describe ${plural} ${name}`,
      );
    last = verdict.now;
    return undefined;
  });
  if (met === true) return;
  throw new CliError(
    ExitCode.timedOut,
    `${name} is not ${wish} after ${timeoutMs / 1000} s: it is ${last}`,
    `see kubectl describe ${plural} ${name}, or wait longer with --timeout`,
  );
}
