/** What was asked is not done within its time; it may still be done later. */
export class TookTooLong extends Error {
  constructor(what: string, limitMs: number) {
    super(`${what} is not done after ${limitMs / 1000} s`);
  }
}

/** Something before it is still under way. */
export class Busy extends Error {
  constructor(what: string, before: string) {
    super(`${what} has to wait: ${before} is still under way`);
  }
}

/**
 * Does one thing after another. Who waits does so for a limited time; work that takes longer keeps its place until it
 * is really over, so that a qemu which does not answer occupies one of libvirtd's few workers and no more.
 */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();
  #current: string | undefined;

  /** @throws TookTooLong or Busy when the work has not been done within the limit; what the work throws */
  async run<T>(what: string, limitMs: number, work: () => Promise<T>): Promise<T> {
    const turn = { begun: false, givenUp: false };
    const before = this.#last;
    const done = (async () => {
      await before;
      if (turn.givenUp) throw new Busy(what, "another call");
      turn.begun = true;
      this.#current = what;
      return work();
    })();
    this.#last = done.then(
      () => undefined,
      () => undefined,
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        turn.givenUp = !turn.begun;
        reject(turn.begun ? new TookTooLong(what, limitMs) : new Busy(what, this.#current ?? "another call"));
      }, limitMs);
    });
    done.catch(() => undefined);
    return Promise.race([done, late]).finally(() => clearTimeout(timer));
  }
}
