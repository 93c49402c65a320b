import type { Client } from "./client.ts";
import type { Clock } from "./clock.ts";
import { keyOf, type Draft, type KubeObject, type Resource } from "./object.ts";

/**
 * Server-side apply of objects that are not watched: what has not changed since it was applied is applied again only
 * after a while, in case somebody else has changed it.
 */
export class Applier {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #againMs: number;
  readonly #applied = new Map<string, Map<string, { text: string; atMs: number }>>();

  constructor(client: Client, clock: Clock, againMs: number) {
    this.#client = client;
    this.#clock = clock;
    this.#againMs = againMs;
  }

  /** @param owner for whom it is done; see `forget` */
  async apply<T extends KubeObject>(owner: string, resource: Resource<T>, draft: Draft<T>): Promise<void> {
    const applied = this.#applied.get(owner) ?? new Map<string, { text: string; atMs: number }>();
    this.#applied.set(owner, applied);
    const key = `${resource.plural}/${keyOf(draft)}`;
    const text = JSON.stringify(draft);
    const last = applied.get(key);
    if (last?.text === text && this.#clock.now() - last.atMs < this.#againMs) return;
    await this.#client.apply(resource, draft);
    applied.set(key, { text, atMs: this.#clock.now() });
  }

  /** The owner is gone, and what was applied for it. */
  forget(owner: string): void {
    this.#applied.delete(owner);
  }
}
