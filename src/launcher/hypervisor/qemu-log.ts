import { readFile } from "node:fs/promises";

/** Where libvirt keeps qemu's command line and output. */
export function qemuLogPath(domainName: string): string {
  return `/var/log/libvirt/qemu/${domainName}.log`;
}

/** What qemu itself wrote last, without its time; undefined when it wrote nothing but warnings. */
export async function qemuLastWords(domainName: string): Promise<string | undefined> {
  const text = await readFile(qemuLogPath(domainName), "utf8").catch(() => "");
  return lastWords(text);
}

export function lastWords(log: string): string | undefined {
  const spoken = /qemu-system-x86_64: (?!warning: |terminating on signal )(.*)$/;
  return log
    .split("\n")
    .flatMap((line) => spoken.exec(line)?.[1] ?? [])
    .at(-1);
}
