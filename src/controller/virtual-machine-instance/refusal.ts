import { LauncherReason } from "../../api/conditions.ts";
import { ApiError } from "../../kube/api-error.ts";
import type { Obstacle } from "./status.ts";

/** An obstacle, and whether it can go away while the instance exists. */
export interface Refusal extends Obstacle {
  permanent: boolean;
}

/**
 * What the API server's refusal to create a launcher pod means to the user; undefined for errors that are not about
 * the pod but about the moment, which are tried again.
 * @param namespace of the instance
 */
export function refusalOf(error: unknown, namespace: string): Refusal | undefined {
  // What the spec says cannot be made into a pod: an older schema let it through.
  if (error instanceof RangeError) {
    return { permanent: true, reason: LauncherReason.PodInvalid, message: error.message };
  }
  if (!(error instanceof ApiError)) return undefined;
  if (error.code === 422) return invalid(error.message);
  if (error.code === 403) return { permanent: false, ...forbidden(error.message, namespace) };
  return undefined;
}

function forbidden(message: string, namespace: string): Obstacle {
  if (message.includes("violates PodSecurity")) {
    return {
      reason: LauncherReason.PodSecurityForbidden,
      message:
        `namespace ${namespace} forbids privileged pods, which virtual machines need; allow them with: ` +
        `kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=privileged --overwrite (${message})`,
    };
  }
  if (message.includes("exceeded quota")) {
    return {
      reason: LauncherReason.QuotaExceeded,
      message: `the quota of namespace ${namespace} has no room for the launcher pod: ${message}`,
    };
  }
  if (message.includes("failed quota")) {
    return {
      reason: LauncherReason.QuotaExceeded,
      message:
        `a quota of namespace ${namespace} wants the launcher pod to have limits; give them in ` +
        `spec.domain.resources.limits, or by a LimitRange: ${message}`,
    };
  }
  if (message.includes("because it is being terminated")) {
    return {
      reason: LauncherReason.NamespaceTerminating,
      message: `namespace ${namespace} is being deleted`,
    };
  }
  return { reason: LauncherReason.PodForbidden, message: `the launcher pod is not allowed: ${message}` };
}

function invalid(message: string): Refusal {
  if (message.includes("must specify a volume type")) {
    return {
      permanent: true,
      reason: LauncherReason.ImageVolumesUnsupported,
      message:
        "the cluster does not know image volumes: take Kubernetes 1.35, switch the feature gate ImageVolume on in the " +
        "API server and the kubelets, or have pods copy registry disks (launcher.copyImages of the Helm chart)",
    };
  }
  if (message.includes("privileged: Forbidden")) {
    return {
      permanent: false,
      reason: LauncherReason.PodForbidden,
      message: "the API server allows no privileged pods at all; start it with --allow-privileged=true",
    };
  }
  return { permanent: true, reason: LauncherReason.PodInvalid, message };
}
