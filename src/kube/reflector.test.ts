import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { listen, type Listener } from "../../test/support/listener.ts";
import { createLogger } from "./log.ts";
import { secrets, type Secret } from "./object.ts";
import { Reflector } from "./reflector.ts";
import { Store } from "./store.ts";

type Answer = (response: ServerResponse) => void;

function secret(name: string, resourceVersion: string): object {
  return { kind: "Secret", metadata: { name, namespace: "ns", uid: name, resourceVersion } };
}

const list =
  (resourceVersion: string, items: object[], next?: string): Answer =>
  (response) => {
    response.end(JSON.stringify({ items, metadata: { resourceVersion, continue: next } }));
  };

/** A watch that tells of these and ends. */
const watch =
  (...events: readonly [type: string, object: object][]): Answer =>
  (response) => {
    for (const [type, object] of events) response.write(`${JSON.stringify({ type, object })}\n`);
    response.end();
  };

const bookmark = (resourceVersion: string): [string, object] => [
  "BOOKMARK",
  { kind: "Secret", metadata: { resourceVersion } },
];

const failure =
  (code: number, reason: string): Answer =>
  (response) => {
    response.statusCode = code;
    response.end(JSON.stringify({ kind: "Status", code, reason, message: reason }));
  };

/** A connection that is held, as a watch is while nothing happens. */
const silence: Answer = (response) => {
  response.writeHead(200).flushHeaders();
};

/** The API server's part of the protocol, answer by answer, each with what it was asked. */
describe("a reflector", () => {
  let listener: Listener;
  let store: Store<Secret>;
  let asked: string[];
  let answers: Answer[];
  let lines: string[];
  let end: () => Promise<void>;

  const start = async (script: Answer[]): Promise<Reflector<Secret>> => {
    answers = script;
    listener = await listen((request: IncomingMessage, response: ServerResponse) => {
      const { searchParams } = new URL(request.url ?? "", "http://localhost");
      const parts = ["watch", "resourceVersion", "continue"].map((name) => searchParams.get(name) ?? "-");
      asked.push(parts.join(" "));
      (answers.shift() ?? silence)(response.setHeader("content-type", "application/json"));
    }, 2);
    const { client } = listener;
    const log = createLogger("debug", (line) => lines.push(line));
    const reflector = new Reflector({ client, resource: secrets, selection: {}, store, log });
    const abort = new AbortController();
    const running = reflector.run(abort.signal);
    end = async () => {
      abort.abort();
      await running;
      await listener.close();
    };
    return reflector;
  };

  beforeEach(() => {
    [store, asked, lines] = [new Store<Secret>(), [], []];
  });

  afterEach(async () => {
    await end();
  });

  const untilAsked = async (count: number): Promise<void> => {
    const deadline = performance.now() + 4_000;
    while (asked.length < count && performance.now() < deadline) await sleep(10);
    assert.equal(asked.length, count);
  };

  it("has a whole list when it has the last page, not before", async () => {
    const held: ServerResponse[] = [];
    const reflector = await start([
      list("5", [secret("a", "1")], "more"),
      (response) => {
        held.push(response);
      },
    ]);
    await untilAsked(2);
    assert.deepEqual([reflector.synced, store.size], [false, 0]);
    for (const response of held) list("5", [secret("b", "2")])(response);
    await reflector.sync();
    await untilAsked(3);
    assert.deepEqual([reflector.synced, store.size], [true, 2]);
    assert.deepEqual(asked, ["- - -", "- - more", "true 5 -"]);
  });

  it("goes on from the last bookmark, of which nobody else is told", async () => {
    const told: unknown[] = [];
    store.subscribe((change) => told.push(change.after?.metadata.name));
    await start([list("5", []), watch(["ADDED", secret("a", "7")], bookmark("90"))]);
    await untilAsked(3);
    assert.deepEqual(asked, ["- - -", "true 5 -", "true 90 -"]);
    assert.deepEqual(told, ["a"]);
  });

  for (const [where, gone] of [
    ["as the answer", failure(410, "Expired")],
    ["amid the watch", watch(["ERROR", { kind: "Status", code: 410, reason: "Expired" }])],
  ] as const) {
    it(`lists again at once when its history is gone, told ${where}`, async () => {
      await start([list("5", [secret("a", "1"), secret("b", "1")]), gone, list("9", [secret("b", "1")])]);
      await untilAsked(4);
      assert.deepEqual(asked, ["- - -", "true 5 -", "- - -", "true 9 -"]);
      assert.deepEqual(
        store.list().map(({ metadata }) => metadata.name),
        ["b"],
      );
    });
  }

  it("comes back after a pause when the server fails, from where it was", async () => {
    await start([list("5", []), failure(500, "InternalError")]);
    const began = performance.now();
    await untilAsked(3);
    assert.ok(performance.now() - began > 500, "it came back at once");
    assert.deepEqual(asked.slice(1), ["true 5 -", "true 5 -"]);
    assert.match(lines.join(""), /"message":"watch failed".*"retryInMs":\d+/);
  });

  it("does not storm a server that ends watches as they begin", async () => {
    await start([list("5", []), watch()]);
    const began = performance.now();
    await untilAsked(3);
    assert.ok(performance.now() - began > 500, "it came back at once");
    assert.match(lines.join(""), /the watch ended at once/);
  });
});
