import { readdir, readFile, readlink } from "node:fs/promises";

/** As the kernel numbers the states of a TCP socket. */
const states = { established: "01", listen: "0A" };

/** How many connections a process has open to a port of loopback. */
export async function connectionsTo(port: number, pid: number): Promise<number> {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const sockets = await socketsOf(pid, "tcp");
  return sockets.filter(({ to, state }) => to === remote && state === states.established).length;
}

/** The TCP ports that a process listens on. */
export async function portsOf(pid: number): Promise<number[]> {
  const sockets = [...(await socketsOf(pid, "tcp")), ...(await socketsOf(pid, "tcp6"))];
  const listening = sockets.filter(({ state }) => state === states.listen);
  return listening.map(({ own }) => Number.parseInt(own.split(":").at(-1) ?? "", 16));
}

interface Socket {
  /** Addresses as /proc has them: `0100007F:1F90`. */
  own: string;
  to: string;
  state: string;
}

async function socketsOf(pid: number, protocol: "tcp" | "tcp6"): Promise<Socket[]> {
  const folder = `/proc/${String(pid)}/fd`;
  const files = await Promise.all(
    (await readdir(folder)).map(async (fd) => readlink(`${folder}/${fd}`).catch(() => "")),
  );
  const inodes = new Set(files.map((file) => /^socket:\[(\d+)\]$/.exec(file)?.[1]));
  const lines = (await readFile(`/proc/${String(pid)}/net/${protocol}`, "utf8")).split("\n");
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[9] !== undefined && inodes.has(fields[9]))
    .map(([, own = "", to = "", state = ""]) => ({ own, to, state }));
}
