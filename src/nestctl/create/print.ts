import { readFile } from "node:fs/promises";
import { usageError } from "../frame/cli-error.ts";
import { asYaml, print } from "../frame/output.ts";
import { clusterManifest, machineManifest, type ClusterFlags, type MachineFlags } from "./manifests.ts";

/** `nestctl create vm`. The flags name files where the manifest has what is in them. */
export async function printMachine(name: string, flags: MachineFlags): Promise<void> {
  const [ignition, cloudInit, sshKey] = await Promise.all([
    content(flags.ignition, "--ignition"),
    content(flags.cloudInit, "--cloud-init"),
    content(flags.sshKey, "--ssh-key"),
  ]);
  const read = {
    ...flags,
    ...(ignition === undefined ? {} : { ignition }),
    ...(cloudInit === undefined ? {} : { cloudInit }),
    ...(sshKey === undefined ? {} : { sshKey: sshKey.trim() }),
  };
  print(await asYaml(machineManifest(name, read)));
}

/** `nestctl create cluster` */
export async function printCluster(name: string, flags: ClusterFlags): Promise<void> {
  const keys = await Promise.all((flags.sshKey ?? []).map(async (file) => content(file, "--ssh-key")));
  const sshKey = keys.map((key = "") => key.trim());
  print(await asYaml(clusterManifest(name, { ...flags, ...(sshKey.length === 0 ? {} : { sshKey }) })));
}

async function content(file: string | undefined, flag: string): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw usageError(
      `${flag}: ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
