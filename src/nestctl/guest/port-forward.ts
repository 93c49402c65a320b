import { Duplex } from "node:stream";
import { once } from "node:events";
import { usageError } from "../frame/cli-error.ts";
import { portOf } from "../frame/flag-values.ts";
import type { Globals } from "../frame/globals.ts";
import { print } from "../frame/output.ts";
import { withSession } from "../kube/session.ts";
import { forward, join, type Forward } from "../stream/dialer.ts";
import type { Via } from "../stream/dialer-ways.ts";
import { untilStopped } from "../stream/stop.ts";
import { withReach, type Reached } from "./reach.ts";

export interface PortForwardOptions {
  address: string;
  stdio?: boolean;
  via: Via;
}

export interface PortPair {
  /** 0: a free one. */
  local: number;
  remote: number;
}

/** `[LOCAL:]REMOTE`; an empty LOCAL is a free one. */
export function portPairOf(text: string): PortPair {
  const [first = "", second, ...more] = text.split(":");
  if (more.length > 0) throw usageError(`"${text}" is no pair of ports`, "write LOCAL:REMOTE");
  const remote = portOf(second ?? first, "port");
  if (second === undefined) return { local: remote, remote };
  return { local: first === "" ? 0 : portOf(first, "port"), remote };
}

/** `nestctl port-forward`: until it is stopped, or, with --stdio, until either side ends. */
export async function portForward(
  globals: Globals,
  name: string,
  ports: readonly string[],
  options: PortForwardOptions,
): Promise<void> {
  const pairs = ports.map(portPairOf);
  const [first] = pairs;
  if (first === undefined || (options.stdio === true && pairs.length > 1)) {
    throw usageError("--stdio joins one port", "give one port");
  }
  await withSession(globals, async (session) =>
    withReach(session, { name, port: first.remote, via: options.via }, async (reached) => {
      if (options.stdio === true) await joinStdio(reached, first.remote);
      else await listen(reached, pairs, options.address);
    }),
  );
}

async function joinStdio({ dialer, address }: Reached, port: number): Promise<void> {
  const caller = Duplex.from({ readable: process.stdin, writable: process.stdout });
  const guest = dialer.dial(address, port);
  const closed = once(guest, "close");
  join(caller, guest);
  await closed;
  // A terminal that was read holds the process.
  if (process.stdin.isTTY) process.stdin.unref();
}

async function listen({ dialer, address }: Reached, pairs: readonly PortPair[], on: string): Promise<void> {
  const open: Forward[] = [];
  try {
    for (const { local, remote } of pairs) {
      const one = await forward(on, local, () => dialer.dial(address, remote)).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        throw usageError(
          `port ${String(local)} of ${on} cannot be listened on: ${why}`,
          "choose another LOCAL port",
        );
      });
      open.push(one);
      print(`forwarding ${on}:${String(one.port)} -> ${String(remote)}\n`);
    }
    await untilStopped();
  } finally {
    await Promise.all(open.map(async ({ close }) => close()));
  }
}
