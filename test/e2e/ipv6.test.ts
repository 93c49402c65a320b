import assert from "node:assert/strict";
import { isIPv6 } from "node:net";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { answers, ignitionConfig, Login } from "../support/guest.ts";
import { launcherPodOf, waitForPhase } from "../support/instances.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { machine, type Instance, type Pod } from "../support/objects.ts";

const BOOT_MS = 300_000;
const image = "nestlet.dev/coreos-lab:1.36";

/** Answers on port 8000 with who asks. */
const SERVER = `require("node:http").createServer((ask, answer) => answer.end(ask.socket.remoteAddress)).listen(8000, "::")`;

/** Counts the router advertisements that reach a pod; its kernel sees the same and takes its default route from them. */
const COUNTER = `table ip6 test { chain input { type filter hook input priority 0; icmpv6 type nd-router-advert counter name adverts; }
  counter adverts { }
}
`;

/** A pod beside the guests, from the image with the tools: it listens before they start. */
class Neighbour {
  readonly #kubectl: Kubectl;
  address = "";

  constructor(kubectl: Kubectl) {
    this.#kubectl = kubectl;
  }

  async start(launcherImage: string): Promise<void> {
    const run = `printf '%s' "$COUNTER" | nft -f - && exec node -e "$SERVER"`;
    const capabilities = { add: ["NET_ADMIN", "NET_RAW"] };
    await this.#kubectl.apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "neighbour" },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: "neighbour",
            image: launcherImage,
            command: ["sh", "-c", run],
            env: [
              { name: "SERVER", value: SERVER },
              { name: "COUNTER", value: COUNTER },
            ],
            readinessProbe: { tcpSocket: { port: 8000 }, periodSeconds: 1 },
            securityContext: { capabilities },
          },
        ],
      },
    });
    await this.#kubectl.run(["wait", "--for=condition=Ready", "pod/neighbour", "--timeout=60s"]);
    const { status } = await this.#kubectl.get<Pod>("pod", "neighbour");
    this.address = sixth(status.podIPs?.map(({ ip }) => ip));
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
}

/** The IPv6 address among those of a pod; empty where it has none. */
function sixth(addresses: readonly string[] | undefined): string {
  return addresses?.find((address) => isIPv6(address)) ?? "";
}

describe("IPv6 of guests, where pods have it", () => {
  let kubectl: Kubectl;
  let login: Login;
  let neighbour: Neighbour;

  before(async function () {
    kubectl = await ownNamespace("ipv6");
    login = await Login.create();
    neighbour = new Neighbour(kubectl);
    await kubectl.apply(machine("image", {}));
    await waitForPhase(kubectl, "image", "Running");
    const { spec, status } = await launcherPodOf(kubectl, "image");
    await kubectl.run(["delete", "vm", "image", "--timeout=60s"]);
    if (sixth(status.podIPs?.map(({ ip }) => ip)) === "") this.skip();
    await neighbour.start(spec.containers[0]?.image ?? "");
  });
  after(async () => {
    await deleteNamespace(kubectl);
    await login.remove();
  });

  for (const { name, binding, own } of [
    { name: "bridged", binding: { bridge: {} }, own: undefined },
    { name: "hidden", binding: { masquerade: {} }, own: "fd10:0:2::2" },
  ]) {
    describe(`with ${Object.keys(binding).join("")}`, () => {
      let address = "";
      let address6 = "";
      const inGuest = async (command: string): Promise<string> => login.run(address, command);

      before(async () => {
        const spec = {
          domain: {
            memory: { guest: "512Mi" },
            devices: { disks: [{ name: "root" }], interfaces: [{ name: "default", ...binding }] },
          },
          networks: [{ name: "default", pod: {} }],
          volumes: [
            { name: "root", registryDisk: { image } },
            { name: "ignition", ignition: { inline: ignitionConfig(login.publicKey) } },
          ],
        };
        await kubectl.apply(machine(name, { spec, grace: 60 }));
        const running = await waitForPhase(kubectl, name, "Running", 120_000);
        address = running.status?.interfaces?.[0]?.ipAddress ?? "";
        await login.wait(address, BOOT_MS);
      });

      it("the status has both addresses, as the pod has them", async () => {
        const { status } = await kubectl.get<Instance>("vmi", name);
        const pod = await launcherPodOf(kubectl, name);
        const addresses = pod.status.podIPs?.map(({ ip }) => ip);
        const [nic] = status?.interfaces ?? [];
        assert.deepEqual(nic, { name: "default", ipAddress: pod.status.podIP, ipAddresses: addresses });
        address6 = sixth(addresses);
        assert.notEqual(address6, "");
      });

      const reaches = async (): Promise<void> => {
        const addresses = await eventually(async () => {
          const found = await inGuest("ip -6 -o address show scope global dev eth0");
          assert.match(found, /inet6/);
          return found;
        }, 60_000);
        assert.ok(addresses.includes(`inet6 ${own ?? address6}/128 `), addresses);
        assert.doesNotMatch(addresses, /tentative|dadfailed/);
        assert.equal(addresses.split("\n").length, 1, "no address grew from an advertised network");
        assert.match(
          await inGuest("ip -6 route show default"),
          /^default via fe80::\S+ dev eth0 proto ra [^\n]*$/,
        );
        const asked = await inGuest(`curl -s --max-time 10 'http://[${neighbour.address}]:8000/'`);
        assert.equal(asked, address6, "the neighbour is asked by the pod's address");
        assert.match(await neighbour.greeting(address6), /^SSH-2\.0/);
        assert.match(
          await neighbour.run("busybox", "ping", "-c", "3", "-w", "10", address6),
          /[1-3] packets received/,
        );
      };

      it("has an address and a default route, reaches another pod and is reached by it", async () => {
        await reaches();
      });

      it("is reached from its node", async () => {
        assert.equal(await answers(address6, 22), true);
      });

      it("has the MTU of the pod by IPv6, too", async () => {
        const mtu = await inGuest("cat /sys/class/net/eth0/mtu");
        assert.equal(await inGuest("cat /proc/sys/net/ipv6/conf/eth0/mtu"), mtu);
      });

      it("has the same after a reboot under another DHCPv6 identity", async () => {
        const booted = await inGuest("cat /proc/sys/kernel/random/boot_id");
        const folder = "/etc/systemd/network/80-dhcp.network.d";
        await inGuest(
          `sudo mkdir -p ${folder} && printf '[DHCPv6]\\nIAID=7\\n' | sudo tee ${folder}/identity.conf && sync`,
        );
        await inGuest("sudo systemctl reboot || true").catch(() => undefined);
        await eventually(
          async () => assert.notEqual(await inGuest("cat /proc/sys/kernel/random/boot_id"), booted),
          BOOT_MS,
          1000,
        );
        await reaches();
      });

      it("no neighbour heard of its router", async () => {
        assert.equal(await neighbour.advertisements(), 0);
        assert.equal(await neighbour.run("ip", "-6", "route", "show", "proto", "ra"), "");
      });
    });
  }

  // In a suite of its own, so that it comes after the others.
  describe("beside the guests", () => {
    it("the pod is silent on the address of a bridged guest: the neighbour knows it by the guest's MAC", async () => {
      const { status } = await launcherPodOf(kubectl, "bridged");
      const address6 = sixth(status.podIPs?.map(({ ip }) => ip));
      const mac = await login.run(status.podIP ?? "", "cat /sys/class/net/eth0/address");
      await neighbour.greeting(address6);
      const known = await neighbour.run("ip", "-6", "neighbour", "show", address6);
      assert.match(known, new RegExp(`lladdr ${mac} `));
    });
  });
});
