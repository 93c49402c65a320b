import type { VirtualMachineInstance } from "../../api/resources.ts";
import { isNotFound } from "../../kube/api-error.ts";
import { pods, type Pod } from "../../kube/object.ts";
import { warn } from "../frame/output.ts";
import type { Session } from "../kube/session.ts";
import { capture } from "./launcher.ts";
import { until } from "./until.ts";

/** The launcher's libvirtd has one domain. */
const DESTROY = ["sh", "-c", "virsh destroy $(virsh list --id)"];

/**
 * Leaves the guest of a run that is being stopped no more than these seconds. The pod's grace period is shortened, which
 * the kubelet (1.36) heeds only where it has not begun to stop the pod; so a guest that is still there is destroyed from
 * inside its pod. Where that cannot be done, a warning says so: the stop itself goes on.
 */
export async function endWithin(
  session: Session,
  instance: VirtualMachineInstance,
  seconds: number,
): Promise<void> {
  const name = instance.status?.podName;
  if (name === undefined) return;
  const { client, namespace } = session;
  try {
    const { metadata } = await client.get(pods, namespace, name);
    await client.delete(pods, { namespace, name }, { uid: metadata.uid, gracePeriodSeconds: seconds });
    const over = await until(seconds * 1000, async () => {
      const pod = await client.find(pods, namespace, name);
      return isOver(pod, metadata.uid) ? true : undefined;
    });
    if (over === true) return;
    const { exitCode, errors } = await capture(session, { instance, pod: name }, DESTROY);
    if (exitCode !== 0) throw new Error(errors.toString().trim());
  } catch (error) {
    // It has gone meanwhile.
    if (isNotFound(error)) return;
    const why = error instanceof Error ? error.message : String(error);
    warn(
      `${instance.metadata.name}: the guest could not be ended from inside its pod (${why}); it may have all the time ` +
        "that its spec gives it",
    );
  }
}

function isOver(pod: Pod | undefined, uid: string): boolean {
  if (pod?.metadata.uid !== uid) return true;
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}
