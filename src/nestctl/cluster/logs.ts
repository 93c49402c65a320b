import { CliError, ExitCode } from "../frame/cli-error.ts";
import { countOf } from "../frame/flag-values.ts";
import type { Globals } from "../frame/globals.ts";
import { print, warn } from "../frame/output.ts";
import { logQuery, podLog, type LogOptions } from "../guest/logs.ts";
import { withSession } from "../kube/session.ts";
import { abortable } from "../stream/stop.ts";
import { membersOf, selected, type MemberFlags } from "./members.ts";

/** `nestctl cluster logs`: each line with its member's name. */
export async function clusterLogs(
  globals: Globals,
  name: string,
  options: LogOptions & MemberFlags,
): Promise<void> {
  const query = logQuery(options);
  const tail = countOf(options.tail ?? "50", "--tail");
  await withSession(globals, async (session) => {
    const { cluster, members } = await membersOf(session, name);
    const wanted = selected(name, members, options).flatMap(({ name: of, instance }) => {
      const pod = instance?.status?.podName;
      return pod === undefined ? [] : [{ of, pod }];
    });
    if (wanted.length === 0) {
      throw new CliError(
        ExitCode.failed,
        `no member of ${name} runs yet: ${cluster.status?.nextStep ?? "it has just been made"}`,
        `see nestctl cluster nodes ${name}`,
      );
    }
    const width = Math.max(...wanted.map(({ of }) => of.length));
    await abortable(async (signal) => {
      await Promise.all(
        wanted.map(async ({ of, pod }) => {
          try {
            const lines = podLog(session, pod, { query, side: "console", tail, signal });
            for await (const line of lines) print(`${of.padEnd(width)} | ${line}\n`);
          } catch (error) {
            // One node that is busy or gone hides nobody else's log.
            warn(`${of}: ${error instanceof Error ? error.message : String(error)}`);
          }
        }),
      );
    });
  });
}
