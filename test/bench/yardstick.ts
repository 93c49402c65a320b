/** Seconds from `kubectl apply` until the guests had come so far; absent: not within the limit. */
export interface Progress {
  initialized?: number;
  joined?: number;
  ready?: number;
  /** Cores that they take together, some minutes after they were ready. */
  idleCores?: number;
}

type Step = "initialized" | "joined" | "ready";

/** Takes down what a line of the master's console tells, when it does so for the first time. */
export function note(progress: Progress, marks: Record<Step, string>, line: string, seconds: number): void {
  for (const step of ["initialized", "joined", "ready"] satisfies Step[]) {
    if (line.includes(marks[step])) progress[step] ??= seconds;
  }
}

/** A cluster that became Ready, and was idle then. */
export type Settled = Required<Pick<Progress, "ready" | "idleCores">>;

/** What came of it, as lines of a Markdown table. A yardstick that has not become Ready is a bound, and was not idle. */
export function comparison(bare: Progress, limitSeconds: number, nested: Settled): string[] {
  const took = (seconds: number | undefined): string =>
    seconds === undefined ? `not within ${limitSeconds.toFixed(0)} s` : `${seconds.toFixed(0)} s`;
  const atMost = bare.ready === undefined ? "less than " : "";
  const time = `${atMost}${(nested.ready / (bare.ready ?? limitSeconds)).toFixed(2)} ×`;
  const { idleCores } = bare;
  const ratio = idleCores === undefined ? undefined : `${(nested.idleCores / idleCores).toFixed(2)} ×`;
  const cell = (text = ""): string => (text === "" ? "" : `${text} `);
  return [
    "| | apply → both Nodes Ready | cores when idle |",
    "|---|---|---|",
    `| qemu and kubeadm alone | ${took(bare.ready)} | ${cell(idleCores?.toFixed(2))}|`,
    `| … kubeadm init done | ${took(bare.initialized)} | |`,
    `| … worker joined | ${took(bare.joined)} | |`,
    `| CoreOSCluster | ${took(nested.ready)} | ${nested.idleCores.toFixed(2)} |`,
    `| ratio | ${time} | ${cell(ratio)}|`,
  ];
}
