import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { run } from "../../hack/lib/exec.ts";
import { kubeconfigUnderTest } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { Kubectl } from "./kubectl.ts";

/** A key pair of a test's own, and logins with it to the guest's user `core`. */
export class Login {
  readonly directory: string;
  readonly publicKey: string;

  private constructor(directory: string, publicKey: string) {
    this.directory = directory;
    this.publicKey = publicKey;
  }

  static async create(): Promise<Login> {
    const directory = await mkdtemp(join(tmpdir(), "nestlet-login-"));
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(directory, "key")]);
    return new Login(directory, (await readFile(join(directory, "key.pub"), "utf8")).trim());
  }

  /**
   * Runs a command line in the guest and returns what it printed.
   * @param address of the guest, or `user@address` for another user than `core`
   * @param input path of a file that is its standard input
   */
  async run(address: string, commandLine: string, input?: string): Promise<string> {
    const options = {
      BatchMode: "yes",
      ConnectTimeout: "5",
      StrictHostKeyChecking: "no",
      UserKnownHostsFile: "/dev/null",
      LogLevel: "ERROR",
      // A guest that reboots leaves the connection open without a word.
      ServerAliveInterval: "5",
      ServerAliveCountMax: "4",
    };
    const flags = Object.entries(options).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
    const key = ["-i", join(this.directory, "key")];
    const stdin = input === undefined ? {} : { stdin: { file: input } };
    const target = address.includes("@") ? address : `core@${address}`;
    return run("ssh", ["-F", "none", ...key, ...flags, target, commandLine], stdin);
  }

  /**
   * Waits until the guest lets us in; an emulated one takes half a minute.
   * @throws Error with the last lines of what the guest's pod has written, of which the console is most
   */
  async wait(address: string, timeoutMs: number): Promise<void> {
    try {
      await eventually(async () => this.run(address, "true"), timeoutMs, 1000);
    } catch (error) {
      throw new Error(`${String(error)}\n${await lastWords(address)}`, { cause: error });
    }
  }

  /** Reboots the guest, and waits until its next boot lets us in. */
  async reboot(address: string, timeoutMs: number): Promise<void> {
    const bootId = async (): Promise<string> => this.run(address, "cat /proc/sys/kernel/random/boot_id");
    const before = await bootId();
    await this.run(address, "sudo systemctl reboot || true").catch(() => undefined);
    await eventually(async () => assert.notEqual(await bootId(), before), timeoutMs, 1000);
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

/** The end of the log of the pod with an address. */
async function lastWords(address: string): Promise<string> {
  const everywhere = new Kubectl(kubeconfigUnderTest(), "default");
  const [pod = ""] = (
    await everywhere.try([
      ...["get", "pods", "--all-namespaces", "--field-selector", `status.podIP=${address}`],
      ...["-o", "jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}{'\\n'}{end}"],
    ])
  ).output.split("\n");
  const [namespace = "", name = ""] = pod.split(" ");
  const { output } = await new Kubectl(everywhere.kubeconfig, namespace).try(["logs", name, "--tail=40"]);
  return output;
}

/** An Ignition config (spec 3.3.0) that lets a key in as `core`, with what else a test wants. */
export function ignitionConfig(publicKey: string, more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    ignition: { version: "3.3.0" },
    passwd: { users: [{ name: "core", sshAuthorizedKeys: [publicKey] }] },
    ...more,
  });
}

/** Whether a TCP connection to the address succeeds. */
export async function answers(address: string, port: number): Promise<boolean> {
  const { exitCode } = await execa("timeout", ["3", "bash", "-c", `</dev/tcp/${address}/${port}`], {
    reject: false,
  });
  return exitCode === 0;
}

const DATAGRAM_MS = 5000;

/** What comes back from where a datagram was sent to; undefined: nothing within 5 s, or word that nobody listens. */
export async function datagramAnswer(
  address: string,
  port: number,
  text: string,
): Promise<string | undefined> {
  const socket = createSocket("udp4");
  try {
    // Connected, it takes datagrams from there alone, and hears that a port is closed.
    socket.connect(port, address);
    await once(socket, "connect");
    const answer = once(socket, "message", { signal: AbortSignal.timeout(DATAGRAM_MS) });
    socket.send(text);
    const [message] = (await answer) as [Buffer];
    return message.toString();
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException;
    if (name === "AbortError" || code === "ECONNREFUSED") return undefined;
    throw error;
  } finally {
    socket.close();
  }
}
