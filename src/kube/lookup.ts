/**
 * Objects by something else than their key, as client-go's indexers have them: a question about a few of ten thousand
 * does not look at all of them.
 */
export class Lookup<T> {
  readonly #valuesOf: (object: T) => readonly string[];
  /** By the value, then by the object's key. */
  readonly #found = new Map<string, Map<string, T>>();

  /** @param valuesOf what an object is found by; the same whenever it is asked of one object */
  constructor(valuesOf: (object: T) => readonly string[]) {
    this.#valuesOf = valuesOf;
  }

  /** The objects that have the value, those first that have had it for longest. */
  get(value: string): T[] {
    return [...(this.#found.get(value)?.values() ?? [])];
  }

  /** What the key stood for, and what it stands for now; undefined is nothing. */
  change(key: string, before: T | undefined, after: T | undefined): void {
    const values = after === undefined ? [] : this.#valuesOf(after);
    for (const value of before === undefined ? [] : this.#valuesOf(before)) {
      if (!values.includes(value)) this.#drop(value, key);
    }
    if (after === undefined) return;
    for (const value of values) {
      const found = this.#found.get(value) ?? new Map<string, T>();
      this.#found.set(value, found.set(key, after));
    }
  }

  #drop(value: string, key: string): void {
    const found = this.#found.get(value);
    found?.delete(key);
    if (found?.size === 0) this.#found.delete(value);
  }
}
