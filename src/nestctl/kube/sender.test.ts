import assert from "node:assert/strict";
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sender } from "./sender.ts";

describe("the sender over Node's own HTTP", () => {
  let server: Server;
  let agent: Agent;
  let origin: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  beforeEach(async () => {
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    agent = new Agent({ keepAlive: true });
  });
  afterEach(async () => {
    agent.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const send = async (
    more: Partial<Parameters<ReturnType<typeof sender>["request"]>[0]>,
  ): ReturnType<ReturnType<typeof sender>["request"]> =>
    sender({ agent }).request({ origin, path: "/", method: "GET", headers: {}, ...more });
  const bodyOf = async (request: IncomingMessage): Promise<string> => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    return text;
  };

  it("passes on the path, headers and a body whole, that of a DELETE too", async () => {
    answer = (request, response) => {
      void bodyOf(request).then((text) => {
        const { authorization, "impersonate-group": groups } = request.headers;
        response.setHeader("x-kind", "echo");
        response.end(JSON.stringify([request.method, request.url, authorization, groups, text]));
      });
    };
    for (const method of ["POST", "DELETE"] as const) {
      const { statusCode, headers, body } = await send({
        method,
        path: "/apis/x?fieldManager=nestctl",
        headers: { authorization: "Bearer a", "impersonate-group": ["a", "b"] },
        body: "ä",
      });
      assert.deepEqual([statusCode, headers["x-kind"]], [200, "echo"]);
      assert.deepEqual(await body.json(), [method, "/apis/x?fieldManager=nestctl", "Bearer a", "a, b", "ä"]);
    }
  });

  it("gives refusals as they are", async () => {
    answer = (_, response) => response.writeHead(403, { "retry-after": "7" }).end("no");
    const { statusCode, headers, body } = await send({});
    assert.deepEqual([statusCode, headers["retry-after"], await body.text()], [403, "7", "no"]);
  });

  it("uses a connection again", async () => {
    const sockets = new Set<unknown>();
    answer = (request, response) => {
      sockets.add(request.socket);
      response.end("x");
    };
    for (let count = 0; count < 3; count++) await (await send({})).body.text();
    assert.equal(sockets.size, 1);
  });

  it("gives a body piece by piece, until it is aborted", async () => {
    answer = (_, response) => {
      response.write("one");
    };
    const stop = new AbortController();
    const { body } = await send({ signal: stop.signal, bodyTimeout: 0 });
    const read: string[] = [];
    await assert.rejects(async () => {
      for await (const chunk of body) {
        read.push(String(chunk));
        stop.abort();
      }
    });
    assert.deepEqual(read, ["one"]);
  });

  it("gives up a body that pauses for longer than it may", async () => {
    answer = (_, response) => {
      response.write("one");
    };
    const { body } = await send({ bodyTimeout: 100 });
    await assert.rejects(body.text());
  });

  it("says why there is no answer", async () => {
    answer = (request) => request.socket.destroy();
    await assert.rejects(send({}), /socket hang up|ECONNRESET/);
    await assert.rejects(send({ origin: "http://127.0.0.1:1" }), /ECONNREFUSED/);
  });

  it("is stopped before there is one", async () => {
    answer = () => undefined;
    const signal = AbortSignal.timeout(50);
    await assert.rejects(send({ signal }), { name: "AbortError" });
  });
});
