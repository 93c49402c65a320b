import { Command, Option } from "commander";
import { exposeOption, memberKeyOption } from "../create/cluster-options.ts";
import { globalsOf } from "../frame/globals.ts";
import { outputOption } from "../frame/output-option.ts";
import { sshOptions } from "../guest/commands.ts";
import type { GetOptions } from "../kube/get.ts";
import type { ExecOverOptions } from "./exec-over.ts";
import type { InventoryOptions } from "./inventory.ts";
import type { KubeconfigOptions } from "./kubeconfig.ts";
import type { DownOptions, UpOptions } from "./up.ts";

/** `nestctl cluster …` */
export function clusterCommand(): Command {
  const cluster = new Command("cluster").alias("clusters").summary("nested Kubernetes clusters");
  const commands = [
    getCommand(),
    kubeconfigCommand(),
    nodesCommand(),
    sshCommand(),
    execCommand(),
    inventoryCommand(),
    logsCommand(),
    diagCommand(),
    upCommand(),
    downCommand(),
  ];
  for (const command of commands) cluster.addCommand(command);
  return cluster;
}

function getCommand(): Command {
  return new Command("get")
    .summary("show clusters")
    .argument("[name...]", "clusters")
    .addOption(outputOption())
    .option("-l, --selector <labels>", "only objects with these labels")
    .option("-A, --all-namespaces", "clusters of all namespaces")
    .option("--no-headers", "no line with the names of the columns")
    .addHelpText("after", "\nExample:\n  nestctl cluster get -o wide")
    .action(async (names: string[], options: GetOptions, command: Command) => {
      const { get } = await import("../kube/get.ts");
      await get(globalsOf(command), ["cluster", ...names], options);
    });
}

function kubeconfigCommand(): Command {
  return new Command("kubeconfig")
    .summary("print a cluster's kubeconfig, or merge it into one's own")
    .argument("<name>", "cluster")
    .addOption(
      new Option("--for <place>", "for pods of the host cluster, for outside, or what there is")
        .choices(["auto", "inside", "outside"])
        .default("auto"),
    )
    .option("--merge", "merge it into the kubeconfig in use, as context nest-NAME")
    .option("--file <file>", "with --merge: the kubeconfig to merge into")
    .option("--use", "with --merge: make it the current context")
    .addHelpText(
      "after",
      "\nExamples:\n  nestctl cluster kubeconfig lab > lab.kubeconfig\n" +
        "  nestctl cluster kubeconfig lab --merge && kubectl --context nest-lab get nodes",
    )
    .action(async (name: string, options: KubeconfigOptions, command: Command) => {
      const { kubeconfig } = await import("./kubeconfig.ts");
      await kubeconfig(globalsOf(command), name, options);
    });
}

function nodesCommand(): Command {
  return new Command("nodes")
    .summary("show a cluster's members")
    .argument("<name>", "cluster")
    .addOption(outputOption())
    .addHelpText("after", "\nExample:\n  nestctl cluster nodes lab")
    .action(async (name: string, options: object, command: Command) => {
      const { nodes } = await import("./nodes.ts");
      await nodes(globalsOf(command), name, options);
    });
}

function sshCommand(): Command {
  return sshOptions(new Command("ssh"))
    .summary("log in to a member")
    .argument("<name>", "cluster")
    .argument("<member>", "member: its name, or what follows the cluster's name in it, as in node-0")
    .argument("[command...]", "what to run, after --")
    .option("-t, --tty", "give the command a terminal")
    .addHelpText("after", "\nExample:\n  nestctl cluster ssh lab master-0")
    .action(async function (this: Command, cluster: string, member: string, words: string[]) {
      const { memberSsh } = await import("./ssh.ts");
      await memberSsh(globalsOf(this), { cluster, member }, words, this.opts());
    });
}

/** Which members are meant. */
function membersOptions(command: Command): Command {
  return command
    .option("-g, --group <group...>", "masters, workers, all, or pools", ["all"])
    .option("-m, --member <member...>", "these members alone");
}

function execCommand(): Command {
  return membersOptions(sshOptions(new Command("exec")))
    .summary("run a command on many members side by side")
    .description(
      "Runs a command by ssh on members, side by side. The exit code is 0 if it succeeded on all, else the largest " +
        "of theirs; 255 stands for a member that could not be reached or did not end in time.",
    )
    .argument("<name>", "cluster")
    .argument("<command...>", "what to run, after --")
    .option("--parallel <count>", "how many at a time", "16")
    .option("--timeout <duration>", "time for each", "5m")
    .option(
      "--collect",
      "each member's output in one piece when it has ended, instead of lines with its name",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  nestctl cluster exec lab --group workers -- uptime\n" +
        "  nestctl cluster exec lab -g masters --collect -- sudo journalctl -u kubelet -n 20",
    )
    .action(async (name: string, words: string[], options: ExecOverOptions, command: Command) => {
      const { execOver } = await import("./exec-over.ts");
      await execOver(globalsOf(command), name, words, options);
    });
}

function inventoryCommand(): Command {
  return membersOptions(new Command("inventory"))
    .summary("list members for ssh or Ansible")
    .argument("<name>", "cluster")
    .addOption(
      new Option("--format <format>", "of what is printed").choices(["ssh", "ansible"]).default("ssh"),
    )
    .option("-l, --login <user>", "user in the guests", "core")
    .option("-i, --identity-file <file>", "private key")
    .option("--proxy", "by way of nestctl, where the pod network cannot be reached")
    .addHelpText(
      "after",
      "\nExamples:\n  nestctl cluster inventory lab > lab.ssh && ssh -F lab.ssh lab-node-0\n" +
        "  nestctl cluster inventory lab --format ansible > hosts.yaml",
    )
    .action(async (name: string, options: InventoryOptions, command: Command) => {
      const { inventory } = await import("./inventory.ts");
      await inventory(globalsOf(command), name, options);
    });
}

function logsCommand(): Command {
  return membersOptions(new Command("logs"))
    .summary("print the consoles of members, on which their bootstrap shows")
    .argument("<name>", "cluster")
    .option("-f, --follow", "go on with what comes")
    .option("--tail <lines>", "only the last lines of each", "50")
    .option("--since <duration>", "only what is not older")
    .addHelpText("after", "\nExample:\n  nestctl cluster logs lab --group masters -f")
    .action(async (name: string, options: object, command: Command) => {
      const { clusterLogs } = await import("./logs.ts");
      await clusterLogs(globalsOf(command), name, options);
    });
}

function diagCommand(): Command {
  return membersOptions(new Command("diag"))
    .summary("gather what helps to find a fault of a cluster, in one archive")
    .description(
      "Writes an archive with the cluster, its Services and Events, and for each member what nestctl diag gathers of a " +
        "machine: its objects, launcher's log with the guest's console, what it said of its bootstrap, and domain. " +
        "Secrets, init data, bootstrap tokens and values of environment variables are left out.",
    )
    .argument("<name>", "cluster")
    .option("-f, --file <file>", "archive to write (default: NAME-cluster-diag.tar.gz)")
    .addHelpText(
      "after",
      "\nExamples:\n  nestctl cluster diag lab\n  nestctl cluster diag lab --member node-3",
    )
    .action(async (name: string, options: object, command: Command) => {
      const { clusterDiag } = await import("./diag.ts");
      await clusterDiag(globalsOf(command), name, options);
    });
}

function upCommand(): Command {
  return new Command("up")
    .summary("make a cluster, or change its number of workers, and wait until it is Ready")
    .argument("[name]", "cluster", "lab")
    .addOption(
      new Option("--workers <count>", "number of workers (default: NUM_NODES, else 3)").env("NUM_NODES"),
    )
    .option("--image <image>", "name in the catalog, or an image (default: the catalog's)")
    .option("--kubernetes-version <version>", "one that the image holds (default: the newest)")
    .addOption(exposeOption())
    .addOption(memberKeyOption())
    .option("--timeout <duration>", "how long to wait", "60m")
    .option("--no-wait", "do not wait")
    .addHelpText(
      "after",
      "\nExamples:\n  NUM_NODES=2 nestctl cluster up\n  nestctl cluster up lab --workers 5\n" +
        "  nestctl cluster up lab --expose NodePort --ssh-key ~/.ssh/id_ed25519.pub",
    )
    .action(async (name: string, options: UpOptions, command: Command) => {
      const { up } = await import("./up.ts");
      await up(globalsOf(command), name, options);
    });
}

function downCommand(): Command {
  return new Command("down")
    .summary("delete a cluster and wait until all of it is gone")
    .argument("[name]", "cluster", "lab")
    .option("--timeout <duration>", "how long to wait", "15m")
    .option("--no-wait", "do not wait")
    .addHelpText("after", "\nExample:\n  nestctl cluster down lab")
    .action(async (name: string, options: DownOptions, command: Command) => {
      const { down } = await import("./up.ts");
      await down(globalsOf(command), name, options);
    });
}
