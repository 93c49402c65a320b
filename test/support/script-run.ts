/** How a script goes into a guest of `nestlet.dev/kernel-lab:1`, and what comes out; see its init. */

/** What a script left. */
export interface ScriptRun {
  /** Both its streams, as a pod's log shows them: without empty lines, and without blanks at the ends of lines. */
  output: string;
  exitCode: number;
}

/** Linux keeps 2047 characters of its command line and drops the rest. */
const LONGEST_COMMAND_LINE = 2047;

/** The kernel's command line. @throws RangeError when the script is too long for it */
export function kernelArguments(script: string): string {
  const line = `console=ttyS0 quiet run=${Buffer.from(script).toString("base64")}`;
  if (line.length <= LONGEST_COMMAND_LINE) return line;
  throw new RangeError(
    `a script of ${Buffer.byteLength(script)} bytes makes a command line of ${line.length} characters, ` +
      `at most ${LONGEST_COMMAND_LINE} are possible; put some of it on a disk`,
  );
}

/**
 * Reads the log of the guest's pod, in which its console and the launcher's own lines are mixed.
 * @throws Error with the console when the script did not come to its end
 */
export function readScriptRun(log: string): ScriptRun {
  const lines = log.split("\n").filter((line) => !/^\{"time":".*\}$/.test(line));
  const begin = lines.indexOf("kernel-lab: the script printed");
  const end = lines.findLastIndex((line) => /^kernel-lab: the script ended with \d+$/.test(line));
  if (begin === -1 || end < begin) {
    throw new Error(`the guest's script did not come to its end:\n${lines.join("\n")}`);
  }
  return { output: lines.slice(begin + 1, end).join("\n"), exitCode: Number(lines[end]?.split(" ").at(-1)) };
}
