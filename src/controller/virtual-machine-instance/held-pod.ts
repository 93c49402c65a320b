import type { Container, Pod } from "../../kube/object.ts";

/**
 * What the controller goes on holding of a launcher pod that it made: its launch plan, its mounts and most of its volumes
 * are nobody's business once it is there, and of ten thousand pods they take more memory than all the rest.
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
