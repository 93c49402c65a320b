import { readdir, readFile, readlink } from "node:fs/promises";

const established = "01";

/** How many connections a process has open to a port of loopback. */
export async function connectionsTo(port: number, pid: number): Promise<number> {
  const folder = `/proc/${String(pid)}/fd`;
  const files = await Promise.all(
    (await readdir(folder)).map(async (fd) => readlink(`${folder}/${fd}`).catch(() => "")),
  );
  const sockets = new Set(files.map((file) => /^socket:\[(\d+)\]$/.exec(file)?.[1]));
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = (await readFile(`/proc/${String(pid)}/net/tcp`, "utf8")).split("\n");
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , to, state]) => to === remote && state === established)
    .filter((fields) => sockets.has(fields[9])).length;
}
