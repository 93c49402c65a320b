import { Command } from "commander";
import { globalsOf, type CommandMakers } from "../frame/globals.ts";
import type { Action, RequestOptions } from "./request.ts";
import type { WaitOptions } from "./wait.ts";
import type { ExposeOptions } from "./expose.ts";

/** Verbs for a machine's life. */
export const machineCommands: CommandMakers = {
  start: () =>
    requestCommand("start", "start machines", "Starts machines whose run strategy leaves that to requests."),
  stop: () =>
    forceful(requestCommand("stop", "stop machines", "Has the guests shut down, and stops the machines.")),
  restart: () =>
    forceful(requestCommand("restart", "restart machines", "Ends the present runs and begins the next.")),
  pause: () => verbCommand("pause", "stop the processors of guests"),
  unpause: () => verbCommand("unpause", "let paused guests go on"),
  reset: () => verbCommand("reset", "press the reset button of guests"),
  wait: waitCommand,
  expose: exposeCommand,
};

function requestCommand(action: Action, summary: string, description: string): Command {
  return new Command(action)
    .summary(summary)
    .description(
      `${description} The controller's answer is waited for; one that the run strategy rules out is refused.`,
    )
    .argument("<name...>", "machines")
    .option("--wait", "wait until it is done")
    .option("--timeout <duration>", "how long --wait waits", "5m")
    .addHelpText("after", `\nExamples:\n  nestctl ${action} web\n  nestctl ${action} web db --wait`)
    .action(async (names: string[], options: RequestOptions, command: Command) => {
      const { request } = await import("./request.ts");
      await request(globalsOf(command), action, names, options);
    });
}

function forceful(command: Command): Command {
  return command
    .option("--grace-period <seconds>", "time for the guest to shut down, less than its spec gives it")
    .option("--force", "hardly any time: as if the power were cut, unless --grace-period says otherwise");
}

function verbCommand(word: "pause" | "unpause" | "reset", summary: string): Command {
  return new Command(word)
    .summary(summary)
    .argument("<name...>", "machines")
    .addHelpText("after", `\nExample:\n  nestctl ${word} web`)
    .action(async (names: string[], _: object, command: Command) => {
      const { callVerbs } = await import("./verbs.ts");
      await callVerbs(globalsOf(command), word, names);
    });
}

function waitCommand(): Command {
  return new Command("wait")
    .summary("wait for machines, instances or clusters")
    .argument("<target...>", "names of machines; or a kind (vm, vmi, cluster) and names, or KIND/NAME")
    .requiredOption("--for <wish>", "a status (Running, Stopped), condition=TYPE[=STATUS], or delete")
    .option("--timeout <duration>", "how long to wait", "5m")
    .addHelpText(
      "after",
      "\nExamples:\n  nestctl wait web --for Running\n  nestctl wait cluster lab --for condition=Ready --timeout 30m",
    )
    .action(async (words: string[], options: WaitOptions, command: Command) => {
      const { wait } = await import("./wait.ts");
      await wait(globalsOf(command), words, options);
    });
}

function exposeCommand(): Command {
  return new Command("expose")
    .summary("make a Service for a machine")
    .description(
      "Makes a Service that leads to a machine's guest, whichever run it is in, or to a cluster's members.",
    )
    .argument("<target...>", "vm NAME, vmi NAME or cluster NAME; a name alone is a machine")
    .requiredOption("--port <port>", "port of the Service")
    .option("--target-port <port>", "port in the guest (default: the same)")
    .option("--protocol <protocol>", "TCP or UDP", "TCP")
    .option("--type <type>", "ClusterIP, NodePort or LoadBalancer", "ClusterIP")
    .option("--name <name>", "name of the Service (default: that of the target)")
    .option("--role <role>", "of a cluster: worker or master", "worker")
    .option("--dry-run", "print the Service instead of making it")
    .addHelpText(
      "after",
      "\nExamples:\n  nestctl expose web --port 80 --type NodePort\n" +
        "  nestctl expose cluster lab --port 80 --target-port 30080 --name guestbook",
    )
    .action(async (words: string[], options: ExposeOptions, command: Command) => {
      const { expose } = await import("./expose.ts");
      await expose(globalsOf(command), words, options);
    });
}
