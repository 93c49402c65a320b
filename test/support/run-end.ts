/** What ends with the tests of this process, last made first. */
const endings: (() => Promise<void>)[] = [];

/**
 * Keeps something up for all test files of this process. Mocha's own `after` would end it with the first file when
 * files run side by side: each worker then takes one file after the other.
 */
export function atRunEnd(end: () => Promise<void>): void {
  endings.push(end);
}

/** Mocha calls it in the process that was started; a worker just exits, and takes its children along. */
export async function mochaGlobalTeardown(): Promise<void> {
  for (const end of endings.splice(0).toReversed()) await end();
}
