import { Listr, PRESET_TIMER, type ListrTask } from "listr2";

/** One part of a job; runs as soon as the steps it comes after are done, beside all others. */
export interface Step {
  readonly name: string;
  readonly title: string;
  readonly after?: readonly string[];
  /** Throws when the step failed; `report` shows a line of progress. */
  readonly run: (report: (line: string) => void) => Promise<void>;
}

/**
 * Runs steps side by side as far as their order allows, showing each on a terminal, or as plain lines.
 * @throws AggregateError with what every failed step threw; a step that comes after it is not begun
 */
export async function runSteps(
  steps: readonly Step[],
  show: "progress" | "silent" = "progress",
): Promise<void> {
  const done = new Map<string, PromiseWithResolvers<undefined>>();
  for (const step of steps) {
    const end = Promise.withResolvers<undefined>();
    // Whoever waits is told; nobody waiting is no fault of its own.
    end.promise.catch(() => undefined);
    done.set(step.name, end);
  }
  const failures: Error[] = [];
  const tasks = steps.map((step) => taskOf(step, done, failures));
  const list = new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    rendererOptions: { timer: PRESET_TIMER, collapseErrors: false, suffixSkips: true },
    fallbackRendererOptions: { timer: PRESET_TIMER },
    silentRendererCondition: () => show === "silent",
    fallbackRendererCondition: () => !process.stdout.isTTY || process.env["CI"] !== undefined,
  });
  await list.run();
  if (failures.length > 0)
    throw new AggregateError(failures, failures.map((each) => each.message).join("\n"));
}

function taskOf(
  step: Step,
  done: ReadonlyMap<string, PromiseWithResolvers<undefined>>,
  failures: Error[],
): ListrTask {
  return {
    title: step.title,
    task: async (_context, task): Promise<void> => {
      try {
        await Promise.all((step.after ?? []).map((name) => endOf(done, name).promise));
      } catch (error) {
        endOf(done, step.name).reject(error);
        task.skip(`${step.title}: not begun`);
        return;
      }
      try {
        await step.run((line) => {
          task.output = line;
        });
        endOf(done, step.name).resolve(undefined);
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error));
        failures.push(failure);
        endOf(done, step.name).reject(failure);
        throw failure;
      }
    },
  };
}

function endOf(
  done: ReadonlyMap<string, PromiseWithResolvers<undefined>>,
  name: string,
): PromiseWithResolvers<undefined> {
  const end = done.get(name);
  if (end === undefined) throw new Error(`no step is called ${name}`);
  return end;
}
