/** Ctrl+], as in telnet and virsh. */
const ESCAPE = 0x1d;

/** What a person types, for whichever connection there is. */
export class Keys {
  readonly #raw: boolean;
  #give: ((data: Buffer) => void) | undefined;
  #end: (() => void) | undefined;
  #left = false;

  /** @param raw whether it is a terminal, where the escape key leaves; elsewhere the end of the input does */
  constructor(raw: boolean) {
    this.#raw = raw;
  }

  /** The person has left. */
  get left(): boolean {
    return this.#left;
  }

  typed(data: Buffer): void {
    const escape = this.#raw ? data.indexOf(ESCAPE) : -1;
    const meant = escape < 0 ? data : data.subarray(0, escape);
    if (meant.length > 0) this.#give?.(meant);
    if (escape >= 0) this.leave();
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#end?.();
  }

  /** What is typed while nothing is attached is nobody's. Returns what detaches again. */
  attach(give: (data: Buffer) => void, end: () => void): () => void {
    [this.#give, this.#end] = [give, end];
    if (this.#left) end();
    return () => {
      [this.#give, this.#end] = [undefined, undefined];
    };
  }
}

const WORD_BYTES = 200;

/** Keeps the end of what a console said: Nestlet's own last word is in it. */
export class Ear {
  #tail = "";

  get heardAnything(): boolean {
    return this.#tail !== "";
  }

  hear(data: Buffer): void {
    this.#tail = (this.#tail + data.toString("latin1")).slice(-WORD_BYTES);
  }

  /** `another console took over…`, `the guest has ended`, or undefined for what a guest says itself. */
  get lastWord(): string | undefined {
    return /\r\n\[nestlet: ([^\r\n]*)\]\r\n$/.exec(this.#tail)?.[1];
  }
}

export type Step = "leave" | "reconnect" | "next run";

/** What to do when a connection to a console has ended. */
export function nextStep(end: {
  /** The error that ended it; undefined when the launcher did. */
  ended: unknown;
  left: boolean;
  said: string | undefined;
  reconnect: boolean;
  follow?: boolean;
}): Step {
  if (end.left || end.said?.startsWith("another console took over") === true) return "leave";
  const over = end.ended === undefined || end.said === "the guest has ended";
  if (over) return end.follow === true ? "next run" : "leave";
  return end.reconnect ? "reconnect" : "leave";
}
