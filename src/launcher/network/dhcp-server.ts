import { spawn } from "node:child_process";
import { logOutput, type HelperLine } from "../helper-output.ts";
import { log } from "../log.ts";
import { readDnsmasqLine } from "./dnsmasq-log.ts";

const DNSMASQ = "/usr/sbin/dnsmasq";
const PAUSE_MS = 1000;
/** A guest asks again after a second. */
const SHORT_PAUSE_MS = 200;

/**
 * A dnsmasq that is started again whenever it ends: a guest renews its lease for as long as it lives. It keeps leases in
 * memory alone, so that it is also the way to have it forget one.
 */
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
    let forgetting = false;
    logOutput(child, "dnsmasq", (line): HelperLine | undefined => {
      const said = readDnsmasqLine(line);
      if (said !== "lease-held") return said;
      forgetting = child.kill();
      return {
        level: "info",
        msg: "the guest asks under another DHCPv6 identity: the old lease is forgotten",
      };
    });
    const again = (reason: string): void => {
      if (!forgetting) log.warn("dnsmasq ended, starting it again", { reason });
      setTimeout(() => this.#run(), forgetting ? SHORT_PAUSE_MS : PAUSE_MS);
    };
    child.once("error", (error) => again(error.message));
    child.once("exit", (code, signal) => again(signal ?? `exit code ${code ?? ""}`));
  }
}
