import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { execa } from "execa";

interface Kubeconfig {
  clusters: { cluster: Record<string, unknown> & { server: string } }[];
}

/** The line between a program and an API server, which can be broken: as by a network that loses its way. */
export class BreakableLine {
  /** Path of a kubeconfig that leads through here. */
  readonly kubeconfig: string;
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(kubeconfig: string, listener: Server) {
    this.kubeconfig = kubeconfig;
    this.#listener = listener;
  }

  /** @param folder where its kubeconfig is written */
  static async open(kubeconfig: string, folder: string): Promise<BreakableLine> {
    const whole = [
      "config",
      "view",
      "--kubeconfig",
      kubeconfig,
      "--raw",
      "--flatten",
      "--minify",
      "-o",
      "json",
    ];
    const config = JSON.parse((await execa("kubectl", whole)).stdout) as Kubeconfig;
    const [entry] = config.clusters;
    if (entry === undefined) throw new Error(`${kubeconfig} names no cluster`);
    const { hostname, port } = new URL(entry.cluster.server);
    const listener = createServer();
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const here = (listener.address() as AddressInfo).port;
    // The server's certificate is not for this address.
    entry.cluster = { server: `https://127.0.0.1:${String(here)}`, "insecure-skip-tls-verify": true };
    const path = join(folder, "line.kubeconfig");
    await writeFile(path, JSON.stringify(config), { mode: 0o600 });
    const line = new BreakableLine(path, listener);
    listener.on("connection", (near) => line.#join(near, connect(Number(port || "443"), hostname)));
    return line;
  }

  /** Ends what is connected at present; who connects again is let through. */
  break(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.break();
    await once(this.#listener.close(), "close");
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on("error", () => undefined); // "close" follows
      from.once("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}
