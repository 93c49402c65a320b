import assert from "node:assert/strict";
import { StartError } from "../start-error.ts";
import { checkIgnition } from "./ignition.ts";

const config = (version: unknown): string => JSON.stringify({ ignition: { version } });

describe("checkIgnition", () => {
  for (const version of ["2.2.0", "3.3.0", "3.6.0-experimental"]) {
    it(`accepts ${version}`, () => assert.doesNotThrow(() => checkIgnition(config(version), "userdata")));
  }

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ["version 1", config("1.0.0"), /userdata: ignition.version is "1.0.0", want 2.x.y or 3.x.y/],
    ["a version that is no text", config(3), /ignition.version is 3/],
    ["no version", "{}", /ignition.version is missing/],
    ["another document", "[]", /ignition.version is missing/],
    ["a Butane file", "variant: fcos", /userdata is not JSON; a Butane file has to be translated first/],
    ["nothing", "", /is not JSON/],
    ["more than 1 MiB", config("3.3.0").padEnd(1024 * 1024 + 1), /has 1048577 bytes, at most 1048576/],
  ];
  for (const [what, text, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => checkIgnition(text, "userdata"),
        (error) => error instanceof StartError && message.test(error.message),
      );
    });
  }

  it("never quotes the config", () => {
    assert.throws(
      () => checkIgnition("{s3cret", "userdata"),
      (error) => error instanceof StartError && !error.message.includes("s3cret"),
    );
  });
});
