import assert from "node:assert/strict";
import { ApiError } from "../../kube/api-error.ts";
import { refusalOf } from "./refusal.ts";

const cases: {
  title: string;
  error: unknown;
  reason: string | undefined;
  permanent?: boolean;
  says?: RegExp;
}[] = [
  {
    title: "Pod Security",
    error: new ApiError(
      403,
      "Forbidden",
      'pods "x" is forbidden: violates PodSecurity "baseline:latest": privileged',
    ),
    reason: "PodSecurityForbidden",
    permanent: false,
    says: /kubectl label namespace ns pod-security\.kubernetes\.io\/enforce=privileged --overwrite/,
  },
  {
    title: "a quota",
    error: new ApiError(403, "Forbidden", 'pods "x" is forbidden: exceeded quota: small, requested: pods=1'),
    reason: "QuotaExceeded",
    permanent: false,
    says: /exceeded quota: small/,
  },
  {
    title: "a namespace on its way out",
    error: new ApiError(
      403,
      "Forbidden",
      "unable to create new content in namespace ns because it is being terminated",
    ),
    reason: "NamespaceTerminating",
    permanent: false,
    says: /^namespace ns is being deleted$/,
  },
  {
    title: "missing rights",
    error: new ApiError(403, "Forbidden", 'pods is forbidden: User "x" cannot create resource "pods"'),
    reason: "PodForbidden",
    permanent: false,
    says: /User "x" cannot create/,
  },
  {
    title: "an API server without privileged pods",
    error: new ApiError(
      422,
      "Invalid",
      "securityContext.privileged: Forbidden: disallowed by cluster policy",
    ),
    reason: "PodForbidden",
    permanent: false,
    says: /--allow-privileged=true/,
  },
  {
    title: "a cluster without image volumes",
    error: new ApiError(422, "Invalid", "spec.volumes[1]: Required value: must specify a volume type"),
    reason: "ImageVolumesUnsupported",
    permanent: true,
    says: /Kubernetes 1\.35/,
  },
  {
    title: "an invalid pod",
    error: new ApiError(422, "Invalid", "spec.tolerations[0].operator: Invalid value"),
    reason: "PodInvalid",
    permanent: true,
  },
  {
    title: "a spec that makes no pod",
    error: new RangeError("no memory"),
    reason: "PodInvalid",
    permanent: true,
  },
  { title: "a busy API server", error: new ApiError(500, "InternalError", "later"), reason: undefined },
  { title: "a lost connection", error: new Error("ECONNRESET"), reason: undefined },
];

describe("what stands in the way of a pod by", () => {
  for (const { title, error, reason, permanent, says } of cases) {
    it(`${title} is ${reason ?? "nothing but the moment"}`, () => {
      const refusal = refusalOf(error, "ns");
      assert.equal(refusal?.reason, reason);
      assert.equal(refusal?.permanent, permanent);
      if (says !== undefined) assert.match(refusal?.message ?? "", says);
    });
  }
});
