import assert from "node:assert/strict";
import { parseAnswer, parseRequest, VerbError } from "./protocol.ts";

describe("parseRequest", () => {
  it("takes every verb, and the command of qmp", () => {
    assert.deepEqual(parseRequest('{"version":1,"verb":"libvirt-log","more":1}'), {
      version: 1,
      verb: "libvirt-log",
    });
    const exec = { version: 1, verb: "exec", program: ["true", ""], timeoutSeconds: 0.5 };
    assert.deepEqual(parseRequest(JSON.stringify(exec)), exec);
    assert.equal(parseRequest('{"version":1,"verb":"exec","program":["true"]}').timeoutSeconds, 30);
    const request = { version: 1, verb: "qmp", command: '{"execute":"stop"}' };
    assert.deepEqual(parseRequest(JSON.stringify(request)), request);
  });

  const table = [
    ["", "BadRequest", /the line is "", want one JSON object/],
    ["[1]", "BadRequest", /want one JSON object/],
    ["null", "BadRequest", /want one JSON object/],
    ['{"verb":"info"}', "VersionMismatch", /version is undefined, this launcher speaks 1/],
    ['{"version":2,"verb":"info"}', "VersionMismatch", /version is 2/],
    ['{"version":1}', "BadRequest", /verb is missing, want one of console, vnc, pause/],
    ['{"version":1,"verb":"toString"}', "BadRequest", /verb is "toString"/],
    ['{"version":1,"verb":"qmp"}', "BadRequest", /command is missing, want a QMP command/],
    ['{"version":1,"verb":"qmp","command":7}', "BadRequest", /command is 7/],
    ['{"version":1,"verb":"exec"}', "BadRequest", /program is missing, want a list of texts/],
    ['{"version":1,"verb":"exec","program":[]}', "BadRequest", /program is \[\]/],
    ['{"version":1,"verb":"exec","program":[7]}', "BadRequest", /program is \[7\]/],
    [
      '{"version":1,"verb":"exec","program":["true"],"timeoutSeconds":0}',
      "BadRequest",
      /timeoutSeconds is 0/,
    ],
    ['{"version":1,"verb":"exec","program":["true"],"timeoutSeconds":86401}', "BadRequest", /up to 86400/],
  ] as const;
  for (const [line, code, words] of table) {
    it(`refuses ${line === "" ? "an empty line" : line}`, () => {
      assert.throws(
        () => parseRequest(line),
        (error) => error instanceof VerbError && error.code === code && words.test(error.message),
      );
    });
  }
});

describe("parseAnswer", () => {
  for (const answer of [
    { version: 1, result: {} },
    { version: 1, result: { bytes: 7 } },
    { version: 1, stream: true },
    { version: 2, error: { code: "VersionMismatch", message: "no" } },
  ]) {
    it(`takes ${JSON.stringify(answer)}`, () =>
      assert.deepEqual(parseAnswer(JSON.stringify(answer)), answer));
  }
  for (const line of [
    "",
    "{}",
    '{"version":1}',
    '{"version":1,"error":"no"}',
    '{"version":"1","result":{}}',
  ]) {
    it(`refuses ${JSON.stringify(line)}`, () => assert.throws(() => parseAnswer(line), VerbError));
  }
});
