import type { Case, Fields } from "../harness/refusal.ts";

const image = { image: "nestlet.dev/halt:1" };

/** An instance with one disk of one volume. */
function withDisk(disk: Fields, volume: Fields = { registryDisk: image }): Fields {
  return {
    domain: { memory: { guest: "64Mi" }, devices: { disks: [{ name: "root", ...disk }] } },
    volumes: [{ name: "root", ...volume }],
  };
}

function withVolume(volume: Fields): Fields {
  return withDisk({}, volume);
}

function withDomain(domain: Fields): Fields {
  return { domain: { memory: { guest: "64Mi" }, ...domain } };
}

/** An instance with interfaces, each on a network of its name. */
function withInterfaces(interfaces: Fields[], networks?: Fields[]): Fields {
  return {
    ...withDomain({ devices: { interfaces } }),
    networks: networks ?? interfaces.map(({ name }) => ({ name, pod: {} })),
  };
}

/** What is taken. */
export const acceptedDevices: readonly (readonly [string, Fields])[] = [
  ["a CD-ROM with its cache mode", withDisk({ cdrom: {}, cache: "none", io: "native", bootOrder: 1 })],
  ["a CD-ROM as KubeVirt writes it", withDisk({ cdrom: { bus: "scsi", readonly: true } })],
  ["a ConfigMap", withVolume({ configMap: { name: "app", volumeLabel: "cfg" } })],
  ["a Secret that may be missing", withVolume({ secret: { secretName: "app", optional: true } })],
  ["what is written over a claim", withVolume({ ephemeral: { persistentVolumeClaim: { claimName: "c" } } })],
  ["a disk of the node", withVolume({ hostDisk: { path: "/srv/a.img", type: "Disk" } })],
  [
    "a disk of the node that is made",
    withVolume({ hostDisk: { path: "/srv/a.img", type: "DiskOrCreate", capacity: "1Gi" } }),
  ],
  [
    "masquerade with ports and networks of its own",
    withInterfaces(
      [{ name: "lan", masquerade: {}, ports: [{ port: 80 }, { name: "dns", port: 53, protocol: "UDP" }] }],
      [{ name: "lan", pod: { vmNetworkCIDR: "10.11.0.0/29", vmIPv6NetworkCIDR: "fd00:1::/64" } }],
    ),
  ],
  ["UEFI", withDomain({ firmware: { bootloader: { efi: { secureBoot: false } } } })],
  ["a BIOS by name", withDomain({ firmware: { bootloader: { bios: {} } } })],
  [
    "a kernel from an image",
    withDomain({
      firmware: {
        kernelBoot: {
          kernelArgs: "console=ttyS0",
          container: { ...image, kernelPath: "/boot/vmlinuz", initrdPath: "/boot/initrd" },
        },
      },
    }),
  ],
  ["huge pages", withDomain({ memory: { guest: "64Mi", hugepages: { pageSize: "2Mi" } } })],
  ["a watchdog", withDomain({ devices: { watchdog: { name: "w", i6300esb: { action: "poweroff" } } } })],
  ["processors that are shared", withDomain({ cpu: { dedicatedCpuPlacement: false } })],
];

const refused: readonly (readonly [string, Fields, string])[] = [
  [
    "a disk that is a CD-ROM, too",
    withDisk({ disk: {}, cdrom: {} }),
    'disk "root" is both disk and cdrom; remove one of the two',
  ],
  ["a CD-ROM on virtio", withDisk({ cdrom: { bus: "virtio" } }), 'supported values: "sata", "scsi"'],
  [
    "a CD-ROM to write to",
    withDisk({ cdrom: { readonly: false } }),
    "a CD-ROM cannot be written to; use disk, or leave readonly out",
  ],
  [
    "native I/O through the page cache",
    withDisk({ io: "native", cache: "writeback" }),
    'disk "root" has io native, which goes past the page cache, and cache writeback; take cache none, or io threads',
  ],
  ["an unknown cache mode", withDisk({ cache: "unsafe" }), 'disks[0].cache: Unsupported value: "unsafe"'],
  [
    "a disk of the node outside of everything",
    withVolume({ hostDisk: { path: "/srv/../etc/shadow", type: "Disk" } }),
    '"/srv/../etc/shadow" must be an absolute path without "..", for example /var/lib/disks/data.img',
  ],
  [
    "a disk to make on the node without its size",
    withVolume({ hostDisk: { path: "/srv/a.img", type: "DiskOrCreate" } }),
    "DiskOrCreate needs capacity, the size of the disk to make; for example 10Gi",
  ],
  [
    "a disk to make on the node of next to nothing",
    withVolume({ hostDisk: { path: "/srv/a.img", type: "DiskOrCreate", capacity: 10 } }),
    "10 is too small for a disk: at least 1Mi is needed; write a quantity with its unit, for example 10Gi",
  ],
  [
    "a volume label that is too long",
    withVolume({ configMap: { name: "c", volumeLabel: "x".repeat(17) } }),
    "volumes[0].configMap.volumeLabel: Too long: may not be more than 16",
  ],
  [
    "a claim that is a disk and lies under one",
    {
      ...withDomain({ devices: { disks: [{ name: "a" }, { name: "b" }] } }),
      volumes: [
        { name: "a", persistentVolumeClaim: { claimName: "c" } },
        { name: "b", ephemeral: { persistentVolumeClaim: { claimName: "c" } } },
      ],
    },
    'volumes: claim "c" is used by more than one volume; one claim holds one disk',
  ],
  [
    "an interface of two kinds",
    withInterfaces([{ name: "lan", bridge: {}, masquerade: {} }]),
    'interface "lan" is both bridge and masquerade; remove one of the two',
  ],
  [
    "two pod networks",
    withInterfaces([{ name: "lan" }, { name: "wan" }]),
    'networks: "wan" is a second pod network, and a pod has one; remove it with its interface',
  ],
  [
    "a network that is not the pod's",
    withInterfaces(
      [{ name: "lan" }, { name: "wan" }],
      [
        { name: "lan", pod: {} },
        { name: "wan", multus: { networkName: "w" } },
      ],
    ),
    "networks beside the pod network are not supported; remove this one and its interface",
  ],
  [
    "a private network that is none",
    withInterfaces(
      [{ name: "lan", masquerade: {} }],
      [{ name: "lan", pod: { vmNetworkCIDR: "10.0.0.5/24" } }],
    ),
    '"10.0.0.5/24" is no IPv4 network of a /29 or more, for example 10.0.2.0/24',
  ],
  [
    "a private IPv6 network of the other family",
    withInterfaces(
      [{ name: "l", masquerade: {} }],
      [{ name: "l", pod: { vmIPv6NetworkCIDR: "10.0.0.0/8" } }],
    ),
    '"10.0.0.0/8" is no IPv6 network of a /64 to /120, for example fd10:0:2::/120',
  ],
  [
    "a port that is none",
    withInterfaces([{ name: "lan", masquerade: {}, ports: [{ port: 65536 }] }]),
    "interfaces[0].ports[0].port: Invalid value: 65536",
  ],
  [
    "two kinds of firmware",
    withDomain({ firmware: { bootloader: { bios: {}, efi: {} } } }),
    "only one of bios and efi may be given",
  ],
  [
    "secure boot",
    withDomain({ firmware: { bootloader: { efi: { secureBoot: true } } } }),
    "secureBoot is not supported; leave it out or set it to false",
  ],
  [
    "a kernel without its path",
    withDomain({ firmware: { kernelBoot: { container: image } } }),
    "firmware.kernelBoot.container.kernelPath: Required value",
  ],
  [
    "a kernel from outside of its image",
    withDomain({ firmware: { kernelBoot: { container: { ...image, kernelPath: "boot/vmlinuz" } } } }),
    '"boot/vmlinuz" must be an absolute path without "..", for example /boot/vmlinuz',
  ],
  [
    "an initrd from outside of its image",
    withDomain({
      firmware: { kernelBoot: { container: { ...image, kernelPath: "/vmlinuz", initrdPath: "/a/../b" } } },
    }),
    '"/a/../b" must be an absolute path without "..", for example /boot/vmlinuz',
  ],
  [
    "memory that is no whole number of huge pages",
    withDomain({ memory: { guest: "65Mi", hugepages: { pageSize: "2Mi" } } }),
    "guest is 65Mi, no whole number of pages of 2Mi; give a multiple of hugepages.pageSize",
  ],
  [
    "processors for it alone",
    withDomain({ cpu: { dedicatedCpuPlacement: true } }),
    "dedicatedCpuPlacement is not supported; ask for whole CPUs by resources.requests.cpu and an equal",
  ],
  [
    "an unknown action of a watchdog",
    withDomain({ devices: { watchdog: { name: "w", i6300esb: { action: "dump" } } } }),
    'watchdog.i6300esb.action: Unsupported value: "dump": supported values: "reset", "shutdown", "poweroff"',
  ],
];

export const deviceCases: Case[] = refused.map(([title, spec, says]) => ({ title, spec, says }));
