import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks again and again until the answer is true.
 * Asks soon at first, then ever more rarely, at last each `everyMs`.
 * @param what completes the sentence "… did not happen within 30 s"
 * @throws Error with `hint()` when the time is over; whatever `check` throws, at once
 */
export async function waitFor(
  what: string,
  check: () => Promise<boolean>,
  { seconds, hint, everyMs = 250 }: { seconds: number; hint?: () => Promise<string>; everyMs?: number },
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (let pause = 20; ; pause = Math.min(pause * 1.5, everyMs)) {
    if (await check()) return;
    if (Date.now() > deadline) break;
    await sleep(pause);
  }
  const more = hint === undefined ? "" : `\n${await hint()}`;
  throw new Error(`${what} did not happen within ${seconds} s${more}`);
}
