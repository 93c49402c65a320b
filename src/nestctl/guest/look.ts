import { writeFile } from "node:fs/promises";
import type { Globals } from "../frame/globals.ts";
import { note, print, valueText } from "../frame/output.ts";
import { withSession } from "../kube/session.ts";
import { inLauncher, runningOf, verb } from "../vm/launcher.ts";

export interface GuestInfoOptions {
  output: "json" | "yaml";
}

/** `nestctl guestinfo` */
export async function guestInfo(globals: Globals, name: string, { output }: GuestInfoOptions): Promise<void> {
  await withSession(globals, async (session) => {
    const info = await verb(session, await runningOf(session, name), "info");
    print(await valueText(JSON.parse(info.toString()), output));
  });
}

/** `nestctl screenshot` */
export async function screenshot(globals: Globals, name: string, options: { file?: string }): Promise<void> {
  const { file = `${name}.png` } = options;
  await withSession(globals, async (session) => {
    const image = await verb(session, await runningOf(session, name), "screenshot");
    if (file === "-") {
      process.stdout.write(image);
      return;
    }
    await writeFile(file, image);
    note(`wrote ${file} (${String(image.length)} bytes)`);
  });
}

/** `nestctl virsh`: the exit code is virsh's own. */
export async function virsh(globals: Globals, name: string, words: readonly string[]): Promise<void> {
  await withSession(globals, async (session) => {
    const run = await runningOf(session, name);
    const streams = { output: process.stdout, errors: process.stderr };
    process.exitCode = await inLauncher(session, run, ["virsh", ...words], streams);
  });
}
