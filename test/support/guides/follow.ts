import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../hack/lib/exec.ts";
import { deleteNamespace, ownNamespace } from "../cluster.ts";
import type { Kubectl } from "../kubectl.ts";
import { Nestctl } from "../nestctl.ts";
import type { Guide } from "./guides.ts";
import { runBlocks } from "./run-blocks.ts";

/** What a reader of the guides has: nestctl on the PATH, and a key in ~/.ssh that an agent holds. */
export class Reader {
  private readonly nestctl: Nestctl;
  private readonly home: string;
  private readonly path: string;

  private constructor(nestctl: Nestctl, home: string, path: string) {
    this.nestctl = nestctl;
    this.home = home;
    this.path = path;
  }

  static async create(): Promise<Reader> {
    const nestctl = await Nestctl.build();
    const home = await mkdtemp(join(tmpdir(), "nestlet-reader-"));
    await mkdir(join(home, ".ssh"), { mode: 0o700 });
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(home, ".ssh/id_ed25519")]);
    return new Reader(nestctl, home, await nestctl.install(join(home, "bin")));
  }

  /** Follows a guide in a namespace of its own, which is the one that its kubeconfig names. */
  async follow(guide: Guide, timeoutMs: number): Promise<void> {
    const kubectl = await ownNamespace("guides");
    try {
      await runBlocks(guide, {
        env: {
          HOME: this.home,
          KUBECONFIG: await this.kubeconfig(kubectl),
          PATH: this.path,
        },
        timeoutMs,
        before: [await this.withKey()],
      });
    } finally {
      await deleteNamespace(kubectl);
    }
  }

  private async kubeconfig({ kubeconfig, namespace }: Kubectl): Promise<string> {
    const own = join(this.home, "kubeconfig");
    const whole = ["config", "view", "--kubeconfig", kubeconfig, "--raw", "--flatten"];
    await writeFile(own, await run("kubectl", whole), { mode: 0o600 });
    await run("kubectl", [
      "config",
      "set-context",
      "--current",
      "--kubeconfig",
      own,
      "--namespace",
      namespace,
    ]);
    return own;
  }

  /** ssh finds keys by the user's entry in /etc/passwd, not by HOME: the agent is where it looks as well. */
  private async withKey(): Promise<string> {
    const path = join(this.home, "with-key");
    const text = `#!/bin/sh\nexec ssh-agent sh -c 'ssh-add -q "$HOME/.ssh/id_ed25519" && exec "$@"' sh "$@"\n`;
    await writeFile(path, text);
    await chmod(path, 0o755);
    return path;
  }

  async remove(): Promise<void> {
    await Promise.all([this.nestctl.remove(), rm(this.home, { recursive: true, force: true })]);
  }
}
