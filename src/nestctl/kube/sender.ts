import { request as plain, type ClientRequest, type IncomingMessage } from "node:http";
import { request as secure, type RequestOptions } from "node:https";
import type { Answer, Outgoing, Sender } from "../../kube/sender.ts";

const CONNECT_MS = 10_000;
const ANSWER_MS = 60_000;

/** Sends over Node's own HTTP. @param options the identity, and the agent that makes connections */
export function sender(options: RequestOptions): Sender {
  return { request: async (outgoing) => send(options, outgoing) };
}

async function send(options: RequestOptions, outgoing: Outgoing): Promise<Answer> {
  const { origin, path, method, headers, body, signal, bodyTimeout = ANSWER_MS } = outgoing;
  const make: typeof plain = origin.startsWith("https:") ? secure : plain;
  return new Promise((resolve, reject) => {
    const request = make(`${origin}${path}`, {
      ...options,
      method,
      headers: { ...headers, ...lengthOf(body) },
      timeout: ANSWER_MS,
      ...(signal === undefined ? {} : { signal }),
    });
    request.on("error", reject);
    request.on("timeout", () => {
      request.destroy(new Error("nothing came for too long"));
    });
    giveUpConnecting(request, origin.startsWith("https:") ? "secureConnect" : "connect");
    request.once("response", (message) => {
      // The time of the socket is that of the request; from here on the body's counts.
      request.setTimeout(bodyTimeout);
      // Who reads the body is told; nobody may read it yet.
      message.on("error", () => undefined);
      resolve({
        statusCode: message.statusCode ?? 0,
        headers: message.headers,
        body: Object.assign(message, {
          text: async () => textOf(message),
          json: async () => JSON.parse(await textOf(message)) as unknown,
        }),
      });
    });
    request.end(body ?? undefined);
  });
}

/** Node sends the body of a DELETE without its length otherwise, which servers take for none. */
function lengthOf(body: string | null | undefined): Record<string, string> {
  return typeof body === "string" ? { "content-length": String(Buffer.byteLength(body)) } : {};
}

/** A server that takes no connection is known sooner than one that is slow to answer. */
function giveUpConnecting(request: ClientRequest, connected: "connect" | "secureConnect"): void {
  const timer = setTimeout(() => {
    request.destroy(new Error(`no connection within ${String(CONNECT_MS / 1000)} s`));
  }, CONNECT_MS);
  const stop = (): void => clearTimeout(timer);
  request.once("socket", (socket) => {
    if (request.reusedSocket) stop();
    else socket.once(connected, stop);
  });
  request.once("response", stop).once("close", stop);
}

async function textOf(message: IncomingMessage): Promise<string> {
  let text = "";
  message.setEncoding("utf8");
  for await (const chunk of message) text += chunk as string;
  return text;
}
