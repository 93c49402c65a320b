import assert from "node:assert/strict";
import { apiErrorOf, isAlreadyExists, isConflict, isExpired, isNotFound } from "./api-error.ts";

describe("an API error", () => {
  it("has the Status's reason, message and time to come back", () => {
    const body = JSON.stringify({
      kind: "Status",
      reason: "TooManyRequests",
      message: "later",
      details: { retryAfterSeconds: 3 },
    });
    const error = apiErrorOf(429, body);
    assert.deepEqual(
      [error.code, error.reason, error.message, error.retryAfterSeconds],
      [429, "TooManyRequests", "later", 3],
    );
    assert.equal(apiErrorOf(429, body, "7").retryAfterSeconds, 7);
  });

  it("takes an answer that is no Status as it is", () => {
    assert.equal(apiErrorOf(502, "<html>bad gateway</html>").message, "<html>bad gateway</html>");
    assert.equal(apiErrorOf(502, "").message, "HTTP status 502");
  });

  it("is told apart from others", () => {
    const of = (code: number, reason: string): Error => apiErrorOf(code, JSON.stringify({ reason }));
    assert.ok(isNotFound(of(404, "NotFound")));
    assert.ok(isConflict(of(409, "Conflict")));
    assert.ok(!isConflict(of(409, "AlreadyExists")));
    assert.ok(isAlreadyExists(of(409, "AlreadyExists")));
    assert.ok(isExpired(of(410, "Expired")));
    assert.ok(isExpired(of(410, "Gone")));
    assert.ok(!isExpired(new Error("410")));
  });
});
