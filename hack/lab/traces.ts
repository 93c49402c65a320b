import { existsSync } from "node:fs";
import { lstat, readdir, readFile, readlink, rm, rmdir, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { nodePaths } from "./config.ts";
import type { Node, Settings } from "./settings.ts";

/**
 * Removes what the programs of a node put into folders whose paths they have built in. Others' files in these
 * folders stay, and so does a folder that is not empty then.
 */
export async function removeTraces(settings: Settings, node: Node): Promise<void> {
  await removeLinksInto("/var/log/containers", nodePaths(node).podLogs);
  await removeCniResults(settings);
  await removeShimSockets(node);
  await removeDevicePluginFiles("/var/lib/kubelet/device-plugins");
  const folders = [
    "/var/log/containers",
    ...["/var/lib/cni/results", "/var/lib/cni"],
    ...["/var/lib/kubelet/device-plugins", "/var/lib/kubelet"],
    ...["/run/containerd/s", "/run/containerd"],
  ];
  for (const folder of folders) await removeIfEmpty(folder);
}

/** The kubelet's links to the logs of its pods. */
async function removeLinksInto(dir: string, target: string): Promise<void> {
  for (const name of await namesIn(dir)) {
    const path = join(dir, name);
    if (!(await lstat(path)).isSymbolicLink()) continue;
    if ((await readlink(path)).startsWith(`${target}/`)) await unlink(path);
  }
}

/** libcni keeps each attachment under the name of its network. */
async function removeCniResults(settings: Settings): Promise<void> {
  const dir = "/var/lib/cni/results";
  const own = (await namesIn(dir)).filter((name) => name.startsWith(`${settings.name}-`));
  await Promise.all(own.map((name) => rm(join(dir, name), { force: true })));
}

/** A shim that was killed leaves its socket; containerd wrote down where that is. */
async function removeShimSockets(node: Node): Promise<void> {
  const tasks = join(nodePaths(node).containerdState, "io.containerd.runtime.v2.task");
  for (const namespace of await namesIn(tasks)) {
    for (const id of await namesIn(join(tasks, namespace))) {
      const file = join(tasks, namespace, id, "bootstrap.json");
      const address = parseShimAddress(await readFile(file, "utf8").catch(() => ""));
      if (address !== undefined) await rm(address, { force: true });
    }
  }
}

/**
 * The kubelet's socket for device plugins and its notes on them, in a folder that all kubelets share: they stay
 * while a kubelet listens, which is then another lab's.
 */
export async function removeDevicePluginFiles(dir: string): Promise<void> {
  const socket = join(dir, "kubelet.sock");
  if (await isListening(socket)) return;
  for (const path of [socket, join(dir, "kubelet_internal_checkpoint")]) await rm(path, { force: true });
}

async function isListening(socket: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const connection = connect(socket, () => {
    resolve(true);
  });
  connection.once("error", () => {
    resolve(false);
  });
  return promise.finally(() => connection.destroy());
}

/** The path in `{"address":"unix:///run/containerd/s/…"}`; undefined when there is none. */
export function parseShimAddress(text: string): string | undefined {
  return /"address":"unix:\/\/(\/[^"]+)"/.exec(text)?.[1];
}

async function removeIfEmpty(dir: string): Promise<void> {
  if (existsSync(dir) && (await namesIn(dir)).length === 0) await rmdir(dir);
}

async function namesIn(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}
