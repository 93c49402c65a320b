import { existsSync } from "node:fs";
import { chmod, cp, mkdir, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../lib/exec.ts";
import { inNamespace, makeTree } from "./debian.ts";
import type { BuiltImage, Log } from "./layers.ts";
import { makeImage, makeLayer, put, recipeParts, recipesDir } from "./layers.ts";
import { bundle, makeNodeLayer } from "./node.ts";
import type { Layer } from "./oci.ts";
import { copyKept } from "./slim.ts";

/** What keep.txt picks from. */
const PACKAGES = [
  "libvirt-daemon",
  "libvirt-daemon-driver-qemu",
  "libvirt-clients",
  "qemu-system-x86",
  "qemu-utils",
  "ovmf",
  "genisoimage",
  "dnsmasq-base",
  "iproute2",
  "nftables",
  "tini",
  "busybox-static",
];

/** The commands that a person who looks inside a launcher reaches for. */
const SHELL_COMMANDS = [
  "sh",
  "cat",
  "ls",
  "ps",
  "top",
  "grep",
  "kill",
  "sleep",
  "mount",
  "ping",
  "nc",
  "env",
];

/** Folders that libvirt, qemu and dnsmasq expect. */
const FOLDERS = [
  "dev",
  "proc",
  "root",
  "run",
  "sys",
  "tmp",
  "var/cache",
  "var/lib/libvirt/qemu",
  "var/lib/misc",
  "var/log/libvirt/qemu",
  "var/tmp",
];

const recipe = join(recipesDir, "launcher");
const BUNDLE = "usr/lib/nestlet/launcher.mjs";
const CONTROL_BUNDLE = "usr/lib/nestlet/ctl.mjs";

/** The launcher computes next to nothing and stays for a guest's whole life: no compilers, a small heap. */
const NODE_FLAGS = ["--jitless", "--v8-pool-size=0", "--max-semi-space-size=1", "--max-old-space-size=64"];

/** One launcher runs one virtual machine: libvirtd, qemu, dnsmasq, and Nestlet's own program in Node. */
export async function buildLauncher(log: Log): Promise<BuiltImage> {
  const [base, node] = await Promise.all([makeBase(log), makeNodeLayer(log)]);
  const code = await makeCode(log);
  return makeImage("nestlet.dev/launcher", undefined, [base, node, code], {
    Entrypoint: ["/usr/bin/tini", "--", "/usr/bin/node", ...NODE_FLAGS, `/${BUNDLE}`],
    Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"],
    WorkingDir: "/",
  });
}

/** Changes with Debian and the keep list. */
async function makeBase(log: Log): Promise<Layer> {
  const inputs = ["base", "keep.txt", "probe.sh", "icudata.c"].map(
    (name) => `deploy/images/launcher/${name}`,
  );
  const code = ["launcher.ts", "slim.ts", "debian.ts"].map((name) => `hack/images/${name}`);
  return makeLayer(
    {
      name: "launcher-base",
      title: "libvirt, qemu and dnsmasq from Debian",
      keyParts: await recipeParts(...inputs, ...code),
      owner: 0,
      fill: async (root, scratch) => {
        const debian = join(scratch, "debian");
        await makeTree(debian, { packages: PACKAGES, variant: "extract" });
        log("launcher-base: keeping what is needed");
        await copyKept(debian, root, join(recipe, "keep.txt"));
        await replaceIcuData(root);
        await cp(join(recipe, "base"), root, { recursive: true });
        for (const folder of FOLDERS) await mkdir(join(root, folder), { recursive: true });
        for (const folder of ["tmp", "var/tmp"]) await chmod(join(root, folder), 0o1777);
        await symlink("../run", join(root, "var/run"));
        for (const folder of ["bin", "sbin"]) await symlink(`usr/${folder}`, join(root, folder));
        for (const name of SHELL_COMMANDS) await symlink("busybox", join(root, "usr/bin", name));
        log("launcher-base: asking qemu what it can do");
        await inNamespace([join(recipe, "probe.sh"), root]);
      },
    },
    log,
  );
}

/** ICU's data is a quarter of the programs' size, and nothing here looks into it; see icudata.c. */
async function replaceIcuData(root: string): Promise<void> {
  const libraries = join(root, "usr/lib/x86_64-linux-gnu");
  const [library, major] = /^libicudata\.so\.(\d+)\.\d+$/m.exec((await readdir(libraries)).join("\n")) ?? [];
  if (library === undefined || major === undefined) {
    throw new Error(
      "launcher: no libicudata among the libraries; drop icudata.c if libxml2 does without ICU",
    );
  }
  const linked = [`-DICUDATA=icudt${major}_dat`, `-Wl,-soname,libicudata.so.${major},--build-id=none`];
  const flags = ["-shared", "-nostdlib", "-fPIC", "-Os", "-s", "-Wall", "-Wextra", "-Werror"];
  await run("gcc", [...flags, ...linked, "-o", join(libraries, library), join(recipe, "icudata.c")]);
}

/** Changes with every edit, so it is small. */
async function makeCode(log: Log): Promise<Layer> {
  const [program, control] = await Promise.all([
    bundle("src/launcher/main.ts"),
    bundle("src/launcher/control/client/main.ts"),
  ]);
  const overlay = join(recipe, "rootfs");
  return makeLayer(
    {
      name: "launcher-code",
      title: "Nestlet's launcher",
      keyParts: [
        program,
        control,
        ...(await recipeParts("deploy/images/launcher/rootfs", "hack/images/launcher.ts")),
      ],
      owner: 0,
      fill: async (root) => {
        await put(root, BUNDLE, program);
        await put(root, CONTROL_BUNDLE, control);
        if (existsSync(overlay)) await cp(overlay, root, { recursive: true });
        await rm(join(root, ".gitkeep"), { force: true });
      },
    },
    log,
  );
}
