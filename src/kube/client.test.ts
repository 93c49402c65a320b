import assert from "node:assert/strict";
import { listen, type Listener } from "../../test/support/listener.ts";
import { UnreachableError } from "./api-error.ts";
import type { Client } from "./client.ts";

describe("a client whose connection is closed as it is used again", () => {
  const review = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  let listener: Listener;
  let client: Client;
  let asked: string[];

  beforeEach(async () => {
    asked = [];
    const used = new WeakSet();
    listener = await listen((request, response) => {
      asked.push(request.method ?? "");
      if (used.has(request.socket)) request.socket.destroy();
      else response.setHeader("content-type", "application/json").end("{}");
      used.add(request.socket);
    }, 1);
    ({ client } = listener);
    await client.call("GET", "/version");
  });

  afterEach(async () => {
    await listener.close();
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
