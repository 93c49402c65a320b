import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { run } from "../../hack/lib/exec.ts";
import { eventually } from "./eventually.ts";

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

  /** Waits until the guest lets us in; an emulated one takes half a minute. */
  async wait(address: string, timeoutMs: number): Promise<void> {
    await eventually(async () => this.run(address, "true"), timeoutMs, 1000);
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
