import { posix } from "node:path";
import type { Container, PodSpec, PodVolume } from "../../kube/object.ts";
import type { LaunchPlan } from "../../launch-plan/launch-plan.ts";

/** Where the images' containers find the program that copies: an image of one file has none. */
const TOOLS_DIR = "/nestlet-tools";
/** What of an image is wanted goes there, under the same paths as in it. */
const COPY_DIR = "/nestlet-copy";
const BUSYBOX = "/usr/bin/busybox";
const COPIER = `${TOOLS_DIR}/busybox`;

/** Root that may read what others own, and no more. */
const securityContext: NonNullable<Container["securityContext"]> = {
  runAsUser: 0,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"], add: ["DAC_OVERRIDE"] },
};

type ImageVolume = PodVolume & { image: NonNullable<PodVolume["image"]> };

/**
 * The pod for a cluster without image volumes: init containers copy what is wanted of each image into an emptyDir, which
 * is mounted where the image would be. docs/decisions/0016-images-are-copied-where-they-cannot-be-mounted.md says why.
 * @param launcherImage has the program that copies
 */
export function withCopiedImages(pod: PodSpec, plan: LaunchPlan, launcherImage: string): PodSpec {
  const volumes = pod.volumes ?? [];
  const images = volumes.filter((volume): volume is ImageVolume => volume.image !== undefined);
  if (images.length === 0) return pod;
  let tools = "tools";
  while (volumes.some(({ name }) => name === tools)) tools += "-0";
  const emptied = volumes.map((volume) =>
    volume.image === undefined ? volume : { name: volume.name, emptyDir: {} },
  );
  return {
    ...pod,
    initContainers: [
      {
        name: "copy-tools",
        image: launcherImage,
        imagePullPolicy: "IfNotPresent",
        command: [BUSYBOX, "cp", BUSYBOX, COPIER],
        securityContext,
        volumeMounts: [{ name: tools, mountPath: TOOLS_DIR }],
      },
      ...images.map((volume, index) => copyContainerOf(volume, index, tools, pathsOf(volume, pod, plan))),
    ],
    volumes: [...emptied, { name: tools, emptyDir: {} }],
  };
}

/** What of an image's files the plan names. */
function pathsOf({ name }: PodVolume, { containers }: PodSpec, plan: LaunchPlan): string[] {
  const mount = containers[0]?.volumeMounts?.find((each) => each.name === name);
  const { kernelBoot } = plan;
  if (kernelBoot !== undefined && mount?.mountPath === kernelBoot.mountPath) {
    const { kernelPath, initrdPath } = kernelBoot;
    return [kernelPath, ...(initrdPath === undefined ? [] : [initrdPath])];
  }
  const disk = plan.disks.find(
    ({ source }) => "mountPath" in source && source.mountPath === mount?.mountPath,
  );
  return [(disk !== undefined && "image" in disk.source ? disk.source.path : undefined) ?? "/disk"];
}

/** Paths are arguments and no text of the script, so that nothing in them is taken for a command. */
function copyContainerOf(
  { name, image }: ImageVolume,
  index: number,
  tools: string,
  paths: readonly string[],
): Container {
  const script = `while [ $# -gt 0 ]; do ${COPIER} mkdir -p "$2" && ${COPIER} cp -RL "$1" "$2/" || exit 1; shift 2; done`;
  const pairs = paths.flatMap((path) => [path, posix.join(COPY_DIR, posix.dirname(path))]);
  return {
    name: `copy-${index}`,
    image: image.reference ?? "",
    ...(image.pullPolicy === undefined ? {} : { imagePullPolicy: image.pullPolicy }),
    command: [COPIER, "sh", "-c", script, "copy", ...pairs],
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext,
    volumeMounts: [
      { name: tools, mountPath: TOOLS_DIR, readOnly: true },
      { name, mountPath: COPY_DIR },
    ],
  };
}
