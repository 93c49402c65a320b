import type { InstanceSpec } from "../../api/resources.ts";
import type { Container, PodVolume } from "../../kube/object.ts";
import { SSH_KEYS_DIR } from "../../launch-plan/pod-contract.ts";
import type { InitDataReference } from "./init-data-reference.ts";

type Mount = NonNullable<Container["volumeMounts"]>[number];

/** Public keys for ssh that a spec lets in, and by which way the guest gets them. */
export interface SshKeys {
  kind: InitDataReference["kind"];
  /** Name of the Secret or ConfigMap; each of its values holds keys, one a line. */
  name: string;
  way: "noCloud" | "configDrive" | "ignition";
  /** Whom the keys are for; only Ignition is told. */
  user: string;
  /** Where the launcher finds them. */
  folder: string;
}

export function sshKeysOf(spec: Pick<InstanceSpec, "accessCredentials">): SshKeys[] {
  return (spec.accessCredentials ?? []).map(({ sshPublicKey }, index) => {
    const { source, propagationMethod: method } = sshPublicKey;
    const kind = source.secret === undefined ? "ConfigMap" : "Secret";
    return {
      kind,
      name: source.secret?.secretName ?? source.configMap?.name ?? "",
      way:
        method.ignition !== undefined ? "ignition" : method.noCloud !== undefined ? "noCloud" : "configDrive",
      user: method.ignition?.user ?? "core",
      folder: `${SSH_KEYS_DIR}/${index}`,
    };
  });
}

/** What must exist before the pod can mount it; any key will do. */
export function sshKeyReferencesOf(spec: Pick<InstanceSpec, "accessCredentials">): InitDataReference[] {
  return sshKeysOf(spec).map(({ kind, name }) => ({ kind, name, keys: [] }));
}

/**
 * The pod's volumes with the keys, and where they are mounted.
 * @param nameOf makes a volume's name that nothing else of the pod has
 */
export function sshKeyVolumesOf(
  spec: Pick<InstanceSpec, "accessCredentials">,
  nameOf: (wanted: string) => string,
): { volume: PodVolume; mount: Mount }[] {
  return sshKeysOf(spec).map(({ kind, name: source, folder }, index) => {
    const name = nameOf(`ssh-keys-${index}`);
    const content = kind === "Secret" ? { secret: { secretName: source } } : { configMap: { name: source } };
    return { volume: { name, ...content }, mount: { name, mountPath: folder, readOnly: true } };
  });
}
