import { CommanderError, type Command } from "commander";
import { makeProgram } from "../../../src/nestctl/program.ts";
import { commandsOf, programOf } from "./shell.ts";

/** The arguments of each `nestctl` and `kubectl nest` in a shell text. */
export function nestctlLines(text: string): string[][] {
  return commandsOf(text).flatMap((words) => {
    const [program, ...args] = programOf(words) ?? [];
    if (program === "nestctl" || program === "kubectl-nest") return [args];
    return program === "kubectl" && args[0] === "nest" ? [args.slice(1)] : [];
  });
}

/** What nestctl finds wrong with a command line before it does anything; undefined when it would go on. */
export async function faultOf(args: readonly string[]): Promise<string | undefined> {
  let said = "";
  const program = makeProgram();
  onlyParsed(program, (text) => (said += text));
  try {
    await program.parseAsync([...args], { from: "user" });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    return said.split("\n")[0] ?? error.message;
  }
}

function onlyParsed(command: Command, say: (text: string) => void): void {
  command.configureOutput({ writeOut: () => undefined, writeErr: say });
  // A command with none is a group, which says what it holds when it is called without a word.
  if (command.commands.length === 0) command.action(() => undefined);
  for (const sub of command.commands) onlyParsed(sub, say);
}
