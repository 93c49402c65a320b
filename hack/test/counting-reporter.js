// Mocha's spec reporter that also leaves its counts and failures where the test runner adds them up. With
// NESTLET_TEST_TERSE it prints no line for a test that passed.
import { appendFileSync } from "node:fs";
import Mocha from "mocha";

const { Base, Spec } = Mocha.reporters;
const terse = process.env.NESTLET_TEST_TERSE !== undefined;

export default class CountingReporter extends (terse ? Base : Spec) {
  constructor(runner, options) {
    super(runner, options);
    if (terse) runner.once("end", () => this.epilogue());
    const file = process.env.NESTLET_TEST_COUNTS;
    if (file === undefined) return;
    const found = [];
    runner.on("fail", (test, error) =>
      found.push({ title: test.fullTitle(), error: error.stack ?? String(error) }),
    );
    runner.once("end", () => {
      const { passes, failures, pending } = runner.stats;
      const counts = { passed: passes, failed: failures, skipped: pending, failures: found };
      appendFileSync(file, `${JSON.stringify(counts)}\n`);
    });
  }
}
