import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent } from "undici";
import { UnreachableError } from "./api-error.ts";
import { Client } from "./client.ts";
import type { Connection } from "./connection.ts";

describe("a client whose connection is closed as it is used again", () => {
  const review = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  let listener: Server;
  let agent: Agent;
  let client: Client;
  let asked: string[];

  beforeEach(async () => {
    asked = [];
    const used = new WeakSet();
    listener = createServer((request, response) => {
      asked.push(request.method ?? "");
      if (used.has(request.socket)) request.socket.destroy();
      else response.setHeader("content-type", "application/json").end("{}");
      used.add(request.socket);
    }).listen(0, "127.0.0.1");
    await once(listener, "listening");
    const server = `http://127.0.0.1:${String((listener.address() as AddressInfo).port)}`;
    agent = new Agent({ connections: 1 });
    const access = { dispatcher: agent, headers: {} };
    const connection: Connection = {
      server,
      requests: async () => Promise.resolve(access),
      watches: async () => Promise.resolve(access),
      forget: () => undefined,
      close: async () => agent.destroy(),
    };
    client = new Client(connection, "test");
    await client.call("GET", "/version");
  });

  afterEach(async () => {
    await agent.destroy();
    listener.close();
  });

  it("asks a question once more", async () => {
    assert.deepEqual(await client.call("GET", "/version"), {});
    assert.deepEqual(asked, ["GET", "GET", "GET"]);
  });

  it("asks for a review once more", async () => {
    assert.deepEqual(await client.call("POST", review, {}), {});
    assert.deepEqual(asked, ["GET", "POST", "POST"]);
  });

  it("does not write twice", async () => {
    await assert.rejects(client.call("POST", "/api/v1/namespaces", {}), UnreachableError);
    assert.deepEqual(asked, ["GET", "POST"]);
  });
});
