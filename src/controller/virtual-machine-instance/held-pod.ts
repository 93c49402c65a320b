import type { Container, Pod } from "../../kube/object.ts";

/**
 * What the controller goes on holding of a launcher pod that it made: the launch plan, the mounts and most volumes are
 * nobody's business once the pod is there, and they are more than a third of it. It must never be written back.
 */
export function heldPod(pod: Pod): Pod {
  const { containers, initContainers, volumes = [], ...spec } = pod.spec;
  return {
    ...pod,
    spec: {
      ...spec,
      containers: containers.map(heldContainer),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(heldContainer) }),
      volumes: volumes.filter(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined),
    },
  };
}

/** Its name and its probes say how its state is to be read. */
function heldContainer({ name, startupProbe, readinessProbe, livenessProbe }: Container): Container {
  return {
    name,
    ...(startupProbe === undefined ? {} : { startupProbe }),
    ...(readinessProbe === undefined ? {} : { readinessProbe }),
    ...(livenessProbe === undefined ? {} : { livenessProbe }),
  };
}
