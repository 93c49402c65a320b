import { isIPv4 } from "node:net";

export interface Resolver {
  /** IPv4 addresses of the servers. */
  servers: string[];
  search: string[];
}

/** Reads resolv.conf(5). The last search line wins; `domain` is its old form. */
export function readResolvConf(text: string): Resolver {
  const servers: string[] = [];
  let search: string[] = [];
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === "nameserver") servers.push(...values.slice(0, 1).filter((server) => isIPv4(server)));
    if (keyword === "search" || keyword === "domain") search = values;
  }
  return { servers, search: search.map((name) => name.replace(/\.$/, "")).filter((name) => name !== "") };
}
