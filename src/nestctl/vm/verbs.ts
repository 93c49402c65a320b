import type { Globals } from "../frame/globals.ts";
import { print } from "../frame/output.ts";
import { withSession } from "../kube/session.ts";
import { runningOf, verb } from "./launcher.ts";

/** `nestctl pause|unpause|reset NAME…`: tells the state that came of it. */
export async function callVerbs(
  globals: Globals,
  word: "pause" | "unpause" | "reset",
  names: readonly string[],
): Promise<void> {
  await withSession(globals, async (session) => {
    await Promise.all(
      names.map(async (name) => {
        const answer = JSON.parse((await verb(session, await runningOf(session, name), word)).toString()) as {
          state: string;
        };
        print(`${name}: ${word === "reset" ? "reset" : answer.state}\n`);
      }),
    );
  });
}
