import { spawn } from "node:child_process";
import { logOutput, type HelperLine } from "../helper-output.ts";
import { log } from "../log.ts";

const DNSMASQ = "/usr/sbin/dnsmasq";
const PAUSE_MS = 1000;

/** A dnsmasq that is started again whenever it ends: a guest renews its lease for as long as it lives. */
export class DhcpServer {
  readonly #args: readonly string[];

  private constructor(args: readonly string[]) {
    this.#args = args;
  }

  static start(args: readonly string[]): DhcpServer {
    const server = new DhcpServer(args);
    server.#run();
    return server;
  }

  #run(): void {
    const child = spawn(DNSMASQ, this.#args, { stdio: ["ignore", "ignore", "pipe"] });
    logOutput(child, "dnsmasq", readDnsmasqLine);
    const again = (reason: string): void => {
      log.warn("dnsmasq ended, starting it again", { reason });
      setTimeout(() => this.#run(), PAUSE_MS);
    };
    child.once("error", (error) => again(error.message));
    child.once("exit", (code, signal) => again(signal ?? `exit code ${code ?? ""}`));
  }
}

/** `dnsmasq-dhcp[30]: DHCP, sockets bound exclusively to interface br1`; what it says of itself is left out. */
function readDnsmasqLine(line: string): HelperLine | undefined {
  const msg = line.replace(/^dnsmasq(-dhcp)?\[\d+\]: /, "");
  if (msg === "" || /^(started|compile time options)/.test(msg)) return undefined;
  return { level: "info", msg };
}
