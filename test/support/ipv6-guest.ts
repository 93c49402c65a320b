import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";
import { answers } from "./guest.ts";
import { launcherPodOf } from "./instances.ts";
import type { Kubectl } from "./kubectl.ts";
import { sixth, type Neighbour } from "./neighbour.ts";
import type { Instance } from "./objects.ts";

/** A guest with systemd-networkd in a pod with IPv6, and the pod beside it. */
export interface IPv6Guest {
  kubectl: Kubectl;
  /** The instance's. */
  name: string;
  neighbour: Neighbour;
  inGuest: (command: string) => Promise<string>;
  /** The address that the guest has itself; left out, the pod's. */
  own?: string;
}

/** Shell that has the guest's next boot ask for its address under another DHCPv6 identity. */
export const OTHER_IDENTITY = [
  "sudo mkdir -p /etc/systemd/network/80-dhcp.network.d",
  "printf '[DHCPv6]\\nIAID=7\\n' | sudo tee /etc/systemd/network/80-dhcp.network.d/identity.conf",
  "sync",
].join(" && ");

export async function pod6Of({ kubectl, name }: Pick<IPv6Guest, "kubectl" | "name">): Promise<string> {
  return sixth((await launcherPodOf(kubectl, name)).status.podIPs);
}

/** That the guest has its address and default route, reaches another pod and is reached by it. */
export async function assertReaches(guest: IPv6Guest): Promise<void> {
  const { neighbour, inGuest } = guest;
  const address6 = await pod6Of(guest);
  const addresses = await eventually(async () => {
    const found = await inGuest("ip -6 -o address show scope global dev eth0");
    assert.match(found, /inet6/);
    // For a second or two after it came, while the guest asks whether somebody else has it (RFC 4862).
    assert.doesNotMatch(found, /tentative|dadfailed/);
    return found;
  }, 60_000);
  assert.ok(addresses.includes(`inet6 ${guest.own ?? address6}/128 `), addresses);
  assert.equal(addresses.split("\n").length, 1, "no address grew from an advertised network");
  assert.match(await inGuest("ip -6 route show default"), /^default via fe80::\S+ dev eth0 proto ra [^\n]*$/);
  const asked = await inGuest(`curl -s --max-time 10 'http://[${neighbour.address}]:8000/'`);
  assert.equal(asked, address6, "the neighbour is asked by the pod's address");
  assert.match(await neighbour.greeting(address6), /^SSH-2\.0/);
  assert.match(
    await neighbour.run("busybox", "ping", "-c", "3", "-w", "10", address6),
    /[1-3] packets received/,
  );
}

/** The tests of a guest that has booted. */
export function ipv6Tests(guest: () => IPv6Guest): void {
  it("the status has both addresses, as the pod has them", async () => {
    const { kubectl, name } = guest();
    const { status } = await kubectl.get<Instance>("vmi", name);
    const pod = await launcherPodOf(kubectl, name);
    const addresses = pod.status.podIPs?.map(({ ip }) => ip);
    const [nic] = status?.interfaces ?? [];
    assert.deepEqual(nic, { name: "default", ipAddress: pod.status.podIP, ipAddresses: addresses });
    assert.notEqual(sixth(pod.status.podIPs), "");
  });

  it("has an address and a default route, reaches another pod and is reached by it", async () => {
    await assertReaches(guest());
  });

  it("is reached from its node", async () => {
    assert.equal(await answers(await pod6Of(guest()), 22), true);
  });

  it("has the MTU of the pod by IPv6, too", async () => {
    const mtu = await guest().inGuest("cat /sys/class/net/eth0/mtu");
    assert.equal(await guest().inGuest("cat /proc/sys/net/ipv6/conf/eth0/mtu"), mtu);
  });
}

/** The tests of the same guest after it has rebooted with OTHER_IDENTITY. */
export function ipv6TestsAfterReboot(guest: () => IPv6Guest): void {
  it("has the same after a reboot under another DHCPv6 identity", async () => {
    await assertReaches(guest());
  });

  it("no neighbour heard of its router", async () => {
    const { neighbour } = guest();
    assert.equal(await neighbour.advertisements(), 0);
    assert.equal(await neighbour.run("ip", "-6", "route", "show", "proto", "ra"), "");
  });
}
