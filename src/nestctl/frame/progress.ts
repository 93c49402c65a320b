import { clearLine, cursorTo } from "node:readline";

/** The present step of long work: one line that changes on a terminal, a line for each step elsewhere. */
export class Progress {
  readonly #startMs = performance.now();
  readonly #output: NodeJS.WriteStream;
  #step = "";

  constructor(output: NodeJS.WriteStream = process.stderr) {
    this.#output = output;
  }

  tell(step: string): void {
    const seconds = Math.round((performance.now() - this.#startMs) / 1000);
    if (this.#output.isTTY) {
      cursorTo(this.#output, 0);
      // One that knows no size says 0.
      const width = this.#output.columns > 0 ? this.#output.columns : 80;
      this.#output.write(`${String(seconds)} s  ${step}`.slice(0, width - 1));
      clearLine(this.#output, 1);
    } else if (step !== this.#step) {
      this.#output.write(`${String(seconds)} s  ${step}\n`);
    }
    this.#step = step;
  }

  end(): void {
    if (this.#output.isTTY && this.#step !== "") this.#output.write("\n");
  }
}
