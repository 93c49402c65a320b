import { fstatSync } from "node:fs";
import { CONTROL_SOCKET, isStream, type Verb } from "../protocol.ts";
import { call, ExitCode } from "./call.ts";
import { readCommandLine, USAGE } from "./command-line.ts";

/** `nestlet-ctl`, run inside the launcher's pod. */
async function main(): Promise<number> {
  const wish = readCommandLine(process.argv.slice(2));
  if ("help" in wish) {
    process.stdout.write(wish.help);
    return ExitCode.done;
  }
  if ("usageError" in wish) {
    process.stderr.write(`nestlet-ctl: ${wish.usageError}\n${USAGE}`);
    return ExitCode.usage;
  }
  if (needsInput(wish.request.verb)) {
    process.stderr.write(
      `nestlet-ctl ${wish.request.verb}: nobody types here; use kubectl exec -it (or -i for vnc)\n`,
    );
    return ExitCode.usage;
  }
  // Who reads may go at any time; what is left to say is then said to nobody.
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", () => process.exit(ExitCode.failed));
  const { stdin: input, stdout: output, stderr: errors } = process;
  return call(CONTROL_SOCKET, wish.request, { input, output, errors });
}

/** `kubectl exec` without -i gives a program /dev/null to read. */
function needsInput(verb: Verb): boolean {
  return isStream(verb) && fstatSync(0).isCharacterDevice() && !process.stdin.isTTY;
}

process.exitCode = await main();
