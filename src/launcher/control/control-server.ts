import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { log } from "../log.ts";
import { readHead } from "./head.ts";
import { line, LONGEST_REQUEST, parseRequest, PROTOCOL_VERSION, VerbError, type Verb } from "./protocol.ts";
import { verbErrorOf } from "./verb-failure.ts";
import type { Outcome, VerbTable } from "./verbs.ts";

/** What callers may cost the launcher. */
export interface ControlLimits {
  callers: number;
  /** Until the request is there. */
  requestMs: number;
  /** Until the verb is done; console and VNC then last as long as they are used. */
  verbMs: number;
  /** Until the caller has taken the result. */
  resultMs: number;
}

const LIMITS: ControlLimits = { callers: 16, requestMs: 5_000, verbMs: 30_000, resultMs: 60_000 };

const version = PROTOCOL_VERSION;

/** Probes ask for these again and again. */
const unlogged: ReadonlySet<Verb> = new Set(["ping", "exec"]);

/** Answers verbs on a unix socket; see protocol.ts. */
export class ControlServer {
  readonly #server: Server;
  readonly #verbs: VerbTable;
  readonly #limits: ControlLimits;
  readonly #callers = new Set<Socket>();

  private constructor(verbs: VerbTable, limits: ControlLimits) {
    this.#verbs = verbs;
    this.#limits = limits;
    this.#server = createServer((caller) => void this.#serve(caller));
  }

  /** @param path of the socket, which only root can open; one that is left from before is replaced */
  static async listen(
    path: string,
    verbs: VerbTable,
    limits: Partial<ControlLimits> = {},
  ): Promise<ControlServer> {
    const control = new ControlServer(verbs, { ...LIMITS, ...limits });
    await rm(path, { force: true });
    const mask = process.umask(0o177);
    try {
      control.#server.listen(path);
    } finally {
      process.umask(mask);
    }
    await once(control.#server, "listening");
    return control;
  }

  /** No more callers; those that are there are sent away. */
  close(): void {
    this.#server.close();
    for (const caller of this.#callers) caller.destroy();
  }

  async #serve(caller: Socket): Promise<void> {
    caller.on("error", () => undefined); // "close" follows
    try {
      this.#admit(caller);
      const request = parseRequest(await readHead(caller, LONGEST_REQUEST, this.#limits.requestMs));
      if (!unlogged.has(request.verb)) log.info("verb", { verb: request.verb });
      const gone = new AbortController();
      caller.once("close", () => {
        gone.abort();
      });
      const limitMs = this.#limits.verbMs + (request.timeoutSeconds ?? 0) * 1000;
      this.#answer(caller, await within(limitMs, this.#verbs[request.verb](request, gone.signal)));
    } catch (error) {
      const { code, message } = verbErrorOf(error);
      this.#finish(caller, line({ version, error: { code, message } }));
    }
  }

  #admit(caller: Socket): void {
    if (this.#callers.size >= this.#limits.callers) {
      throw new VerbError(
        "Unavailable",
        `${this.#limits.callers} callers are here already; end one of them first`,
      );
    }
    this.#callers.add(caller);
    caller.once("close", () => this.#callers.delete(caller));
  }

  #answer(caller: Socket, outcome: Outcome): void {
    if ("stream" in outcome) {
      caller.write(line({ version, stream: true }));
      outcome.stream(caller);
    } else if ("body" in outcome) {
      caller.write(line({ version, result: { bytes: outcome.body.length } }));
      this.#finish(caller, outcome.body);
    } else if ("ran" in outcome) {
      this.#finish(caller, line({ version, result: { ran: outcome.ran } }));
    } else {
      this.#finish(caller, line({ version, result: { value: outcome.value } }));
    }
  }

  #finish(caller: Socket, last: string | Buffer): void {
    if (caller.destroyed) return;
    const timer = setTimeout(() => caller.destroy(), this.#limits.resultMs);
    caller.once("close", () => clearTimeout(timer));
    caller.end(last);
    caller.resume();
  }
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new VerbError("TimedOut", `not done after ${limitMs / 1000} s; try again`));
    }, limitMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
