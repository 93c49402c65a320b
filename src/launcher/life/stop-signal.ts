import { log } from "../log.ts";

/** Aborts at the first SIGTERM or SIGINT. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      log.info("asked to stop", { signal });
      controller.abort();
    });
  }
  return controller.signal;
}

/** Nestlet was asked to stop before the guest ran. */
export class StoppedBeforeStart extends Error {}

/** Rejects when the signal aborts or the start takes too long. */
export function interruption(stop: AbortSignal, startSeconds: number): Promise<never> {
  return new Promise((_, reject) => {
    const stopped = (): void => reject(new StoppedBeforeStart());
    if (stop.aborted) stopped();
    stop.addEventListener("abort", stopped, { once: true });
    setTimeout(() => reject(new StartTooSlow(startSeconds)), startSeconds * 1000).unref();
  });
}

/** The deadline of the start is over. */
export class StartTooSlow extends Error {
  constructor(startSeconds: number) {
    super(
      `the guest does not run ${startSeconds} s after its launcher started; the steps in the log show how far it came`,
    );
  }
}
