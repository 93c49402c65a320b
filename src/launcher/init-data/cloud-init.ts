import type { CloudInitSource, LaunchPlan } from "../../launch-plan/launch-plan.ts";

/** What the guest is told of itself. */
export type GuestFacts = Pick<LaunchPlan, "identity" | "name" | "hostname">;

export interface CloudInitData {
  userData?: Buffer;
  networkData?: Buffer;
  /** Public keys, of the user whom the image calls its default one. */
  sshKeys?: readonly string[];
}

/** A disk before it is written: its label, and its files by their paths. */
export interface CloudInitDisk {
  label: string;
  files: Map<string, string | Buffer>;
}

/**
 * The disk of a layout. The instance-id is that of the machine, the same at each run: what cloud-init does once an
 * instance it does once, whatever becomes of the launcher.
 */
export function cloudInitDisk(
  layout: CloudInitSource["layout"],
  facts: GuestFacts,
  data: CloudInitData,
): CloudInitDisk {
  return layout === "NoCloud" ? noCloud(facts, data) : configDrive(facts, data);
}

/**
 * https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html: without user-data the disk would not
 * count as one, so it is there even if it is empty.
 */
function noCloud({ identity, hostname }: GuestFacts, data: CloudInitData): CloudInitDisk {
  const { userData, networkData, sshKeys = [] } = data;
  const metaData = { "instance-id": identity, "local-hostname": hostname, ...named("public-keys", sshKeys) };
  const files = new Map<string, string | Buffer>([
    ["meta-data", json(metaData)],
    ["user-data", userData ?? ""],
  ]);
  if (networkData !== undefined) files.set("network-config", networkData);
  return { label: "cidata", files };
}

/** https://docs.openstack.org/nova/latest/user/metadata.html, in the names of OpenStack and in those of KubeVirt. */
export function configDrive(facts: GuestFacts, data: CloudInitData): CloudInitDisk {
  const { userData, networkData, sshKeys = [] } = data;
  const { identity, name, hostname } = facts;
  const metaData = {
    ...{ uuid: identity, instance_id: identity, name, hostname, local_hostname: hostname },
    ...named("public_keys", sshKeys),
  };
  const files = new Map<string, string | Buffer>([["openstack/latest/meta_data.json", json(metaData)]]);
  if (userData !== undefined) files.set("openstack/latest/user_data", userData);
  if (networkData !== undefined) files.set("openstack/latest/network_data.json", networkData);
  return { label: "config-2", files };
}

/** Keys go by names, which are their numbers. */
function named(field: string, keys: readonly string[]): Record<string, Record<string, string>> {
  if (keys.length === 0) return {};
  return { [field]: Object.fromEntries(keys.map((key, index) => [String(index), key])) };
}

function json(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
