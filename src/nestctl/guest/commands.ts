import { Command, Option } from "commander";
import { collect, globalsOf, type CommandMakers } from "../frame/globals.ts";
import { VIAS } from "../stream/dialer-ways.ts";
import type { ConsoleOptions } from "./console.ts";
import type { GuestInfoOptions } from "./look.ts";
import type { PortForwardOptions } from "./port-forward.ts";
import type { ScpOptions, SshOptions } from "./ssh.ts";
import type { VncOptions } from "./vnc.ts";

/** Verbs for what happens inside a guest. */
export const guestCommands: CommandMakers = {
  console: consoleCommand,
  vnc: vncCommand,
  ssh: sshCommand,
  scp: scpCommand,
  "port-forward": portForwardCommand,
  logs: logsCommand,
  guestinfo: guestInfoCommand,
  screenshot: screenshotCommand,
  virsh: virshCommand,
  diag: diagCommand,
};

/** How a guest's ports are reached. */
export function viaOption(): Option {
  return new Option("--via <way>", "over the pod network, through a relay pod, or by what works")
    .choices(VIAS)
    .default("auto");
}

/** What ssh is told. */
export function sshOptions(command: Command): Command {
  return command
    .option("-l, --login <user>", "user in the guest", "core")
    .option("-i, --identity-file <file>", "private key (default: ssh's own)")
    .option("-p, --port <port>", "port of the guest's sshd", "22")
    .option("--ssh-option <option>", "option for ssh, as with its -o; may be given more than once", collect)
    .addOption(viaOption());
}

function consoleCommand(): Command {
  return new Command("console")
    .summary("attach to a guest's serial console")
    .description(
      "Attaches to the serial console. Ctrl+] leaves it. Who attaches later takes over, and the one before is told. " +
        "A connection that breaks is made again.",
    )
    .argument("<name>", "machine")
    .option("--timeout <duration>", "how long a machine that does not run yet is waited for", "0s")
    .option("--no-reconnect", "end when the connection breaks")
    .option("--follow", "stay for the next runs when this one ends")
    .addHelpText("after", "\nExamples:\n  nestctl console web\n  nestctl console web --timeout 5m --follow")
    .action(async (name: string, options: ConsoleOptions, command: Command) => {
      const { attach } = await import("./console.ts");
      await attach(globalsOf(command), name, options);
    });
}

function vncCommand(): Command {
  return new Command("vnc")
    .summary("open a guest's display")
    .description("Serves the display to VNC viewers on this machine, and starts one where there is one.")
    .argument("<name>", "machine")
    .option("--port <port>", "local port (default: a free one)", "0")
    .option("--proxy-only", "start no viewer")
    .addHelpText("after", "\nExamples:\n  nestctl vnc web\n  nestctl vnc web --proxy-only --port 5900")
    .action(async (name: string, options: VncOptions, command: Command) => {
      const { vnc } = await import("./vnc.ts");
      await vnc(globalsOf(command), name, options);
    });
}

function sshCommand(): Command {
  return sshOptions(new Command("ssh"))
    .summary("log in to a guest, or run a command in it")
    .argument("<target>", "machine, or USER@MACHINE")
    .argument("[command...]", "what to run, after --")
    .option("-t, --tty", "give the command a terminal")
    .addHelpText("after", "\nExamples:\n  nestctl ssh web\n  nestctl ssh root@web -i key -- systemctl status")
    .action(async (target: string, words: string[], options: SshOptions, command: Command) => {
      const { ssh } = await import("./ssh.ts");
      await ssh(globalsOf(command), target, words, options);
    });
}

function scpCommand(): Command {
  return sshOptions(new Command("scp"))
    .summary("copy files to or from a guest")
    .argument("<files...>", "files; those in the guest as [USER@]MACHINE:PATH")
    .option("-r, --recursive", "folders with what is in them")
    .addHelpText("after", "\nExamples:\n  nestctl scp site.tar web:/tmp/\n  nestctl scp -r web:/etc/nginx .")
    .action(async (files: string[], options: ScpOptions, command: Command) => {
      const { scp } = await import("./ssh.ts");
      await scp(globalsOf(command), files, options);
    });
}

function portForwardCommand(): Command {
  return new Command("port-forward")
    .summary("lead local ports to a guest")
    .argument("<name>", "machine")
    .argument("<ports...>", "[LOCAL:]REMOTE; LOCAL may be empty for a free one")
    .option("--address <address>", "local address to listen on", "127.0.0.1")
    .option("--stdio", "join one remote port to standard input and output, for ssh's ProxyCommand")
    .addOption(viaOption())
    .addHelpText("after", "\nExamples:\n  nestctl port-forward web 8080:80\n  nestctl port-forward web :5432")
    .action(async (name: string, ports: string[], options: PortForwardOptions, command: Command) => {
      const { portForward } = await import("./port-forward.ts");
      await portForward(globalsOf(command), name, ports, options);
    });
}

function logsCommand(): Command {
  return new Command("logs")
    .summary("print what a guest wrote to its console")
    .argument("<name>", "machine")
    .option("-f, --follow", "go on with what comes")
    .option("--tail <lines>", "only the last lines")
    .option("--since <duration>", "only what is not older")
    .option("--timestamps", "with the time of each line")
    .option("--launcher", "the launcher's own log instead")
    .addHelpText("after", "\nExamples:\n  nestctl logs web --tail 20 -f\n  nestctl logs web --launcher")
    .action(async (name: string, options: object, command: Command) => {
      const { logs } = await import("./logs.ts");
      await logs(globalsOf(command), name, options);
    });
}

function guestInfoCommand(): Command {
  return new Command("guestinfo")
    .summary("ask a guest's agent for its system, users, addresses and file systems")
    .argument("<name>", "machine")
    .addOption(new Option("-o, --output <format>", "format").choices(["json", "yaml"]).default("yaml"))
    .addHelpText("after", "\nExample:\n  nestctl guestinfo web -o json")
    .action(async (name: string, options: GuestInfoOptions, command: Command) => {
      const { guestInfo } = await import("./look.ts");
      await guestInfo(globalsOf(command), name, options);
    });
}

function screenshotCommand(): Command {
  return new Command("screenshot")
    .summary("take a picture of a guest's display")
    .argument("<name>", "machine")
    .option("-f, --file <file>", "PNG file to write; - for standard output (default: NAME.png)")
    .addHelpText("after", "\nExample:\n  nestctl screenshot web -f web.png")
    .action(async (name: string, options: object, command: Command) => {
      const { screenshot } = await import("./look.ts");
      await screenshot(globalsOf(command), name, options);
    });
}

function virshCommand(): Command {
  return new Command("virsh")
    .summary("run virsh in a machine's launcher")
    .argument("<name>", "machine")
    .argument("[words...]", "virsh's own words, after --")
    .addHelpText("after", "\nExamples:\n  nestctl virsh web -- list\n  nestctl virsh web -- domstats")
    .action(async (name: string, words: string[], _: object, command: Command) => {
      const { virsh } = await import("./look.ts");
      await virsh(globalsOf(command), name, words);
    });
}

function diagCommand(): Command {
  return new Command("diag")
    .summary("gather what helps to find a fault, in one archive")
    .description(
      "Writes an archive with a machine's objects, Events, logs and domain. Secrets, init data and values of " +
        "environment variables are left out; what the guest wrote to its console is in it.",
    )
    .argument("<name>", "machine")
    .option("-f, --file <file>", "archive to write (default: NAME-diag.tar.gz)")
    .addHelpText("after", "\nExample:\n  nestctl diag web")
    .action(async (name: string, options: object, command: Command) => {
      const { diag } = await import("../diag/diag.ts");
      await diag(globalsOf(command), name, options);
    });
}
