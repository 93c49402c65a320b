import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { listen } from "../../test/support/listener.ts";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { LeaderElection } from "./leader-election.ts";
import { createLogger } from "./log.ts";
import type { Lease } from "./object.ts";

async function bodyOf(request: IncomingMessage): Promise<Partial<Lease>> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
  return JSON.parse(text) as Partial<Lease>;
}

describe("a leader", () => {
  /** Leads until that is lost, on an API server that takes so long for each renewal; resolves to how many it had. */
  const renewals = async (...tookMs: readonly number[]): Promise<number> => {
    const clock = new ManualClock();
    const waits = [...tookMs];
    let version = 0;
    let renewed = 0;
    const listener = await listen((request, response) => {
      void (async () => {
        response.setHeader("content-type", "application/json");
        if (request.method === "GET") {
          response.statusCode = 404;
          response.end('{"kind":"Status","code":404,"reason":"NotFound"}');
          return;
        }
        const { spec } = await bodyOf(request);
        if (request.method === "PATCH") {
          renewed++;
          clock.advance(waits.shift() ?? 60_000);
        }
        const metadata = { namespace: "ns", name: "lease", resourceVersion: String(++version) };
        response.end(JSON.stringify({ metadata, spec: { holderIdentity: "me", ...spec } }));
      })();
    });
    const names = { namespace: "ns", name: "lease", identity: "me" };
    const lines: string[] = [];
    const log = createLogger("error", (line) => lines.push(line));
    const election = new LeaderElection({ client: listener.client, log, clock, retryMs: 1, ...names });
    try {
      await election.acquire(AbortSignal.timeout(4_000));
      await election.hold(AbortSignal.timeout(4_000));
      assert.match(lines.join(""), /"leadership was lost"/);
      return renewed;
    } finally {
      await listener.close();
    }
  };

  it("keeps leading while each renewal is answered within ten seconds", async () => {
    assert.equal(await renewals(9_000, 0, 9_000, 0), 5);
  });

  it("takes no answer that comes later for a Lease: another may lead by then", async () => {
    assert.equal(await renewals(0, 11_000, 0), 2);
  });
});
