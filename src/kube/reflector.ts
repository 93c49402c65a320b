import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, apiErrorOf, isExpired } from "./api-error.ts";
import { Backoff } from "./backoff.ts";
import type { Client, Selection } from "./client.ts";
import type { Logger } from "./log.ts";
import type { KubeObject, Resource } from "./object.ts";
import type { Store } from "./store.ts";

interface WatchEvent<T> {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  object: T;
}

/** As client-go: watches end after 5 to 10 minutes, so that they spread over the API servers. */
const watchSeconds = { min: 300, max: 600 };
const pageSize = 500;
const shortestWatchMs = 1_000;

export interface ReflectorOptions<T extends KubeObject> {
  client: Client;
  resource: Resource<T>;
  selection: Selection;
  store: Store<T>;
  log: Logger;
}

/**
 * Keeps a store in step with the API server: lists in pages, watches from there with bookmarks, lists again when the
 * history is gone (410), and comes back with growing pauses after any other error. It ends only with the signal.
 */
export class Reflector<T extends KubeObject> {
  readonly #client: Client;
  readonly #resource: Resource<T>;
  readonly #selection: Selection;
  readonly #store: Store<T>;
  readonly #log: Logger;
  readonly #backoff = new Backoff(800, 30_000);
  readonly #firstList = Promise.withResolvers<undefined>();
  #resourceVersion: string | undefined;
  #synced = false;

  constructor({ client, resource, selection, store, log }: ReflectorOptions<T>) {
    this.#client = client;
    this.#resource = resource;
    this.#selection = selection;
    this.#store = store;
    this.#log = log.child({ resource: resource.plural });
  }

  /** Whether the store has held a whole list. */
  get synced(): boolean {
    return this.#synced;
  }

  /** Resolves after the first whole list. */
  async sync(): Promise<void> {
    await this.#firstList.promise;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#resourceVersion ??= await this.#list();
        await this.#watch(this.#resourceVersion, signal);
      } catch (error) {
        await this.#recover(error, signal);
      }
    }
  }

  async #list(): Promise<string> {
    const items: T[] = [];
    let next = "";
    let resourceVersion: string;
    do {
      const page = await this.#client.listPage(this.#resource, this.#selection, pageSize, next);
      // Ten thousand whole objects are twice what is held of them.
      items.push(...page.items.map((item) => this.#store.held(item)));
      ({ next, resourceVersion } = page);
    } while (next !== "");
    this.#store.replace(items, this.#selection.namespace);
    this.#synced = true;
    this.#firstList.resolve(undefined);
    return resourceVersion;
  }

  async #watch(from: string, signal: AbortSignal): Promise<void> {
    const seconds = watchSeconds.min + Math.random() * (watchSeconds.max - watchSeconds.min);
    const query = {
      resourceVersion: from,
      allowWatchBookmarks: "true",
      timeoutSeconds: String(Math.round(seconds)),
    };
    const started = performance.now();
    let events = 0;
    for await (const event of this.#client.watch(this.#resource, this.#selection, query, signal)) {
      this.#take(event as WatchEvent<T>);
      this.#backoff.reset();
      events++;
    }
    // A server on its way out ends watches as soon as they begin: that is no reason to storm it.
    if (events === 0 && performance.now() - started < shortestWatchMs)
      throw new Error("the watch ended at once");
  }

  #take(event: WatchEvent<T>): void {
    if (event.type === "ERROR") {
      const status = event.object as unknown as { code?: number };
      throw apiErrorOf(status.code ?? 500, JSON.stringify(status));
    }
    if (event.type !== "BOOKMARK") {
      if (event.type === "DELETED") this.#store.remove(event.object);
      else this.#store.upsert(event.object);
    }
    this.#resourceVersion = event.object.metadata.resourceVersion;
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    if (isExpired(error)) {
      this.#resourceVersion = undefined;
      this.#log.debug("history is gone, listing again");
      return;
    }
    const asked = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    const pauseMs = Math.max(asked, this.#backoff.next());
    const message = error instanceof Error ? error.message : String(error);
    this.#log.warn("watch failed", { error: message, retryInMs: Math.round(pauseMs) });
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
