import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { listen, type Listener } from "../../test/support/listener.ts";
import { createLogger } from "./log.ts";
import { secrets, type Secret } from "./object.ts";
import { Reflector } from "./reflector.ts";
import { Store } from "./store.ts";

/** What is answered, in the order of the questions; a watch that nothing is left for stays open. */
type Answer = (response: ServerResponse) => void;

const listed =
  (resourceVersion: string, ...names: readonly string[]): Answer =>
  (response) => {
    const items = names.map((name) => ({ metadata: { namespace: "ns", name, uid: name, resourceVersion } }));
    response.end(JSON.stringify({ metadata: { resourceVersion }, items }));
  };

const watched =
  (...events: readonly { type: string; object: object }[]): Answer =>
  (response) => {
    response.end(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  };

const bookmark = (resourceVersion: string): { type: string; object: object } => ({
  type: "BOOKMARK",
  object: { metadata: { resourceVersion } },
});

const refused =
  (code: number): Answer =>
  (response) => {
    response.statusCode = code;
    response.end(JSON.stringify({ kind: "Status", code, message: "not now" }));
  };

const gone = { type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } };

describe("a reflector", () => {
  let listener: Listener;
  let answers: Answer[];
  let asked: { at: number; query: URLSearchParams }[];
  let store: Store<Secret>;
  let abort: AbortController;
  let running: Promise<void>;

  beforeEach(async () => {
    asked = [];
    listener = await listen((request, response) => {
      asked.push({
        at: performance.now(),
        query: new URL(request.url ?? "", "http://localhost").searchParams,
      });
      response.setHeader("content-type", "application/json");
      const answer = answers.shift();
      if (answer === undefined) response.flushHeaders();
      else answer(response);
    });
    store = new Store();
    abort = new AbortController();
  });

  afterEach(async () => {
    abort.abort();
    await running;
    await listener.close();
  });

  /** Runs until the API server was asked as often as it has answers, and once more. */
  const follows = async (...given: readonly Answer[]): Promise<void> => {
    answers = [...given];
    const reflector = new Reflector({
      client: listener.client,
      resource: secrets,
      selection: {},
      store,
      log: createLogger("error"),
    });
    running = reflector.run(abort.signal);
    while (asked.length <= given.length) await once(listener.server, "request");
  };

  const kinds = (): string[] =>
    asked.map(({ query }) => (query.has("watch") ? `watch ${query.get("resourceVersion") ?? ""}` : "list"));

  it("goes on from the last bookmark when its watch ends", async () => {
    await follows(listed("10"), watched(bookmark("20"), bookmark("30")));
    assert.deepEqual(kinds(), ["list", "watch 10", "watch 30"]);
    for (const { query } of asked.slice(1)) {
      assert.equal(query.get("allowWatchBookmarks"), "true");
      const seconds = Number(query.get("timeoutSeconds"));
      assert.ok(seconds >= 300 && seconds <= 600, String(seconds));
    }
  });

  it("lists again when the history is gone, and drops what went meanwhile", async () => {
    await follows(listed("10", "kept", "removed"), watched(gone), listed("40", "kept", "made"));
    assert.deepEqual(kinds(), ["list", "watch 10", "list", "watch 40"]);
    assert.deepEqual(
      store.list().map(({ metadata }) => metadata.name),
      ["kept", "made"],
    );
  });

  it("asks for the same again after an error of the server, but not at once", async () => {
    await follows(listed("10"), watched(bookmark("20")), refused(500));
    assert.deepEqual(kinds(), ["list", "watch 10", "watch 20", "watch 20"]);
    const [, , first, second] = asked;
    assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= 800, "it came back too soon");
  });

  it("does not storm a server that ends watches as they begin", async () => {
    await follows(listed("10"), watched());
    const [, first, second] = asked;
    assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= 800, "it came back too soon");
  });
});
