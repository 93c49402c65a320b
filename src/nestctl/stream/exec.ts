import type { OutgoingHttpHeaders } from "node:http";
import type { RequestOptions } from "node:https";
import type { Readable, Writable } from "node:stream";
import { WebSocket, type RawData } from "ws";
import { apiErrorOf, UnreachableError } from "../../kube/api-error.ts";
import type { Session } from "../kube/session.ts";
import { closeInput, exitCodeOf, frame, PROTOCOLS, STREAM, supportsClose } from "./exec-protocol.ts";

/** More than this is not taken from the input while the server has not read what went before, in bytes. */
const BEHIND_BYTES = 256 * 1024;
const CONNECT_MS = 30_000;
/** A connection over which nothing came for so long, an answer to a ping neither, is dead. */
const PING_MS = 15_000;

/** What to run, and in which container. */
export interface ExecTarget {
  namespace: string;
  pod: string;
  container: string;
  command: readonly string[];
}

/** What the command reads and writes, and what ends it before its time. Without an input it reads nothing. */
export interface ExecStreams {
  input?: Readable;
  output: Writable;
  errors: Writable;
  signal?: AbortSignal;
}

/** The connection ended before the command had: nobody knows what becomes of it. */
export class ConnectionEnded extends Error {}

/**
 * Runs a command in a container, as `kubectl exec` does, and resolves to its exit code.
 * @throws ApiError when the API server refuses, UnreachableError, ConnectionEnded
 */
export async function exec(session: Session, target: ExecTarget, streams: ExecStreams): Promise<number> {
  const { signal } = streams;
  const socket = await open(session, execPath(target, streams.input !== undefined));
  const abort = (): void => socket.terminate();
  signal?.addEventListener("abort", abort, { once: true });
  const pings = watchOver(socket);
  try {
    const exitCode = carry(socket, streams);
    if (streams.input !== undefined) void feed(socket, streams.input);
    return await exitCode;
  } finally {
    clearInterval(pings);
    signal?.removeEventListener("abort", abort);
    socket.terminate();
  }
}

function execPath({ namespace, pod, container, command }: ExecTarget, input: boolean): string {
  const query = new URLSearchParams({ container, stdin: String(input), stdout: "true", stderr: "true" });
  for (const word of command) query.append("command", word);
  return `/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query.toString()}`;
}

async function open({ config, impersonation }: Session, path: string): Promise<WebSocket> {
  const { server = "" } = config.getCurrentCluster() ?? {};
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { headers = {}, ...connection } = options;
  const socket = new WebSocket(`${server.replace(/^http/, "ws").replace(/\/$/, "")}${path}`, [...PROTOCOLS], {
    ...connection,
    headers: { ...(headers as OutgoingHttpHeaders), ...impersonation },
    handshakeTimeout: CONNECT_MS,
    perMessageDeflate: false,
  });
  return new Promise((resolve, reject) => {
    socket.once("open", () => {
      // What the server sends first may come with its consent, before anybody listens.
      socket.pause();
      socket.on("error", () => undefined); // "close" follows
      resolve(socket);
    });
    socket.once("error", (error) => {
      reject(
        new UnreachableError(`API server ${server} cannot be reached: ${error.message}`, { cause: error }),
      );
    });
    socket.once("unexpected-response", (_, answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => (body += text));
      answer.once("end", () => {
        reject(apiErrorOf(answer.statusCode ?? 500, body));
        socket.terminate();
      });
    });
  });
}

/** Ends a socket whose other end is silently gone. */
function watchOver(socket: WebSocket): NodeJS.Timeout {
  let heard = true;
  const hear = (): void => {
    heard = true;
  };
  socket.on("pong", hear).on("message", hear);
  return setInterval(() => {
    // One that is paused hears nothing because its reader is slow.
    if (!heard && !socket.isPaused) socket.terminate();
    heard = false;
    socket.ping();
  }, PING_MS);
}

async function carry(socket: WebSocket, { output, errors }: ExecStreams): Promise<number> {
  const outputs = new Map<number, Writable>([
    [STREAM.output, output],
    [STREAM.errors, errors],
  ]);
  const ended = new Promise<string>((resolve, reject) => {
    let status: string | undefined;
    const slow = (stream: Writable): void => {
      socket.pause();
      stream.once("drain", () => socket.resume());
    };
    socket.on("message", (message: RawData) => {
      const bytes = message as Buffer;
      const stream = outputs.get(bytes[0] ?? -1);
      const content = bytes.subarray(1);
      if (stream !== undefined && content.length > 0 && !stream.write(content)) slow(stream);
      if (bytes[0] === STREAM.status) {
        status = content.toString();
        socket.close();
      }
    });
    socket.once("close", () => {
      if (status !== undefined) resolve(status);
      else reject(new ConnectionEnded("the connection to the pod ended"));
    });
    socket.resume();
  });
  return exitCodeOf(await ended);
}

/** Passes on the input as fast as the server takes it. */
async function feed(socket: WebSocket, input: Readable): Promise<void> {
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const give = (data: Buffer): void => {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(frame(STREAM.input, data), () => {
      if (socket.bufferedAmount < BEHIND_BYTES && input.isPaused()) input.resume();
    });
    if (socket.bufferedAmount >= BEHIND_BYTES) input.pause();
  };
  const end = (): void => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (supportsClose(socket.protocol)) socket.send(closeInput());
    else socket.close();
  };
  input.on("data", give).once("end", end);
  if (input.readableEnded) end();
  await closed;
  input.off("data", give).off("end", end);
  input.pause();
}
