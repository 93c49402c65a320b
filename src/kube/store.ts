import { isNewer, keyOf, type KubeObject } from "./object.ts";

/** What a listener is told: `after` is absent for an object that is gone, `before` for one that is new. */
export interface Change<T> {
  before?: T;
  after?: T;
}

export type Listener<T> = (change: Change<T>) => void;

/** The objects of a kind as last seen, fed by a reflector. Objects in it must not be changed. */
export class Store<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #listeners: Listener<T>[] = [];

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): T[] {
    return [...this.#objects.values()];
  }

  /** Listeners must be quick and must not throw: they only put keys into queues. */
  subscribe(listener: Listener<T>): void {
    this.#listeners.push(listener);
  }

  /** Takes over a whole list, of one namespace or of all; what is not in it is gone. */
  replace(objects: readonly T[], namespace?: string): void {
    const listed = new Set(objects.map(keyOf));
    for (const [key, object] of this.#objects) {
      const inScope = namespace === undefined || object.metadata.namespace === namespace;
      if (inScope && !listed.has(key)) this.remove(object);
    }
    for (const object of objects) this.upsert(object);
  }

  /** An object as the watch tells of it; an older version than the one held is ignored. */
  upsert(object: T): void {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    if (before?.metadata.uid === object.metadata.uid) {
      if (!isNewer(object.metadata.resourceVersion, before.metadata.resourceVersion)) return;
    }
    this.#objects.set(key, object);
    this.#tell(before === undefined ? { after: object } : { before, after: object });
  }

  /**
   * The answer to a write of our own, so that the next decision is not made on what was before it. It never brings
   * back an object that the watch has told is gone.
   */
  observe(object: T): void {
    if (this.#objects.get(keyOf(object))?.metadata.uid === object.metadata.uid) this.upsert(object);
  }

  remove(object: T): void {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    if (before === undefined || before.metadata.uid !== object.metadata.uid) return;
    this.#objects.delete(key);
    this.#tell({ before });
  }

  #tell(change: Change<T>): void {
    for (const listener of this.#listeners) listener(change);
  }
}
