import type { HelperLine } from "../helper-output.ts";

/**
 * What a line of dnsmasq's means: `dnsmasq-dhcp[30]: DHCP, sockets bound exclusively to interface br1` is told, what it
 * says of itself is not.
 *
 * `lease-held`: the one address is leased, and is asked for under another identity. DHCPv6 knows clients by what they
 * say of themselves (RFC 8415, DUID and IAID), and the systems that a guest boots one after the other (an initramfs, a
 * boot loader, the system that it installs) say different things. dnsmasq then has no address for the later one until the
 * lease of the earlier runs out.
 */
export function readDnsmasqLine(line: string): HelperLine | "lease-held" | undefined {
  const msg = line.replace(/^dnsmasq(-dhcp)?\[\d+\]: /, "");
  if (msg === "" || /^(started|compile time options)/.test(msg)) return undefined;
  if (/^DHCP(ADVERTISE|REPLY)\(.* no addresses available$/.test(msg)) return "lease-held";
  return { level: "info", msg };
}
