import { readFile } from "node:fs/promises";
import { usageError } from "../frame/cli-error.ts";
import { remedyOfSystem } from "../frame/system-remedy.ts";

/** What is in a file that a flag names. @throws CliError naming both, when it cannot be read */
export async function content(file: string | undefined, flag: string): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw usageError(
      `${flag}: ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      remedyOfSystem(error),
    );
  }
}

/** The lines of authorized_keys in the files that --ssh-key names. */
export async function publicKeys(files: readonly string[] = []): Promise<{ sshKey?: string[] }> {
  const keys = await Promise.all(files.map(async (file) => content(file, "--ssh-key")));
  return keys.length === 0 ? {} : { sshKey: keys.map((key = "") => key.trim()) };
}
