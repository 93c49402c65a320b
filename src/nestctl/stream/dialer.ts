import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { note } from "../frame/output.ts";
import type { Session } from "../kube/session.ts";
import type { Via } from "./dialer-ways.ts";
import { Relay, type Owner } from "./relay.ts";

/** Opens connections to addresses of the pod network. */
export interface Dialer {
  /** Whether this machine reaches the pod network itself. */
  readonly direct: boolean;
  dial(address: string, port: number): Duplex;
  close(): Promise<void>;
}

/** A guest that is to be reached, by which the way is chosen. */
export interface Target {
  address: string;
  port: number;
  /** Its launcher's pod. */
  pod: string;
}

/** A neighbour answers, or refuses, within this; a packet into nowhere is not answered. */
const PROBE_MS = 1500;

/** Chooses a way to guests. The relay, where there is one, is closed with the dialer. */
export async function openDialer(session: Session, via: Via, target: Target, owner: Owner): Promise<Dialer> {
  const direct = via === "direct" || (via === "auto" && (await isReachable(target.address, target.port)));
  if (direct) {
    const dial = (address: string, port: number): Duplex =>
      connect({ host: address, port, noDelay: true, allowHalfOpen: true });
    return { direct, dial, close: async () => Promise.resolve() };
  }
  note("the pod network is not in reach from here: going through a relay pod");
  const relay = await Relay.open(session, target.pod, owner);
  return { direct, dial: (address, port) => relay.dial(address, port), close: async () => relay.close() };
}

/** Whether packets to an address are answered; a port that refuses is an answer. */
async function isReachable(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    return await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED"));
      setTimeout(() => resolve(false), PROBE_MS).unref();
    });
  } finally {
    socket.destroy();
  }
}

/** A local port that leads elsewhere. */
export interface Forward {
  /** Chosen by the system where 0 was asked for. */
  port: number;
  close: () => Promise<void>;
}

/**
 * Listens on an address of this machine and joins each caller to a connection of its own.
 * @param open called for each caller
 * @throws Error of listen(2), as when the port is taken
 */
export async function forward(address: string, port: number, open: () => Duplex): Promise<Forward> {
  const callers = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (caller) => {
    callers.add(caller);
    caller.once("close", () => callers.delete(caller));
    join(caller, open());
  });
  server.listen(port, address);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const caller of callers) caller.destroy();
      await once(server.close(), "close");
    },
  };
}

/** Passes bytes both ways until both sides have ended; what goes wrong is told. */
export function join(one: Duplex, other: Duplex): void {
  link(one, other);
  link(other, one);
}

/** Who goes without a word leaves the other with what was on its way. */
const QUIET = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE", "ABORT_ERR"]);

function link(from: Duplex, to: Duplex): void {
  from.pipe(to);
  from.once("error", (error: NodeJS.ErrnoException) => {
    if (!QUIET.has(error.code ?? "")) note(`forwarding: ${error.message}`);
    to.destroy();
  });
  from.once("close", () => to.end(() => to.destroy()));
}
