/** Seconds from `kubectl apply` until the bare guests had come so far; absent: not within the limit. */
export interface Progress {
  initialized?: number;
  joined?: number;
  ready?: number;
}

/** Takes down what a line of the master's console tells, when it does so for the first time. */
export function note(
  progress: Progress,
  marks: Record<keyof Progress, string>,
  line: string,
  seconds: number,
): void {
  for (const step of ["initialized", "joined", "ready"] as const) {
    if (line.includes(marks[step])) progress[step] ??= seconds;
  }
}

/** What came of it, as lines of a Markdown table. A yardstick that has not become Ready is a bound. */
export function comparison(bare: Progress, limitSeconds: number, nestedSeconds: number): string[] {
  const text = (seconds: number | undefined): string =>
    seconds === undefined ? `not within ${limitSeconds.toFixed(0)} s` : `${seconds.toFixed(0)} s`;
  const ratio = (nestedSeconds / (bare.ready ?? limitSeconds)).toFixed(2);
  return [
    "| | apply → both Nodes Ready |",
    "|---|---|",
    `| qemu and kubeadm alone | ${text(bare.ready)} |`,
    `| … kubeadm init done | ${text(bare.initialized)} |`,
    `| … worker joined | ${text(bare.joined)} |`,
    `| CoreOSCluster | ${text(nestedSeconds)} |`,
    `| ratio | ${bare.ready === undefined ? "less than " : ""}${ratio} × |`,
  ];
}
