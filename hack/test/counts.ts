/** What came of a set of tests. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** A test that failed. */
export interface Failure {
  title: string;
  /** Message and stack. */
  error: string;
}

export const nothing: Counts = { passed: 0, failed: 0, skipped: 0 };

export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/**
 * Counts of one layer: those that its test runs left (a JSON object a line), or one for the step itself where
 * it has none. A step that failed counts as a failure even if each test it came to passed.
 */
export function countsOfStep(reported: string, exitCode: number): Counts {
  const lines = reported.split("\n").filter((line) => line !== "");
  const sum = lines.map((line) => JSON.parse(line) as Counts).reduce(add, nothing);
  if (exitCode !== 0 && sum.failed === 0) return add(sum, { passed: 0, failed: 1, skipped: 0 });
  return exitCode === 0 && lines.length === 0 ? { passed: 1, failed: 0, skipped: 0 } : sum;
}

/** The tests that failed in one layer; the step itself where it has none to name. */
export function failuresOfStep(title: string, reported: string, exitCode: number): Failure[] {
  const lines = reported.split("\n").filter((line) => line !== "");
  const failures = lines.flatMap((line) => (JSON.parse(line) as { failures?: Failure[] }).failures ?? []);
  if (failures.length > 0 || exitCode === 0) return failures;
  return [{ title, error: `exit code ${String(exitCode)}; see above` }];
}

/** What failed, in few enough lines to be read at the end of a long run. */
export function recap(failures: readonly Failure[]): string {
  return failures
    .map(({ title, error }) => `FAILED ${title}\n${firstLines(error, 12).replace(/^/gm, "    ")}`)
    .join("\n");
}

function firstLines(text: string, count: number): string {
  return text.split("\n").slice(0, count).join("\n");
}

export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${String(passed)} passed, ${String(failed)} failed, ${String(skipped)} skipped`;
}
