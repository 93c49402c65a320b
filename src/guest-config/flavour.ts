import { file, type IgnitionFile, type IgnitionUnit } from "./ignition.ts";

/** The systems that members may boot, and what each wants told beside the rest of the config. */

export const FLAVOURS = ["coreos-lab", "fedora-coreos", "flatcar"] as const;

/** `coreos-lab` is Nestlet's own guest, and any other system that needs no more than it. */
export type Flavour = (typeof FLAVOURS)[number];

export const DEFAULT_FLAVOUR: Flavour = "coreos-lab";

export function isFlavour(text: unknown): text is Flavour {
  return FLAVOURS.some((flavour) => flavour === text);
}

interface Additions {
  files: IgnitionFile[];
  units: IgnitionUnit[];
}

const ADDITIONS: Record<Flavour, Additions> = {
  "coreos-lab": { files: [], units: [] },
  "fedora-coreos": {
    // NetworkManager would ask for an address on every end of a pod's cable.
    files: [
      file(
        "/etc/NetworkManager/conf.d/10-nestlet.conf",
        `[keyfile]
unmanaged-devices=interface-name:lan0;interface-name:cni0;interface-name:veth*
`,
        0o644,
      ),
    ],
    units: masked("zincati.service"),
  },
  flatcar: {
    // Its networkd takes any interface for one to the outside, and would drop the routes between the members.
    files: [
      file(
        "/etc/systemd/network/00-nestlet.network",
        `[Match]
Name=lan0 cni0 veth*

[Link]
Unmanaged=yes
`,
        0o644,
      ),
    ],
    units: masked("update-engine.service", "locksmithd.service"),
  },
};

export function flavourFiles(flavour: Flavour): IgnitionFile[] {
  return ADDITIONS[flavour].files;
}

export function flavourUnits(flavour: Flavour): IgnitionUnit[] {
  return ADDITIONS[flavour].units;
}

/** Updates that reboot a machine by themselves: a cluster's members run what its image holds. */
function masked(...names: string[]): IgnitionUnit[] {
  return names.map((name) => ({ name, mask: true }));
}
