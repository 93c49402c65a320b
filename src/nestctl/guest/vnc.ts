import { spawn } from "node:child_process";
import { once } from "node:events";
import { Duplex, PassThrough } from "node:stream";
import { CONTROL_COMMAND } from "../../launch-plan/pod-contract.ts";
import { portOf } from "../frame/flag-values.ts";
import type { Globals } from "../frame/globals.ts";
import { note, print } from "../frame/output.ts";
import { withSession, type Session } from "../kube/session.ts";
import { forward } from "../stream/dialer.ts";
import { untilStopped } from "../stream/stop.ts";
import { inLauncher, runningOf, verb, type Run } from "../vm/launcher.ts";

export interface VncOptions {
  port: string;
  proxyOnly?: boolean;
}

/** Viewers, and how each is told where to look. */
const VIEWERS: readonly (readonly [program: string, args: (port: number) => string[]])[] = [
  ["remote-viewer", (port) => [`vnc://127.0.0.1:${String(port)}`]],
  ["vncviewer", (port) => [`127.0.0.1::${String(port)}`]],
  // On macOS, which has a viewer of its own; elsewhere it is another program.
  ["/usr/bin/open", (port) => [`vnc://127.0.0.1:${String(port)}`]],
];

/** `nestctl vnc`: until the viewer ends, or Ctrl+C. */
export async function vnc(globals: Globals, name: string, options: VncOptions): Promise<void> {
  const local = options.port === "0" ? 0 : portOf(options.port, "--port");
  await withSession(globals, async (session) => {
    const run = await runningOf(session, name);
    // Refuses here and now where there is no display.
    await verb(session, run, "screenshot");
    const { port, close } = await forward("127.0.0.1", local, () => display(session, run));
    try {
      print(`vnc://127.0.0.1:${String(port)}\n`);
      if (options.proxyOnly === true || !(await viewed(port))) await untilStopped();
    } finally {
      await close();
    }
  });
}

function display(session: Session, run: Run): Duplex {
  const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
  errors.on("data", (data: Buffer) => note(data.toString().trim()));
  const joined = Duplex.from({ readable: output, writable: input });
  const abort = new AbortController();
  joined.once("close", () => abort.abort());
  const streams = { input, output, errors, signal: abort.signal };
  inLauncher(session, run, [CONTROL_COMMAND, "vnc"], streams).then(
    () => output.end(),
    (error: unknown) => joined.destroy(error as Error),
  );
  return joined;
}

/** Shows the display until the viewer is closed; false when there is no viewer. */
async function viewed(port: number): Promise<boolean> {
  for (const [program, args] of VIEWERS) {
    if (program.endsWith("open") && process.platform !== "darwin") continue;
    const viewer = spawn(program, args(port), { stdio: "ignore" });
    try {
      await once(viewer, "spawn");
    } catch {
      continue; // there is no such program
    }
    await once(viewer, "exit");
    return true;
  }
  note("no VNC viewer was found; point one at this address, and press Ctrl+C to end");
  return false;
}
