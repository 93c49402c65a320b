/** What came of a set of tests. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
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

export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${String(passed)} passed, ${String(failed)} failed, ${String(skipped)} skipped`;
}
