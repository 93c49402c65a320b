import type { HelperLine } from "../helper-output.ts";

/** `2026-11-21 10:46:48.842+0000: 112: error : virHostCPUGetCPUID:1422 : Unable to …` */
const LINE = /^\S+ \S+: \d+: (\w+) : (?:\w+:\d+ : )?(.*)$/;

/** What libvirtd complains of at every start in a pod, though nothing is wrong. */
const EXPECTED: readonly RegExp[] = [
  /^(libvirt version|hostname):/,
  /dmidecode/, // the image has none: the guest is shown its own SMBIOS, not the node's
  /^Configured security driver "none"/, // the pod is the boundary
  /\/dev\/kvm/, // hidden where it is not usable
  /^Cannot find 'tc' in path/, // only tunes the tap device's queue
  /^getaddrinfo failed for/, // a pod's name need not resolve
  /is tainted: high-privileges$/, // root in the pod
  /is tainted: custom-(monitor|ga-command)$/, // screenshots, and what is asked of the guest's agent
  /^At least one cgroup controller is required/, // the kubelet looks after these
  /^End of file while reading data: Input\/output error$/, // a client has gone
  /^Cannot recv data: Connection reset by peer$/,
];

/** Reads a line of libvirtd's log; undefined for lines that are empty or say what is always so. */
export function readLibvirtdLine(line: string): HelperLine | undefined {
  if (line === "") return undefined;
  const [, level, msg] = LINE.exec(line) ?? [];
  if (level === undefined || msg === undefined) return { level: "warn", msg: line };
  if (EXPECTED.some((pattern) => pattern.test(msg))) return undefined;
  return { level: level === "error" ? "error" : level === "warning" ? "warn" : "info", msg };
}
