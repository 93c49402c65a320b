import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, glob, mkdir, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress } from "node:zlib";
import { buildBinaries, type Binaries, type BinaryName } from "../lab/binaries.ts";
import { pauseLayer } from "../lab/system-images.ts";
import { run } from "../lib/exec.ts";
import { repoRoot } from "../lib/paths.ts";
import { inNamespace } from "./debian.ts";
import { makeLayer, put, recipeParts, recipesDir, type Log } from "./layers.ts";
import { describeLayer, uniqueLayers, writeArchive, type Layer, type NamedImage } from "./oci.ts";
import { copyKept } from "./slim.ts";

/**
 * The images that a guest has from the start, unpacked in its containerd, so that a cluster needs no registry.
 * They bear the names under which this kubeadm asks for them: one config then suits this guest and one that pulls.
 * The programs are this repository's own builds, so that etcd and CoreDNS may be newer than their tags say.
 */

const PROGRAMS: readonly BinaryName[] = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kube-proxy",
  "kubeadm",
  "etcd",
  "coredns",
  "containerd",
  "ctr",
];
/** All of them one program, which the guest's own file system has already. */
const KUBERNETES_PROGRAMS = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"];
const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** An image for tests: a web server that answers its host name, with busybox around it. */
export const WHOAMI_IMAGE = "nestlet.dev/whoami:1";
const importer = "deploy/images/coreos-lab/import-images.sh";
const WHOAMI_START = "hostname >/srv/index.html && exec httpd -f -p 80 -h /srv";

/**
 * The guest's /var/lib/containerd as a layer. The `kubernetes` program is left out of the unpacked images: the guest
 * has it, and links it in, so that memory and disk hold it once.
 * @param base the guest's Debian, for iptables
 * @param parts its kernel's companions, for busybox
 */
export async function makeImageStore(base: Layer, parts: Layer, log: Log): Promise<Layer> {
  const binaries = await buildBinaries(log, PROGRAMS);
  const images = await guestImages(binaries, { base, parts }, log);
  return makeLayer(
    {
      name: "coreos-lab-images",
      title: "container images of the guest",
      keyParts: [
        ...keyPartsOf(images),
        basename(dirname(binaries.containerd)),
        ...(await recipeParts("hack/images/guest-images.ts", importer)),
      ],
      owner: 0,
      fill: async (root, scratch) => {
        const store = join(root, "var/lib/containerd");
        await importAll(binaries, await writeArchives(images, scratch), { store, scratch });
        for (const copy of await Array.fromAsync(glob("**/usr/local/bin/kubernetes", { cwd: store }))) {
          await rm(join(store, copy));
        }
      },
    },
    log,
  );
}

/**
 * The same images as one archive that `ctr images import` reads, for a guest that has its own containerd import them.
 * @param path of the archive in the layer
 */
export async function makeImagesArchive(path: string, base: Layer, parts: Layer, log: Log): Promise<Layer> {
  const images = await guestImages(await buildBinaries(log, PROGRAMS), { base, parts }, log);
  return makeLayer(
    {
      name: "coreos-payload-images",
      title: "container images, in an archive",
      keyParts: [path, ...keyPartsOf(images), ...(await recipeParts("hack/images/guest-images.ts"))],
      owner: 0,
      fill: async (root, scratch) => {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeArchive(scratch, ...(await compressed(images, scratch)));
        await rename(join(scratch, "image.tar"), join(root, path));
      },
    },
    log,
  );
}

function keyPartsOf(images: readonly NamedImage[]): string[] {
  return images.flatMap(({ ref, layers, config }) => [
    ref,
    JSON.stringify(config),
    ...layers.map(({ digest }) => digest),
  ]);
}

async function guestImages(
  binaries: Binaries,
  { base, parts }: { base: Layer; parts: Layer },
  log: Log,
): Promise<NamedImage[]> {
  const [kubernetes, etcd, coredns, iptables, busybox, pause] = await Promise.all([
    kubernetesLayer(binaries, log),
    programLayer("etcd", binaries.etcd, "usr/local/bin/etcd", log),
    programLayer("coredns", binaries.coredns, "coredns", log),
    iptablesLayer(base, log),
    busyboxLayer(parts, log),
    pauseLayer(log),
  ]);
  const byName: Record<string, Omit<NamedImage, "ref">> = {
    "kube-proxy": { layers: [kubernetes, iptables], config: { Env: [PATH] } },
    etcd: { layers: [etcd], config: { Env: [PATH] } },
    coredns: { layers: [coredns], config: { Entrypoint: ["/coredns"], WorkingDir: "/" } },
    pause: { layers: [pause], config: { Entrypoint: ["/pause"], User: "65535:65535" } },
  };
  const control = { layers: [kubernetes], config: { Env: [PATH] } };
  const asked = (await kubeadmImages(binaries)).map((ref) => ({ ref, ...(byName[nameOf(ref)] ?? control) }));
  const config = { Entrypoint: ["/bin/sh", "-c", WHOAMI_START], Env: [PATH] };
  return [...asked, { ref: WHOAMI_IMAGE, layers: [busybox], config }];
}

async function kubeadmImages({ kubeadm }: Binaries): Promise<string[]> {
  const version = await run(kubeadm, ["version", "--output=short"]);
  return (await run(kubeadm, ["config", "images", "list", `--kubernetes-version=${version}`])).split("\n");
}

function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1, ref.lastIndexOf(":"));
}

async function kubernetesLayer(binaries: Binaries, log: Log): Promise<Layer> {
  const program = join(dirname(binaries["kube-apiserver"]), "kubernetes");
  const fill = async (root: string): Promise<void> => {
    const bin = join(root, "usr/local/bin");
    await mkdir(bin, { recursive: true });
    await copyFile(program, join(bin, "kubernetes"));
    for (const name of KUBERNETES_PROGRAMS) await symlink("kubernetes", join(bin, name));
  };
  const keyParts = [...KUBERNETES_PROGRAMS, basename(dirname(program))];
  const name = "guest-kubernetes";
  return makeLayer({ name, title: "Kubernetes", keyParts, owner: 0, fill }, log);
}

/** @param program in a folder that is named by its content */
async function programLayer(name: string, program: string, path: string, log: Log): Promise<Layer> {
  const fill = async (root: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await copyFile(program, join(root, path));
  };
  const recipe = { name: `guest-${name}`, title: name, keyParts: [path, basename(dirname(program))], fill };
  return makeLayer({ ...recipe, owner: 0 }, log);
}

/** What kube-proxy calls, out of the guest's own Debian. */
async function iptablesLayer(base: Layer, log: Log): Promise<Layer> {
  const list = join(recipesDir, "coreos-lab/kube-proxy.txt");
  return makeLayer(
    {
      name: "guest-iptables",
      title: "iptables and conntrack",
      keyParts: [base.digest, ...(await recipeParts("deploy/images/coreos-lab/kube-proxy.txt"))],
      owner: 0,
      fill: async (root, scratch) => {
        await run("tar", ["-C", scratch, "-xpf", base.tar]);
        await copyKept(scratch, root, list);
      },
    },
    log,
  );
}

async function busyboxLayer(parts: Layer, log: Log): Promise<Layer> {
  return makeLayer(
    {
      name: "guest-busybox",
      title: "busybox",
      keyParts: [parts.digest, ...(await recipeParts("hack/images/guest-images.ts"))],
      owner: 0,
      fill: async (root, scratch) => {
        await run("tar", ["-C", scratch, "-xpf", parts.tar, "./initramfs/bin/busybox"]);
        const busybox = join(scratch, "initramfs/bin/busybox");
        for (const folder of ["bin", "srv", "etc", "tmp"]) await mkdir(join(root, folder));
        await copyFile(busybox, join(root, "bin/busybox"));
        for (const applet of (await run(busybox, ["--list"])).split("\n")) {
          if (applet !== "busybox") await symlink("busybox", join(root, "bin", applet));
        }
        await put(root, "etc/passwd", "root:x:0:0:root:/:/bin/sh\n");
      },
    },
    log,
  );
}

/** containerd wants a layer's blob to be there even when it is unpacked; compressed it takes a third. */
async function compress(layer: Layer, folder: string): Promise<Layer> {
  const blob = join(folder, layer.digest.replace(":", "-"));
  const zstd = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 12 } });
  await pipeline(createReadStream(layer.tar), zstd, createWriteStream(blob));
  return { ...(await describeLayer(blob, layer.title)), diffId: layer.digest };
}

/** The images with their layers compressed; the blobs are written to a folder. */
async function compressed(images: readonly NamedImage[], folder: string): Promise<NamedImage[]> {
  const blobs = new Map<string, Layer>();
  for (const layer of uniqueLayers(images)) blobs.set(layer.digest, await compress(layer, folder));
  return images.map((image) => ({
    ...image,
    layers: image.layers.map((layer) => blobs.get(layer.digest) ?? layer),
  }));
}

async function writeArchives(images: readonly NamedImage[], folder: string): Promise<string[]> {
  const archives = [];
  for (const [number, image] of (await compressed(images, folder)).entries()) {
    const dir = join(folder, `image-${number}`);
    await mkdir(dir);
    await writeArchive(dir, image);
    archives.push(join(dir, "image.tar"));
  }
  return archives;
}

/** Has a containerd unpack the archives into its root, as the guest's own will find it. */
async function importAll(
  binaries: Binaries,
  archives: readonly string[],
  { store, scratch }: { store: string; scratch: string },
): Promise<void> {
  const script = join(repoRoot, importer);
  await mkdir(store, { recursive: true });
  await inNamespace([script, dirname(binaries.containerd), store, scratch, ...archives]);
}
