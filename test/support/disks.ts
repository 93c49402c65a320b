import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeImage, makeLayer, put } from "../../hack/images/layers.ts";
import { run } from "../../hack/lib/exec.ts";
import { repoRoot } from "../../hack/lib/paths.ts";
import type { Kubectl } from "./kubectl.ts";
import { instance, instanceSpec } from "./objects.ts";

/** A claim of 64 MiB, or as large as said. */
export function claim(name: string, spec: Record<string, unknown> = {}, storage = "64Mi"): object {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } }, ...spec },
  };
}

/** A PersistentVolume on a device of this machine, of the storage class of its name. */
export class DeviceVolume {
  readonly name: string;
  readonly #device: string;
  readonly #folder: string;

  private constructor(name: string, device: string, folder: string) {
    this.name = name;
    this.#device = device;
    this.#folder = folder;
  }

  /** @param size of the device, as `truncate` takes it; with a file system, the kubelet makes one on it */
  static async create(
    kubectl: Kubectl,
    name: string,
    volumeMode: "Block" | "Filesystem",
    size: string,
  ): Promise<DeviceVolume> {
    const folder = await mkdtemp(join(tmpdir(), "nestlet-device-"));
    const file = join(folder, "device.img");
    await run("truncate", [`--size=${size}`, file]);
    const device = (await run("losetup", ["--find", "--show", file])).trim();
    const [node] = await kubectl.list<{ metadata: { name: string } }>("nodes");
    const here = { key: "metadata.name", operator: "In", values: [node?.metadata.name] };
    await kubectl.apply({
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name },
      spec: {
        capacity: { storage: `${size}i` },
        accessModes: ["ReadWriteOnce"],
        volumeMode,
        storageClassName: name,
        local: { path: device, ...(volumeMode === "Filesystem" ? { fsType: "ext4" } : {}) },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchFields: [here] }] } },
      },
    });
    return new DeviceVolume(name, device, folder);
  }

  /** When nothing uses it any more. */
  async remove(kubectl: Kubectl): Promise<void> {
    await kubectl.try(["delete", "pv", this.name, "--timeout=30s"]);
    await run("losetup", ["--detach", this.#device]);
    await rm(this.#folder, { recursive: true });
  }
}

interface ClaimVolume {
  claimName: string;
  create?: boolean;
}

/** Volumes and disks of an instance: `root` of an image that halts, and `data` on a claim if one is given. */
function specWith(data: ClaimVolume | undefined, root: Record<string, unknown>): Record<string, unknown> {
  const names = ["root", ...(data === undefined ? [] : ["data"])];
  const domain = { memory: { guest: "64Mi" }, devices: { disks: names.map((name) => ({ name })) } };
  const volumes = [
    { name: "root", registryDisk: root },
    ...(data === undefined ? [] : [{ name: "data", persistentVolumeClaim: data }]),
  ];
  return { domain, networks: [], volumes };
}

const halt = { image: "nestlet.dev/halt:1" };

/** The spec alone, or the instance when it is given a name. */
export function instanceWith(data: ClaimVolume | undefined): Record<string, unknown>;
export function instanceWith(
  data: ClaimVolume | undefined,
  name: string,
  root?: Record<string, unknown>,
): object;
export function instanceWith(
  data: ClaimVolume | undefined,
  name?: string,
  root: Record<string, unknown> = halt,
): object {
  const spec = specWith(data, root);
  return name === undefined ? { ...instanceSpec(), ...spec } : instance(name, { spec });
}

/** Loads `nestlet.dev/other-halt:1`, whose disk has another content, into the lab. */
export async function loadOtherHalt(): Promise<void> {
  const sector = Buffer.alloc(65536);
  // cli; hlt; jmp back to hlt
  sector.set([0xfa, 0xf4, 0xeb, 0xfd]);
  sector.set([0x55, 0xaa], 510);
  const recipe = {
    name: "other-halt",
    title: "a disk of another content",
    keyParts: [sector],
    owner: 107,
    fill: async (root: string) => put(root, "disk/other.img", sector),
  };
  const layer = await makeLayer(recipe, () => undefined);
  const { archive } = await makeImage("nestlet.dev/other-halt", "1", [layer], {});
  await run(join(repoRoot, "hack/lab.sh"), ["load-image", archive]);
}
