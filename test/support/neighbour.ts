import assert from "node:assert/strict";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import { readSettings } from "../../hack/lab/settings.ts";
import { deleteNamespace, kubeconfigUnderTest, ownNamespace } from "./cluster.ts";
import { launcherPodOf, waitForPhase } from "./instances.ts";
import type { Kubectl } from "./kubectl.ts";
import { instance, type Pod } from "./objects.ts";

/** Answers on port 8000 with who asks. */
const SERVER = `require("node:http").createServer((ask, answer) => answer.end(ask.socket.remoteAddress)).listen(8000, "::")`;

/** Counts the router advertisements that reach a pod; its kernel sees the same and takes its default route from them. */
const COUNTER = `table ip6 test { chain input { type filter hook input priority 0; icmpv6 type nd-router-advert counter name adverts; }
  counter adverts { }
}
`;

/**
 * A pod beside guests, in a namespace of its own, from the image with the tools: the launcher's. It listens before the
 * guests start.
 */
export class Neighbour {
  readonly #kubectl: Kubectl;
  /** By IPv6. */
  readonly address: string;

  private constructor(kubectl: Kubectl, address: string) {
    this.#kubectl = kubectl;
    this.address = address;
  }

  /** Undefined where pods have no IPv6. */
  static async start(): Promise<Neighbour | undefined> {
    const kubectl = await ownNamespace("neighbour");
    try {
      const address = await startIn(kubectl);
      if (address !== "") return new Neighbour(kubectl, address);
    } catch (error) {
      await deleteNamespace(kubectl);
      throw error;
    }
    await deleteNamespace(kubectl);
    // The lab's pods have it wherever its machine does: there, a pod without is a fault and no reason to skip anything.
    const { podRange6, stateDir } = readSettings();
    const inLab = kubeconfigUnderTest() === join(stateDir, "kubeconfig");
    assert.ok(
      !inLab || podRange6 === undefined,
      "the lab has a range of IPv6 for pods, and its pods have none",
    );
    return undefined;
  }

  async run(...command: string[]): Promise<string> {
    return (await this.#kubectl.run(["exec", "neighbour", "--", ...command])).trim();
  }

  /** How many router advertisements came. */
  async advertisements(): Promise<number> {
    const listed = await this.run("nft", "list", "counter", "ip6", "test", "adverts");
    return Number(/packets (\d+)/.exec(listed)?.[1]);
  }

  /** What an ssh server says first. */
  async greeting(address: string): Promise<string> {
    const ask = `require("node:net").connect(22, "${address}").once("data", (d) => { console.log(String(d)); process.exit() })`;
    return this.run("node", "-e", ask);
  }

  async remove(): Promise<void> {
    await deleteNamespace(this.#kubectl);
  }
}

/** The IPv6 address among those of a pod; empty where it has none. */
export function sixth(addresses: Pod["status"]["podIPs"]): string {
  return addresses?.find(({ ip }) => isIPv6(ip))?.ip ?? "";
}

/** Its address by IPv6; empty where pods have none, and then nothing runs. */
async function startIn(kubectl: Kubectl): Promise<string> {
  await kubectl.apply(instance("image"));
  await waitForPhase(kubectl, "image", "Running");
  const { spec, status } = await launcherPodOf(kubectl, "image");
  await kubectl.run(["delete", "vmi", "image", "--timeout=60s"]);
  if (sixth(status.podIPs) === "") return "";
  await kubectl.apply(podOf(spec.containers[0]?.image ?? ""));
  await kubectl.run(["wait", "--for=condition=Ready", "pod/neighbour", "--timeout=60s"]);
  return sixth((await kubectl.get<Pod>("pod", "neighbour")).status.podIPs);
}

function podOf(image: string): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "neighbour" },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: "neighbour",
          image,
          command: ["sh", "-c", `printf '%s' "$COUNTER" | nft -f - && exec node -e "$SERVER"`],
          env: [
            { name: "SERVER", value: SERVER },
            { name: "COUNTER", value: COUNTER },
          ],
          readinessProbe: { tcpSocket: { port: 8000 }, periodSeconds: 1 },
          securityContext: { capabilities: { add: ["NET_ADMIN", "NET_RAW"] } },
        },
      ],
    },
  };
}
