const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Resolves when a person or the system wants this program to end. */
export async function untilStopped(): Promise<void> {
  // Listening for signals alone does not keep a program running.
  const alive = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve());
  });
  clearInterval(alive);
}

/**
 * Runs work with a signal that aborts when this program is to end, so that what was made on the way can be removed.
 */
export async function abortable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  for (const signal of SIGNALS) process.once(signal, abort);
  try {
    return await work(stop.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, abort);
  }
}
