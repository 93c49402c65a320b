import { setTimeout as delay } from "node:timers/promises";

/**
 * Repeats `attempt` until it does not throw and returns its value; at the deadline, its last error.
 * @param everyMs pause between two attempts: most of them start kubectl, on processors that guests want
 */
export async function eventually<T>(attempt: () => Promise<T>, timeoutMs: number, everyMs = 500): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
      await delay(everyMs);
    }
  }
}
