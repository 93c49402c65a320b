#!/usr/bin/env node
import { basename } from "node:path";
import { CommanderError } from "commander";
import { ExitCode } from "./frame/cli-error.ts";
import { failureOf } from "./frame/failure.ts";
import { coloured, note } from "./frame/output.ts";
import { makeProgram } from "./program.ts";

async function main(argv: readonly string[]): Promise<number> {
  // Who reads may go at any time, as head does.
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", () => process.exit(ExitCode.failed));
  const [, path = "", ...given] = argv;
  const words = completionWords(argv);
  if (words !== undefined) {
    const { complete } = await import("./completion/complete.ts");
    return complete(makeProgram(invokedAs(path)), words);
  }
  const program = makeProgram(invokedAs(path), given);
  try {
    await program.parseAsync(argv);
    return typeof process.exitCode === "number" ? process.exitCode : ExitCode.done;
  } catch (error) {
    return told(error);
  }
}

function told(error: unknown): number {
  // Commander has said what is wrong; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  const { message, remedy, exitCode } = failureOf(error);
  note(`${coloured("red", "error:")} ${message}`);
  if (remedy !== undefined) note(remedy);
  return exitCode;
}

/** kubectl finds plugins by the names of their files. */
function invokedAs(path: string): string {
  return basename(path).startsWith("kubectl-nest") ? "kubectl nest" : "nestctl";
}

/**
 * The words that a shell asks how to complete: its script calls `__complete`, and kubectl a program of this name.
 */
function completionWords([, path = "", first, ...rest]: readonly string[]): readonly string[] | undefined {
  if (first === "__complete") return rest;
  if (!basename(path).startsWith("kubectl_complete-nest")) return undefined;
  return first === undefined ? [""] : [first, ...rest];
}

// Without await: the bundle is CommonJS.
void main(process.argv).then((code) => {
  process.exitCode = code;
});
