import { asYaml, print } from "../frame/output.ts";
import { content, publicKeys } from "./files.ts";
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
  print(await asYaml(clusterManifest(name, { ...flags, ...(await publicKeys(flags.sshKey)) })));
}
