import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * libvirt asks qemu what it can do, which takes more than half a second, and keeps the answer in a file. The
 * image brings that file along, with the answer for emulation. libvirt takes it for valid only if it names the
 * change times that these files have here, so they are written into it before libvirtd starts. With KVM there
 * are further conditions (processor, microcode, kernel); then libvirt finds the file outdated and asks qemu.
 */
const CACHE_DIR = "/var/cache/libvirt/qemu/capabilities";
const QEMU = "/usr/bin/qemu-system-x86_64";
/** Of the path, not of the program: libvirt names the file so. */
const QEMU_SHA256 = "926803a9278e445ec919c2b6cbd8c1c449c75b26dcb1686b774314180376c725";
const QEMU_MODULES = "/usr/lib/x86_64-linux-gnu/qemu";
const LIBVIRTD = "/usr/sbin/libvirtd";
const LIBVIRT_MODULES = "/usr/lib/x86_64-linux-gnu/libvirt";

/**
 * With this flag libvirt asks qemu for each of 400 processor features at every start (120 ms and more); without, it
 * takes all of them from one answer. All that is lost are features that live in MSRs, which emulation does not have.
 */
const SLOW_FLAG = /^.*<flag name='cpu-unavailable-features'\/>\n/m;

/** Makes the image's answer valid on this machine; without such a file there is nothing to do. */
export async function refreshCapabilitiesCache(): Promise<void> {
  const file = join(CACHE_DIR, `${QEMU_SHA256}.xml`);
  const xml = await readFile(file, "utf8").catch(() => undefined);
  if (xml === undefined) return;
  const [qemu, modules, libvirt] = await Promise.all([stat(QEMU), modifiedAt(QEMU_MODULES), libvirtChange()]);
  await writeFile(
    file,
    validHere(xml, {
      qemuctime: seconds(qemu.ctimeMs),
      selfctime: seconds(libvirt),
      ...(modules === undefined ? {} : { qemumoddirmtime: seconds(modules) }),
    }),
  );
}

/**
 * The image's answer with the given times (seconds since 1970, by element name); one that it lacks is added before
 * `selfctime`.
 */
export function validHere(xml: string, times: Readonly<Record<string, number>>): string {
  return Object.entries(times).reduce(
    (text, [name, value]) => {
      const element = new RegExp(`<${name}>[^<]*</${name}>`);
      const written = `<${name}>${value}</${name}>`;
      if (element.test(text)) return text.replace(element, written);
      return text.replace("<selfctime>", `${written}\n  <selfctime>`);
    },
    xml.replace(SLOW_FLAG, ""),
  );
}

/**
 * When libvirt changed last, in ms: the newest of libvirtd and whatever modules it has loaded so far. Which these
 * are grows with time, so libvirtd itself is made the newest where it is not.
 */
async function libvirtChange(): Promise<number> {
  const times = await Promise.all((await filesBelow(LIBVIRT_MODULES)).map(changedAt));
  const daemon = await changedAt(LIBVIRTD);
  if (seconds(daemon) >= seconds(Math.max(0, ...times))) return daemon;
  await chmod(LIBVIRTD, 0o755);
  return changedAt(LIBVIRTD);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function changedAt(path: string): Promise<number> {
  return (await stat(path)).ctimeMs;
}

async function modifiedAt(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.mtimeMs;
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
