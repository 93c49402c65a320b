/** A launch plan that cannot be used; the message names the field, its value and what is wanted. */
export class LaunchPlanError extends Error {}

/** A value of a JSON document together with its place in it, for messages. */
export class Field {
  readonly #path: string;
  readonly #value: unknown;

  private constructor(path: string, value: unknown) {
    this.#path = path;
    this.#value = value;
  }

  static ofJson(json: string): Field {
    try {
      return new Field("", JSON.parse(json));
    } catch {
      // The parser's own message quotes the text, which may hold secrets.
      throw new LaunchPlanError(`launch plan: ${json.length} characters that are not JSON`);
    }
  }

  /** The member of an object or the item of a list; a member that is absent has the value undefined. */
  at(key: string | number): Field {
    const value = this.#value;
    if (typeof value !== "object" || value === null) return this.refuse("an object");
    const path = typeof key === "number" ? `${this.#path}[${key}]` : `${this.#path}.${key}`;
    const members: Record<string, unknown> = value as Record<string, unknown>;
    return new Field(path, Object.hasOwn(members, key) ? members[key] : undefined);
  }

  /** The parsed value as `{[name]: value}`, or `{}` when the field is absent: made to be spread. */
  optional<Name extends string, T>(name: Name, parse: (field: Field) => T): Partial<Record<Name, T>> {
    if (this.#value === undefined) return {};
    const member: Partial<Record<Name, T>> = {};
    member[name] = parse(this);
    return member;
  }

  list<T>(parse: (item: Field) => T): T[] {
    if (!Array.isArray(this.#value)) return this.refuse("a list");
    return this.#value.map((_, index) => parse(this.at(index)));
  }

  text(pattern: RegExp, wanted: string): string {
    if (typeof this.#value !== "string" || !pattern.test(this.#value)) return this.refuse(wanted);
    return this.#value;
  }

  oneOf<T extends string>(choices: readonly T[]): T {
    return choices.find((choice) => choice === this.#value) ?? this.refuse(`one of ${choices.join(", ")}`);
  }

  literal(wanted: number): void {
    if (this.#value !== wanted) this.refuse(`${wanted}; controller and launcher must be of one release`);
  }

  flag(): boolean {
    return typeof this.#value === "boolean" ? this.#value : this.refuse("true or false");
  }

  integer(from: number, to: number): number {
    const value = this.#value;
    const fits = typeof value === "number" && Number.isSafeInteger(value) && value >= from && value <= to;
    return fits ? value : this.refuse(`a whole number from ${from} to ${to}`);
  }

  multiple(unit: number, from: number, to: number): number {
    const value = this.integer(from, to);
    return value % unit === 0 ? value : this.refuse(`a multiple of ${unit}`);
  }

  /** @throws LaunchPlanError always */
  refuse(wanted: string): never {
    const found = this.#value === undefined ? "nothing" : JSON.stringify(this.#value).slice(0, 200);
    throw new LaunchPlanError(
      `launch plan: ${this.#path.slice(1) || "document"} is ${found}, want ${wanted}`,
    );
  }
}
