import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { ignitionConfig, Login } from "../support/guest.ts";
import { waitForPhase } from "../support/instances.ts";
import { ipv6Tests, ipv6TestsAfterReboot, OTHER_IDENTITY, type IPv6Guest } from "../support/ipv6-guest.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { Neighbour } from "../support/neighbour.ts";
import { addressOf, machine } from "../support/objects.ts";

const BOOT_MS = 300_000;
const image = "nestlet.dev/coreos-lab:1.36";

/** That of a guest with bridge is in guest.test.ts, with the rest of that guest. */
describe("IPv6 of a guest with masquerade, where pods have it", () => {
  let kubectl: Kubectl;
  let login: Login;
  let neighbour: Neighbour | undefined;
  let address = "";
  let guest: IPv6Guest;

  before(async function () {
    kubectl = await ownNamespace("ipv6");
    login = await Login.create();
    neighbour = await Neighbour.start();
    if (neighbour === undefined) return this.skip();
    const spec = {
      domain: {
        memory: { guest: "512Mi" },
        devices: { disks: [{ name: "root" }], interfaces: [{ name: "default", masquerade: {} }] },
      },
      networks: [{ name: "default", pod: {} }],
      volumes: [
        { name: "root", registryDisk: { image } },
        { name: "ignition", ignition: { inline: ignitionConfig(login.publicKey) } },
      ],
    };
    await kubectl.apply(machine("hidden", { spec }));
    const running = await waitForPhase(kubectl, "hidden", "Running", 120_000);
    address = addressOf(running);
    await login.wait(address, BOOT_MS);
    const inGuest = async (command: string): Promise<string> => login.run(address, command);
    guest = { kubectl, name: "hidden", neighbour, inGuest, own: "fd10:0:2::2" };
  });
  after(async () => {
    await Promise.all([deleteNamespace(kubectl), neighbour?.remove()]);
    await login.remove();
  });

  ipv6Tests(() => guest);

  it("reboots", async () => {
    await login.run(address, OTHER_IDENTITY);
    await login.reboot(address, BOOT_MS);
  });

  ipv6TestsAfterReboot(() => guest);
});
