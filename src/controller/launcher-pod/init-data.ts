import type { CloudInitVolume, Volume } from "../../api/resources.ts";
import type { PodVolume } from "../../kube/object.ts";
import type { CloudInitSource, IgnitionPlan, InitData } from "../../launch-plan/launch-plan.ts";
import { INIT_DATA_DIR } from "../../launch-plan/pod-contract.ts";

/** Name of the file that a Secret's Ignition config is mounted as. */
const IGNITION_FILE = "config.ign";
const IGNITION_KEY = "userdata";

/** Keys of a Secret under which KubeVirt looks for each of the two, the first that is there. */
const USER_DATA_KEYS = ["userdata", "userData"];
const NETWORK_DATA_KEYS = ["networkdata", "networkData"];

/** An object of the instance's namespace that its init data is taken from. */
export interface InitDataReference {
  kind: "Secret";
  name: string;
  /** Any one of them will do. */
  keys: readonly string[];
}

/** What must exist before the pod can mount the volume. */
export function initDataReferencesOf(volume: Volume): InitDataReference[] {
  const ignition = volume.ignition?.secretRef;
  const cloudInit = cloudInitOf(volume)?.spec;
  return [
    ...secretReference(ignition?.name, [ignition?.key ?? IGNITION_KEY]),
    ...secretReference(cloudInit?.secretRef?.name, USER_DATA_KEYS),
    ...secretReference(cloudInit?.networkDataSecretRef?.name, NETWORK_DATA_KEYS),
  ];
}

function secretReference(name: string | undefined, keys: readonly string[]): InitDataReference[] {
  return name === undefined ? [] : [{ kind: "Secret", name, keys }];
}

/** The pod's volume with the Secrets of one that holds init data; undefined when it needs none. */
export function initDataVolumeOf(volume: Volume): PodVolume | undefined {
  const [first, ...others] = initDataReferencesOf(volume);
  if (first === undefined) return undefined;
  const [key = ""] = first.keys;
  if (volume.ignition !== undefined) {
    const items = [{ key, path: IGNITION_FILE }];
    return { name: volume.name, secret: { secretName: first.name, items, defaultMode: 0o400 } };
  }
  const sources = [first, ...others].map(({ name, keys }) => ({
    // Which of the keys there is was looked at already; optional lets the others be missing.
    secret: { name, items: keys.map((each) => ({ key: each, path: each })), optional: true },
  }));
  return { name: volume.name, projected: { sources, defaultMode: 0o400 } };
}

/** The guest's Ignition config, if a volume holds one. */
export function ignitionPlanOf(volumes: readonly Volume[]): IgnitionPlan | undefined {
  const volume = volumes.find(({ ignition }) => ignition !== undefined);
  if (volume?.ignition === undefined) return undefined;
  const { inline } = volume.ignition;
  return inline === undefined ? { path: `${INIT_DATA_DIR}/${volume.name}/${IGNITION_FILE}` } : { inline };
}

/** The source of the disk of a volume for cloud-init; undefined for other volumes. */
export function cloudInitSourceOf(volume: Volume): CloudInitSource | undefined {
  const cloudInit = cloudInitOf(volume);
  if (cloudInit === undefined) return undefined;
  const { layout, spec } = cloudInit;
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
