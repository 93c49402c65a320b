import assert from "node:assert/strict";
import { closeInput, exitCodeOf, frame, supportsClose } from "./exec-protocol.ts";

describe("the channels of an exec", () => {
  it("number what they carry", () => {
    assert.deepEqual([...frame(0, Buffer.from("a"))], [0, 97]);
    assert.deepEqual([...closeInput()], [255, 0]);
  });
  it("can be half closed from the fifth version on", () => {
    assert.equal(supportsClose("v5.channel.k8s.io"), true);
    assert.equal(supportsClose("v4.channel.k8s.io"), false);
  });
  it("end with an exit code", () => {
    assert.equal(exitCodeOf('{"status":"Success"}'), 0);
    const causes = [{ reason: "ExitCode", message: "3" }];
    const failed = { status: "Failure", reason: "NonZeroExitCode", message: "…", details: { causes } };
    assert.equal(exitCodeOf(JSON.stringify(failed)), 3);
  });
  it("or say why the command could not run", () => {
    const refused = { status: "Failure", reason: "InternalError", message: "no such container", code: 500 };
    assert.throws(() => exitCodeOf(JSON.stringify(refused)), { message: "no such container", code: 500 });
  });
});
