import { run } from "../lib/exec.ts";

/** The Debian release that every image is made from. */
export const DEBIAN_RELEASE = "bookworm";

export interface DebianTree {
  /** Packages by name; what they depend on comes along, what they only recommend does not. */
  packages: readonly string[];
  /**
   * `extract` unpacks packages and runs none of their scripts: enough for a container of few programs.
   * `essential` installs them and the essential packages with dpkg, for a system that boots.
   */
  variant: "extract" | "essential";
  /** Further arguments for mmdebstrap, such as hooks. */
  args?: readonly string[];
}

/**
 * Fills an empty folder with a Debian file system from the machine's own apt mirrors.
 *
 * All of it happens in a mount and process namespace that ends with mmdebstrap, so that a build that dies
 * half-way leaves no mount and no process behind.
 * @throws CommandError with mmdebstrap's last lines
 */
export async function makeTree(target: string, tree: DebianTree): Promise<void> {
  const settings = [...(await aptProxies()), 'Acquire::Retries "3"', 'APT::Install-Recommends "false"'];
  await inNamespace(
    [
      "mmdebstrap",
      "--mode=root",
      "--format=directory",
      `--variant=${tree.variant}`,
      "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
      ...settings.map((setting) => `--aptopt=${setting}`),
      `--include=${tree.packages.join(",")}`,
      ...(tree.args ?? []),
      DEBIAN_RELEASE,
      target,
      ...(await aptSources()),
    ],
    { network: true },
  );
}

/**
 * Runs a command in mount, process and (unless it needs the mirrors) network namespaces of its own, niced,
 * with time frozen at 0 for programs that honour SOURCE_DATE_EPOCH.
 */
export async function inNamespace(
  command: readonly string[],
  options: { network?: boolean; env?: Record<string, string> } = {},
): Promise<string> {
  const network = options.network === true ? [] : ["--net"];
  const namespaces = ["--mount", "--propagation=private", "--pid", "--fork", "--kill-child", ...network];
  return run("nice", ["unshare", ...namespaces, "--", ...command], {
    env: { SOURCE_DATE_EPOCH: "0", LC_ALL: "C.UTF-8", TZ: "UTC", ...options.env },
  });
}

/** One-line apt sources of the release's archives, as the machine itself reads them. */
async function aptSources(): Promise<string[]> {
  const format = "$(CREATED_BY)|$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)";
  const sources = parseIndexTargets(await run("apt-get", ["indextargets", "--format", format]));
  if (sources.length === 0) {
    throw new Error(
      `apt sources: this machine knows no Debian ${DEBIAN_RELEASE} mirror; ` +
        "add one to /etc/apt/sources.list and run apt-get update",
    );
  }
  return sources;
}

/** Turns the lines of `apt-get indextargets` into apt sources, leaving out what is not Debian's own. */
export function parseIndexTargets(lines: string): string[] {
  const sources = lines
    .split("\n")
    .map((line) => line.split("|"))
    .filter(([kind, origin, , release]) => kind === "Packages" && origin === "Debian" && isOurs(release))
    .map(([, , uri, release, component]) => `deb ${uri ?? ""} ${release ?? ""} ${component ?? ""}`);
  return [...new Set(sources)];
}

function isOurs(release: string | undefined): boolean {
  return release === DEBIAN_RELEASE || release?.startsWith(`${DEBIAN_RELEASE}-`) === true;
}

/** The machine's apt proxies; mmdebstrap reads none of the machine's apt settings by itself. */
async function aptProxies(): Promise<string[]> {
  const dumped = await run("apt-config", ["dump", "--format", '%f "%v"%n', "Acquire"]);
  return dumped.split("\n").filter((line) => /^Acquire::https?::Proxy(::\S+)? ".+"$/i.test(line));
}
