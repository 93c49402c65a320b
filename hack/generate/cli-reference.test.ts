import assert from "node:assert/strict";
import { makeProgram } from "../../src/nestctl/program.ts";
import { referenceOf, withReference } from "./cli-reference.ts";

describe("the reference of nestctl", () => {
  const text = referenceOf(makeProgram());
  it("has each command with its flags and examples", () => {
    for (const path of [
      "nestctl get",
      "nestctl stop",
      "nestctl cluster exec",
      "nestctl image add",
      "nestctl create vm",
    ]) {
      assert.ok(text.includes(`### ${path}\n`), path);
    }
    const stop = text.slice(text.indexOf("### nestctl stop\n"));
    assert.match(stop, /`--grace-period <seconds>`/);
    assert.match(stop, /```sh\nnestctl stop web\n/);
  });
  it("says what is chosen from, and what is by default", () => {
    assert.match(text, /`-o, --output <format>` \| [^|]*one of json, yaml, name, wide/);
    assert.match(text, /number of workers [^|]*environment `NUM_NODES`/);
  });
  it("takes the place of the one before", () => {
    const page = withReference(
      `# head\n\n${/<!-- From.*-->/.exec(withReferenceMark())?.[0] ?? ""}\n\nold`,
      "new",
    );
    assert.match(page, /^# head\n\n<!-- From [^\n]*-->\n\nnew$/);
    assert.throws(() => withReference("# head", "new"), /there is no line/);
  });
});

function withReferenceMark(): string {
  try {
    withReference("", "");
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}
