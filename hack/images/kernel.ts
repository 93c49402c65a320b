import { cp, mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../lib/exec.ts";
import { inNamespace } from "./debian.ts";

/**
 * The kernel in a tree of unpacked packages, by the name that `uname -r` prints.
 * @throws Error when none of the packages was a kernel
 */
export async function kernelVersion(debian: string): Promise<string> {
  const [version] = await readdir(join(debian, "usr/lib/modules"));
  if (version === undefined) throw new Error(`${debian}: the packages hold no kernel modules`);
  return version;
}

/** Copies modules, and those that they need, into the tree of an initramfs, whose modprobe finds them. */
export async function copyModules(
  debian: string,
  initramfs: string,
  modules: readonly string[],
): Promise<void> {
  const version = await kernelVersion(debian);
  await run("chroot", [debian, "/sbin/depmod", version]);
  const listed = await run("chroot", [
    debian,
    "/sbin/modprobe",
    "--all",
    "--show-depends",
    "--set-version",
    version,
    ...modules,
  ]);
  for (const [, path = ""] of listed.matchAll(/^insmod \/(?:usr\/)?(lib\/modules\/\S+\.ko)/gm)) {
    await mkdir(dirname(join(initramfs, path)), { recursive: true });
    await cp(join(debian, path), join(initramfs, path));
  }
  await run("depmod", ["--basedir", initramfs, version]);
}

/** Writes a tree as an initramfs, the same bytes for the same files, all of them root's; not compressed. */
export async function writeInitramfs(tree: string, file: string): Promise<void> {
  await run("find", [tree, "-exec", "touch", "-h", "-d", "@0", "{}", "+"]);
  const pack = "find . -print0 | sort -z | cpio --quiet --null -o -H newc -R 0:0 --reproducible";
  await inNamespace(["sh", "-euc", `cd "$1"; ${pack} >"$2"`, "sh", tree, file]);
}
