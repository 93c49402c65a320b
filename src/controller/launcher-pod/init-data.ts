import type { CloudInitVolume, InstanceSpec, Volume } from "../../api/resources.ts";
import type { PodVolume } from "../../kube/object.ts";
import type {
  CloudInitSource,
  IgnitionDriveSource,
  IgnitionPlan,
  InitData,
} from "../../launch-plan/launch-plan.ts";
import { INIT_DATA_DIR } from "../../launch-plan/pod-contract.ts";
import type { InitDataReference } from "./init-data-reference.ts";
import { sshKeysOf, type SshKeys } from "./ssh-keys.ts";

/** Name of the file that a Secret's Ignition config is mounted as. */
const IGNITION_FILE = "config.ign";
const IGNITION_KEY = "userdata";

/** Keys of a Secret under which KubeVirt looks for each of the two, the first that is there. */
const USER_DATA_KEYS = ["userdata", "userData"];
const NETWORK_DATA_KEYS = ["networkdata", "networkData"];

/** What must exist before the pod can mount the volume. */
export function initDataReferencesOf(volume: Volume): InitDataReference[] {
  if (volume.ignition !== undefined) return ignitionReferencesOf(volume.ignition);
  const { configMap, secret } = volume;
  if (configMap !== undefined && configMap.optional !== true)
    return referenceTo("ConfigMap", configMap.name, []);
  if (secret !== undefined && secret.optional !== true) return referenceTo("Secret", secret.secretName, []);
  const { secretRef, networkDataSecretRef } = cloudInitOf(volume)?.spec ?? {};
  return [
    ...referenceTo("Secret", secretRef?.name, USER_DATA_KEYS),
    ...referenceTo("Secret", networkDataSecretRef?.name, NETWORK_DATA_KEYS),
  ];
}

function ignitionReferencesOf({
  secretRef,
  configMapRef,
}: NonNullable<Volume["ignition"]>): InitDataReference[] {
  return [
    ...referenceTo("Secret", secretRef?.name, [secretRef?.key ?? IGNITION_KEY]),
    ...referenceTo("ConfigMap", configMapRef?.name, [configMapRef?.key ?? IGNITION_KEY]),
  ];
}

function referenceTo(
  kind: InitDataReference["kind"],
  name: string | undefined,
  keys: readonly string[],
): InitDataReference[] {
  return name === undefined ? [] : [{ kind, name, keys }];
}

/** The pod's volume with the Secrets and ConfigMaps of one that holds init data; undefined when it needs none. */
export function initDataVolumeOf(volume: Volume): PodVolume | undefined {
  const files = filesVolumeOf(volume);
  if (files !== undefined) return files;
  const [first, ...others] = initDataReferencesOf(volume);
  if (first === undefined) return undefined;
  const [key = ""] = first.keys;
  if (volume.ignition !== undefined) {
    const content = { items: [{ key, path: IGNITION_FILE }], defaultMode: 0o400 };
    return first.kind === "Secret"
      ? { name: volume.name, secret: { secretName: first.name, ...content } }
      : { name: volume.name, configMap: { name: first.name, ...content } };
  }
  const sources = [first, ...others].map(({ name, keys }) => ({
    // Which of the keys there is was looked at already; optional lets the others be missing.
    secret: { name, items: keys.map((each) => ({ key: each, path: each })), optional: true },
  }));
  return { name: volume.name, projected: { sources, defaultMode: 0o400 } };
}

/**
 * All keys of a ConfigMap or Secret, each a file of a disk or filesystem. All may read them: a guest sees the modes of a
 * filesystem, and on a disk all its users may, too.
 */
function filesVolumeOf({ name, configMap, secret }: Volume): PodVolume | undefined {
  const optionalOf = (source: { optional?: boolean }): { optional?: true } =>
    source.optional === true ? { optional: true } : {};
  if (configMap !== undefined) {
    return { name, configMap: { name: configMap.name, ...optionalOf(configMap), defaultMode: 0o444 } };
  }
  return (
    secret && { name, secret: { secretName: secret.secretName, ...optionalOf(secret), defaultMode: 0o444 } }
  );
}

/** The guest's Ignition config, if a volume holds one. */
export function ignitionPlanOf(spec: InstanceSpec): IgnitionPlan | undefined {
  const volume = (spec.volumes ?? []).find(({ ignition }) => ignition !== undefined);
  if (volume?.ignition === undefined) return undefined;
  const { inline } = volume.ignition;
  const sshKeys = sshKeysOf(spec).filter(({ way }) => way === "ignition");
  return {
    ...(inline === undefined ? { path: `${INIT_DATA_DIR}/${volume.name}/${IGNITION_FILE}` } : { inline }),
    ...(sshKeys.length === 0 ? {} : { sshKeys: sshKeys.map(({ user, folder }) => ({ user, folder })) }),
  };
}

/** The source of the disk or filesystem of a volume with init data; undefined for other volumes. */
export function initSourceOf(
  volume: Volume,
  keys: readonly SshKeys[],
): CloudInitSource | IgnitionDriveSource | undefined {
  if (volume.ignition !== undefined) return { kind: "IgnitionDrive" };
  const cloudInit = cloudInitOf(volume);
  if (cloudInit === undefined) return undefined;
  const { layout, spec } = cloudInit;
  const way = layout === "NoCloud" ? "noCloud" : "configDrive";
  const sshKeys = keys.filter((each) => each.way === way).map(({ folder }) => folder);
  const mounted = (keys: readonly string[]): InitData => ({
    paths: keys.map((key) => `${INIT_DATA_DIR}/${volume.name}/${key}`),
  });
  const userData = dataOf(spec.userData, spec.userDataBase64, spec.secretRef && mounted(USER_DATA_KEYS));
  const networkData = dataOf(
    spec.networkData,
    spec.networkDataBase64,
    spec.networkDataSecretRef && mounted(NETWORK_DATA_KEYS),
  );
  return {
    kind: "CloudInit",
    layout,
    ...(userData === undefined ? {} : { userData }),
    ...(networkData === undefined ? {} : { networkData }),
    ...(sshKeys.length === 0 ? {} : { sshKeys }),
  };
}

function dataOf(
  inline: string | undefined,
  base64: string | undefined,
  mounted: InitData | undefined,
): InitData | undefined {
  if (inline !== undefined) return { inline };
  return base64 === undefined ? mounted : { base64 };
}

function cloudInitOf(
  volume: Volume,
): { layout: CloudInitSource["layout"]; spec: CloudInitVolume } | undefined {
  const { cloudInitNoCloud, cloudInitConfigDrive } = volume;
  if (cloudInitNoCloud !== undefined) return { layout: "NoCloud", spec: cloudInitNoCloud };
  return cloudInitConfigDrive && { layout: "ConfigDrive", spec: cloudInitConfigDrive };
}
