import { Lookup } from "./lookup.ts";
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
  readonly #lookups: Lookup<T>[] = [];
  readonly #part: (object: T) => T;

  /** @param part what is held of an object, as client-go's TransformFunc; the whole unless told otherwise */
  constructor(part: (object: T) => T = (object) => object) {
    this.#part = part;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  /** What the store would hold of an object, for who has to keep many until they are all there. */
  held(object: T): T {
    return this.#part(withoutManagedFields(object));
  }

  list(): T[] {
    return [...this.#objects.values()];
  }

  /** Finds objects by what `valuesOf` says of each; it is in step before any listener is told of a change. */
  lookup(valuesOf: (object: T) => readonly string[]): Pick<Lookup<T>, "get"> {
    const lookup = new Lookup(valuesOf);
    for (const [key, object] of this.#objects) lookup.change(key, undefined, object);
    this.#lookups.push(lookup);
    return lookup;
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
    const after = this.held(object);
    this.#objects.set(key, after);
    for (const lookup of this.#lookups) lookup.change(key, before, after);
    this.#tell(before === undefined ? { after } : { before, after });
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
    for (const lookup of this.#lookups) lookup.change(key, before, undefined);
    this.#tell({ before });
  }

  #tell(change: Change<T>): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/**
 * Who set which field is half of an object's size, and no reconciler's business. A property that is deleted out of the
 * middle would leave the rest as a hash table, which is larger, so it is made anew.
 */
function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields, ...metadata } = object.metadata as T["metadata"] & { managedFields?: unknown };
  return managedFields === undefined ? object : { ...object, metadata };
}
