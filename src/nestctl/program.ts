import { Command, Option } from "commander";
import { clusterCommands } from "./cluster/commands.ts";
import { completionCommand } from "./completion/command.ts";
import { createCommands } from "./create/commands.ts";
import { addGlobals, globalsOf } from "./frame/globals.ts";
import { OUTPUT_FORMATS } from "./frame/output.ts";
import { imageCommands } from "./image/commands.ts";
import type { GetOptions } from "./kube/get.ts";
import { validateCommand } from "./validate/command.ts";
import { guestCommands } from "./guest/commands.ts";
import { machineCommands } from "./vm/commands.ts";
import { VERSION } from "./version.ts";

/**
 * The whole command line. Only definitions are loaded here; what a command does is loaded when it is called, since
 * the API's client alone takes longer to load than --help may take.
 */
export function makeProgram(name = "nestctl"): Command {
  const program = addGlobals(new Command(name))
    .description("Virtual machines and nested Kubernetes clusters of Nestlet")
    .version(VERSION, "--version", "print the version")
    .helpCommand("help [command]", "display help for a command")
    .configureHelp({ showGlobalOptions: true, sortSubcommands: true })
    .showHelpAfterError("(see --help)")
    .exitOverride();
  program.addCommand(getCommand());
  const groups = [machineCommands(), guestCommands(), createCommands(), imageCommands(), clusterCommands()];
  for (const command of groups.flat()) program.addCommand(command);
  program.addCommand(validateCommand()).addCommand(completionCommand());
  inherit(program);
  return program;
}

/** A wrong subcommand's line throws as a wrong line of the program does. */
function inherit(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inherit(command);
  }
}

function getCommand(): Command {
  return new Command("get")
    .summary("show machines, instances and clusters")
    .description("Shows virtual machines, their instances and clusters, as kubectl get does.")
    .argument("[target...]", "kind (vm, vmi, cluster, all) and names, or KIND/NAME")
    .addOption(outputOption())
    .option("-l, --selector <labels>", "only objects with these labels")
    .option("-A, --all-namespaces", "objects of all namespaces")
    .option("--no-headers", "no line with the names of the columns")
    .addHelpText(
      "after",
      "\nExamples:\n  nestctl get\n  nestctl get vm web -o yaml\n  nestctl get clusters -A -o wide",
    )
    .action(async (words: string[], options: GetOptions, command: Command) => {
      const { get } = await import("./kube/get.ts");
      await get(globalsOf(command), words, options);
    });
}

function outputOption(): Option {
  return new Option("-o, --output <format>", "format of what is printed").choices(OUTPUT_FORMATS);
}
