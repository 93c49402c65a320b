import type { Command } from "commander";

/** What makes commands, by their names. */
export type CommandMakers = Readonly<Record<string, () => Command>>;

/** Flags that every command takes, with kubectl's names and meanings. */
export interface Globals {
  kubeconfig?: string;
  context?: string;
  namespace?: string;
  as?: string;
  asGroup?: string[];
}

export function addGlobals(program: Command): Command {
  return program
    .option("--kubeconfig <file>", "kubeconfig to use (default: $KUBECONFIG, then ~/.kube/config)")
    .option("--context <name>", "context of the kubeconfig to use")
    .option("-n, --namespace <name>", "namespace (default: that of the context)")
    .option("--as <user>", "user to act as")
    .option("--as-group <group>", "group to act as; may be given more than once", collect);
}

/** Gathers an option that may be given more than once. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** The flags as they were given, wherever on the command line they stood. */
export function globalsOf(command: Command): Globals {
  return command.optsWithGlobals<Globals>();
}
