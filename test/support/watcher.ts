import { KubeConfig, Watch } from "@kubernetes/client-node";

interface Named {
  metadata: { name: string };
}

type Change = "ADDED" | "MODIFIED" | "DELETED";

interface Waiter {
  matches: (change: Change, object: Named) => boolean;
  resolve: (milliseconds: number) => void;
  reject: (reason: Error) => void;
}

/**
 * Follows one resource of a namespace by a watch and tells when something was first seen. The client library ends a watch
 * on which nothing has come for 30 s; whoever waits then hears of that.
 */
export class Watcher {
  private readonly waiters = new Set<Waiter>();
  private controller: AbortController | undefined;

  static async start(kubeconfig: string, path: string): Promise<Watcher> {
    const watcher = new Watcher();
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    watcher.controller = await new Watch(config).watch(
      path,
      {},
      (phase, object) => watcher.onChange(phase as Change, object as Named),
      (error: unknown) => watcher.onEnd(error),
    );
    return watcher;
  }

  /** Resolves with `performance.now()` at the first change that matches. */
  async seen(
    name: string,
    matches: (change: Change, object: Record<string, unknown>) => boolean,
    timeoutMs = 120_000,
  ): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${name} was not seen as expected within ${timeoutMs} ms`)),
        timeoutMs,
      );
      const waiter: Waiter = {
        matches: (change, object) =>
          object.metadata.name === name && matches(change, object as unknown as Record<string, unknown>),
        resolve: (at) => {
          clearTimeout(timer);
          this.waiters.delete(waiter);
          resolve(at);
        },
        reject: (reason) => {
          clearTimeout(timer);
          reject(reason);
        },
      };
      this.waiters.add(waiter);
    });
  }

  stop(): void {
    this.controller?.abort();
  }

  private onEnd(cause: unknown): void {
    for (const waiter of this.waiters) waiter.reject(new Error("the watch has ended", { cause }));
    this.waiters.clear();
  }

  private onChange(change: Change, object: Named): void {
    const at = performance.now();
    for (const waiter of this.waiters) if (waiter.matches(change, object)) waiter.resolve(at);
  }
}
