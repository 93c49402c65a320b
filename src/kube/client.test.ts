import assert from "node:assert/strict";
import { listen, type Listener } from "../../test/support/listener.ts";
import { ApiError, UnreachableError } from "./api-error.ts";
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

describe("a client that is refused", () => {
  type Answer = [code: number, retryAfter?: string];
  let listener: Listener;
  let asked: number;

  const start = async (...answers: readonly Answer[]): Promise<Client> => {
    asked = 0;
    listener = await listen((_, response) => {
      const answer: Answer = answers[asked++] ?? [200];
      const [code, retryAfter] = answer;
      response.statusCode = code;
      if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
      response.setHeader("content-type", "application/json").end("{}");
    }, 1);
    return listener.client;
  };

  afterEach(async () => {
    await listener.close();
  });

  it("comes back when the server says when", async () => {
    const client = await start([429, "0"], [503, "0"]);
    assert.deepEqual(await client.call("POST", "/x", {}), {});
    assert.equal(asked, 3);
  });

  it("comes back no more often than it may", async () => {
    const client = await start([429, "0"], [429, "0"], [429, "0"], [429, "0"]);
    const refused = client.call("GET", "/x", undefined, 2);
    await assert.rejects(refused, (error) => error instanceof ApiError && error.code === 429);
    assert.equal(asked, 3);
  });

  const hopeless: [title: string, answer: Answer][] = [
    ["the server does not say when", [503]],
    ["it may not at all", [403, "0"]],
  ];
  for (const [title, answer] of hopeless) {
    it(`does not come back when ${title}`, async () => {
      const client = await start(answer);
      await assert.rejects(client.call("GET", "/x"), ApiError);
      assert.equal(asked, 1);
    });
  }

  it("shows its credentials anew, once, when they are not known", async () => {
    const client = await start([401], [401]);
    await assert.rejects(
      client.call("GET", "/x"),
      (error) => error instanceof ApiError && error.code === 401,
    );
    assert.equal(asked, 2);
  });
});
