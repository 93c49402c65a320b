import { Command } from "commander";
import { clusterCommand } from "./cluster/commands.ts";
import { completionCommand } from "./completion/command.ts";
import { createCommand } from "./create/commands.ts";
import { addGlobals, globalsOf, type CommandMakers } from "./frame/globals.ts";
import { outputOption } from "./frame/output-option.ts";
import { imageCommand } from "./image/commands.ts";
import type { GetOptions } from "./kube/get.ts";
import { validateCommand } from "./validate/command.ts";
import { guestCommands } from "./guest/commands.ts";
import { machineCommands } from "./vm/commands.ts";
import { VERSION } from "./version.ts";

const MAKERS: CommandMakers = {
  get: getCommand,
  ...machineCommands,
  ...guestCommands,
  create: createCommand,
  image: imageCommand,
  cluster: clusterCommand,
  validate: validateCommand,
  completion: completionCommand,
};

/**
 * The command line. Only definitions are loaded here; what a command does is loaded when it is called, since the API's
 * client alone takes longer to load than --help may take.
 * @param words what stands on it: where they call a command, only that one is defined
 */
export function makeProgram(name = "nestctl", words: readonly string[] = []): Command {
  const program = addGlobals(new Command(name))
    .description("Virtual machines and nested Kubernetes clusters of Nestlet")
    .version(VERSION, "--version", "print the version")
    .helpCommand("help [command]", "display help for a command")
    .configureHelp({ showGlobalOptions: true, sortSubcommands: true })
    .showHelpAfterError("(see --help)")
    .exitOverride();
  for (const make of makersFor(words)) program.addCommand(make());
  inherit(program);
  return program;
}

/** An alias, `help` and what is no command want to know all of them. */
function makersFor(words: readonly string[]): readonly (() => Command)[] {
  // As the program itself will read them.
  const [called = ""] = addGlobals(new Command()).parseOptions([...words]).operands;
  const make = Object.hasOwn(MAKERS, called) ? MAKERS[called] : undefined;
  return make === undefined ? Object.values(MAKERS) : [make];
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
