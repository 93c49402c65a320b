import { execa, ExecaError, type Options } from "execa";

/** What a failed command leaves: the command line and the last lines it printed. */
export class CommandError extends Error {}

/**
 * Runs a command to its end and returns what it printed on standard output.
 * @throws CommandError naming the command, its exit code and its last 15 lines
 */
export async function run(command: string, args: readonly string[], options: Options = {}): Promise<string> {
  try {
    const { stdout } = await execa(command, args, { stdin: "ignore", ...options });
    return typeof stdout === "string" ? stdout : "";
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    const printed = `${asText(error.stdout)}\n${asText(error.stderr)}`
      .trim()
      .split("\n")
      .slice(-15)
      .join("\n");
    throw new CommandError(`${error.shortMessage}\n${printed}`, { cause: error });
  }
}

function asText(output: unknown): string {
  return typeof output === "string" ? output : "";
}

/** Whether the command ends well; its output is dropped. */
export async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  const { exitCode } = await execa(command, args, { stdin: "ignore", reject: false });
  return exitCode === 0;
}
