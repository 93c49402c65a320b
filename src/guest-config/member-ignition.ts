import { bootstrapFiles, bootstrapUnits } from "./bootstrap.ts";
import { EMULATION_UNIT } from "./emulation.ts";
import { flavourFiles, flavourUnits } from "./flavour.ts";
import { dataUrl, file, type IgnitionConfig } from "./ignition.ts";
import { LAN_UNITS, lanFiles } from "./lan.ts";
import type { ClusterFacts, Member } from "./member.ts";
import { PAYLOAD_UNITS, payloadFiles } from "./payload.ts";
import { lastMemberNumber } from "./range.ts";

/**
 * The Ignition config of a member, as JSON; spec 3.3.0, which Fedora CoreOS and Flatcar read as well.
 *
 * It expects containerd, kubelet, kubeadm and the CNI plugins in the image, or on the payload disk.
 * @throws RangeError when the cluster's ranges have no room for the member's number
 */
export function memberIgnition(cluster: ClusterFacts, member: Member): string {
  const last = lastMemberNumber(cluster.lanRange, cluster.podRange);
  if (member.number > last) {
    throw new RangeError(
      `${member.name}: lanCIDR ${cluster.lanRange} and podCIDR ${cluster.podRange} have room for members up to ` +
        `number ${last}, and this one has ${member.number}; take larger ranges`,
    );
  }
  const config: IgnitionConfig = {
    ignition: {
      version: "3.3.0",
      ...(member.snippets.length > 0 && {
        config: { merge: member.snippets.map((snippet) => ({ source: dataUrl(JSON.stringify(snippet)) })) },
      }),
    },
    ...(cluster.sshAuthorizedKeys.length > 0 && {
      passwd: { users: [{ name: "core", sshAuthorizedKeys: cluster.sshAuthorizedKeys }] },
    }),
    storage: {
      files: [
        file("/etc/hostname", `${member.name}\n`, 0o644),
        ...flavourFiles(cluster.flavour),
        ...lanFiles(cluster, member),
        ...(cluster.payloadDisk ? payloadFiles() : []),
        ...bootstrapFiles(cluster, member),
      ],
    },
    systemd: {
      units: [
        EMULATION_UNIT,
        ...flavourUnits(cluster.flavour),
        ...LAN_UNITS,
        ...(cluster.payloadDisk ? PAYLOAD_UNITS : []),
        ...bootstrapUnits(cluster, member),
      ],
    },
  };
  return JSON.stringify(config);
}
