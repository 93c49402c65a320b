import { StringDecoder } from "node:string_decoder";

/** What came of a command on one member. */
export interface Outcome {
  name: string;
  /** Its exit code; 255 when it could not be run to its end. */
  code: number;
  why?: string | undefined;
}

/** The largest exit code. */
export function overallCode(outcomes: readonly Outcome[]): number {
  return Math.max(0, ...outcomes.map(({ code }) => code));
}

type Stream = "out" | "err";

export interface Sinks {
  out: (text: string) => void;
  err: (text: string) => void;
}

const OWN: Sinks = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

/** Prints whole lines of one member: each with its name as they come, or all of them when it has ended. */
export class LinePrinter {
  readonly #prefix: string;
  readonly #name: string;
  readonly #collect: boolean;
  readonly #sinks: Sinks;
  readonly #decoders = { out: new StringDecoder(), err: new StringDecoder() };
  readonly #rest = { out: "", err: "" };
  #collected: [Stream, string][] = [];

  constructor(name: string, width: number, collect: boolean, sinks: Sinks = OWN) {
    this.#name = name;
    this.#prefix = `${name.padEnd(width)} | `;
    this.#collect = collect;
    this.#sinks = sinks;
  }

  hear(stream: Stream, data: Buffer): void {
    const lines = (this.#rest[stream] + this.#decoders[stream].write(data)).split("\n");
    this.#rest[stream] = lines.pop() ?? "";
    for (const line of lines) this.#line(stream, line);
  }

  /** The last lines may lack their end. */
  end(): void {
    for (const stream of ["out", "err"] as const) {
      const rest = this.#rest[stream] + this.#decoders[stream].end();
      if (rest !== "") this.#line(stream, rest);
      this.#rest[stream] = "";
    }
    if (!this.#collect) return;
    this.#sinks.out(`==> ${this.#name} <==\n`);
    for (const [stream, line] of this.#collected) this.#sinks[stream](`${line}\n`);
    this.#collected = [];
  }

  #line(stream: Stream, line: string): void {
    if (this.#collect) this.#collected.push([stream, line]);
    else this.#sinks[stream](`${this.#prefix}${line}\n`);
  }
}
