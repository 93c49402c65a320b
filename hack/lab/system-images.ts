import { copyFile, mkdir, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeTree } from "../images/debian.ts";
import { makeImage, makeLayer, recipeParts, type BuiltImage, type Log } from "../images/layers.ts";
import type { Layer } from "../images/oci.ts";
import { run } from "../lib/exec.ts";
import { repoRoot } from "../lib/paths.ts";
import { pauseImage } from "./config.ts";

const corednsRepository = "nestlet.dev/coredns";

/** The images of the cluster's own pods: each one static program. */
export interface SystemImages {
  readonly pause: BuiltImage;
  readonly coredns: BuiltImage;
}

export async function buildSystemImages(coredns: string, log: Log): Promise<SystemImages> {
  const [pause, dns] = await Promise.all([buildPause(log), buildCoredns(coredns, log)]);
  return { pause, coredns: dns };
}

/** The program that holds a pod's namespaces, `/pause`. */
export async function pauseLayer(log: Log): Promise<Layer> {
  const source = "hack/lab/pause/pause.c";
  const flags = ["-static", "-Os", "-s", "-Wall", "-Wextra", "-Werror"];
  return makeLayer(
    {
      name: "pause",
      title: "pause",
      keyParts: [...flags, ...(await recipeParts(source))],
      owner: 0,
      fill: async (root) => {
        await run("gcc", [...flags, "-o", join(root, "pause"), join(repoRoot, source)]);
      },
    },
    log,
  );
}

async function buildPause(log: Log): Promise<BuiltImage> {
  const [repository = "", tag] = pauseImage.split(":");
  return makeImage(repository, tag, [await pauseLayer(log)], { Entrypoint: ["/pause"], User: "65535:65535" });
}

/** @param program in a folder that is named by its content */
async function buildCoredns(program: string, log: Log): Promise<BuiltImage> {
  const layer = await makeLayer(
    {
      name: "coredns",
      title: "CoreDNS",
      keyParts: [basename(dirname(program))],
      owner: 0,
      fill: async (root) => copyFile(program, join(root, "coredns")),
    },
    log,
  );
  return makeImage(corednsRepository, undefined, [layer], { Entrypoint: ["/coredns"], WorkingDir: "/" });
}

/**
 * The provisioner of claims, and in the same image the commands with which its helper pods make and remove folders.
 * @param program in a folder that is named by its content
 */
export async function buildProvisioner(program: string, log: Log): Promise<BuiltImage> {
  const commands = ["sh", "mkdir", "rm"];
  const layer = await makeLayer(
    {
      name: "local-path-provisioner",
      title: "local-path-provisioner, and busybox from Debian",
      keyParts: [basename(dirname(program)), ...commands],
      owner: 0,
      fill: async (root, scratch) => {
        const debian = join(scratch, "debian");
        await makeTree(debian, { packages: ["busybox-static"], variant: "extract" });
        await mkdir(join(root, "bin"));
        await copyFile(join(debian, "bin/busybox"), join(root, "bin/busybox"));
        for (const name of commands) await symlink("busybox", join(root, "bin", name));
        await copyFile(program, join(root, "bin/local-path-provisioner"));
      },
    },
    log,
  );
  return makeImage("nestlet.dev/local-path-provisioner", undefined, [layer], {
    Entrypoint: ["/bin/local-path-provisioner"],
    WorkingDir: "/",
  });
}
