import { isIPv4, isIPv6 } from "node:net";

export interface Resolver {
  /** IPv4 addresses of the servers. */
  servers: string[];
  /** IPv6 addresses of the servers; one that is of an interface (fe80::1%eth0) is none for the guest. */
  servers6: string[];
  search: string[];
}

/** Reads resolv.conf(5). The last search line wins; `domain` is its old form. */
export function readResolvConf(text: string): Resolver {
  const all: string[] = [];
  let search: string[] = [];
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === "nameserver") all.push(...values.slice(0, 1));
    if (keyword === "search" || keyword === "domain") search = values;
  }
  const servers = all.filter((server) => isIPv4(server));
  const servers6 = all.filter((server) => isIPv6(server) && !server.includes("%"));
  const names = search.map((name) => name.replace(/\.$/, "")).filter((name) => name !== "");
  return { servers, servers6, search: names };
}
