// Runs the layers of tests in order and closes with one line of counts. Called by hack/test.sh.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { labRunDir, labStateDir, repoRoot } from "../lib/paths.ts";
import {
  add,
  closingLine,
  countsOfStep,
  failuresOfStep,
  nothing,
  recap,
  type Counts,
  type Failure,
} from "./counts.ts";

interface Step {
  title: string;
  command: readonly string[];
  /** Of its tests only those that fail are printed. */
  terse?: boolean;
}

/** One step, or several that run side by side. */
type Stage = Step | readonly Step[];

const mocha = (files: readonly string[], timeoutMs: number, ...options: readonly string[]): string[] => [
  "mocha",
  "--timeout",
  String(timeoutMs),
  "--reporter",
  "./hack/test/counting-reporter.js",
  ...options,
  ...files,
];

/** Test files of a folder, those that take longest by name: begun last, one of them would keep all others waiting. */
const longestFirst = (folder: string, ...names: readonly string[]): string[] => [
  ...names.map((name) => `${folder}/${name}.test.ts`),
  `${folder}/!(${names.join("|")}).test.ts`,
];

const clusterSuite = "test/e2e/cluster.test.ts";

const layers = {
  static: [
    [
      // Longer than the others together.
      { title: "lint", command: ["eslint", "."] },
      { title: "format", command: ["prettier", "--check", "."] },
      { title: "types", command: ["tsc", "--noEmit"] },
      { title: "generated files", command: ["node", "hack/generate/main.ts", "verify"] },
    ],
  ],
  unit: [
    {
      title: "unit",
      command: mocha(["{src,hack,test/bench,test/support}/**/*.test.ts"], 5_000),
      terse: true,
    },
  ],
  integration: [
    // The first time this takes some twenty minutes, which are no test's own.
    { title: "programs", command: ["node", "hack/lab/binaries.ts"] },
    {
      title: "integration",
      // Each job has an API server of its own, and they mostly wait: for back-offs, leases and grace periods. Only the
      // first file works all the time.
      command: mocha(
        longestFirst(
          "test/integration",
          ...["scale", "cluster-guest", "resilience", "cluster-roots", "chaos", "clusters"],
        ),
        60_000,
        ...["--parallel", "--jobs", "3"],
      ),
    },
  ],
  e2e: [
    { title: "lab", command: ["hack/lab.sh", "up"] },
    // It has guests for both processors of a small machine, so it runs alone; those of the other suites leave one idle.
    { title: "nested cluster", command: mocha([clusterSuite], 600_000) },
    {
      title: "end to end",
      command: mocha(
        longestFirst("test/e2e", ...["devices", "guest", "nestctl", "ipv6", "network", "endings"]),
        600_000,
        ...["--ignore", clusterSuite, "--parallel", "--jobs", "2"],
      ),
    },
  ],
} satisfies Record<string, Stage[]>;

type Layer = keyof typeof layers;

const failures: Failure[] = [];

async function runStage(stage: Stage, scratch: string): Promise<Counts> {
  if (!isSeveral(stage)) return runStep(stage, scratch, "inherit");
  const counts = await Promise.all(stage.map(async (step) => runStep(step, scratch, "pipe")));
  return counts.reduce(add, nothing);
}

function isSeveral(stage: Stage): stage is readonly Step[] {
  return Array.isArray(stage);
}

/**
 * The lab's kubectl is the one that tests use.
 * @param output goes on as it comes, or is printed in one piece when the step has ended
 */
async function runStep(step: Step, scratch: string, output: "inherit" | "pipe"): Promise<Counts> {
  console.log(`\n==> ${step.title}: ${step.command.join(" ")}`);
  const started = performance.now();
  const countsFile = join(scratch, `counts of ${step.title}`);
  await rm(countsFile, { force: true });
  const [command = "", ...args] = step.command;
  const { exitCode, all } = await execa(command, args, {
    cwd: repoRoot,
    stdin: "ignore",
    stdout: output,
    stderr: output,
    all: true,
    reject: false,
    env: {
      PATH: `${join(labStateDir, "bin")}:${process.env["PATH"] ?? ""}`,
      NESTLET_TEST_COUNTS: countsFile,
      ...(step.terse === true ? { NESTLET_TEST_TERSE: "1" } : {}),
    },
  });
  if (typeof all === "string" && all !== "") console.log(`\n${all}`);
  const reported = existsSync(countsFile) ? await readFile(countsFile, "utf8") : "";
  const counts = countsOfStep(reported, exitCode ?? 1);
  failures.push(...failuresOfStep(step.title, reported, exitCode ?? 1));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`==> ${step.title}: ${closingLine(counts)} in ${seconds} s`);
  return counts;
}

function chosen(words: readonly string[]): Layer[] {
  const known = Object.keys(layers) as Layer[];
  const wrong = words.filter((word) => !(known as string[]).includes(word));
  if (wrong.length > 0) {
    console.error(`unknown layer ${wrong.join(", ")}; the layers are ${known.join(", ")}`);
    process.exit(2);
  }
  return words.length === 0 ? known : (words as Layer[]);
}

const picked = chosen(process.argv.slice(2));
// A lab that was up before is its owner's, and stays.
const takeLabDown = picked.includes("e2e") && !existsSync(labRunDir);
const scratch = await mkdtemp(join(tmpdir(), "nestlet-test-"));
let total = nothing;
try {
  for (const stage of picked.flatMap((layer): Stage[] => layers[layer])) {
    total = add(total, await runStage(stage, scratch));
  }
} finally {
  if (takeLabDown)
    total = add(total, await runStage({ title: "lab down", command: ["hack/lab.sh", "down"] }, scratch));
  await rm(scratch, { recursive: true });
}
console.log(`\n${recap(failures)}${failures.length === 0 ? "" : "\n\n"}${closingLine(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;
