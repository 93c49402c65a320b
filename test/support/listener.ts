import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent } from "undici";
import { Client } from "../../src/kube/client.ts";

/** An HTTP server on loopback whose answers a test gives, and a client that takes it for an API server. */
export interface Listener {
  client: Client;
  server: Server;
  close(): Promise<void>;
}

/** @param connections how many the client may open at the same time; left out, any number */
export async function listen(answer: RequestListener, connections?: number): Promise<Listener> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const agent = new Agent(connections === undefined ? {} : { connections });
  const access = { dispatcher: agent, headers: {} };
  const client = new Client(
    {
      server: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
      requests: async () => Promise.resolve(access),
      watches: async () => Promise.resolve(access),
      forget: () => undefined,
      close: async () => agent.destroy(),
    },
    "test",
  );
  return {
    client,
    server,
    close: async () => {
      await agent.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}
