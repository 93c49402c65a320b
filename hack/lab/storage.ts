import { join } from "node:path";
import { stringify } from "yaml";
import { contentKey } from "../lib/cache.ts";
import { binary } from "./binaries.ts";
import { kubectl } from "./kubectl.ts";
import { loadImages } from "./load-images.ts";
import type { Settings } from "./settings.ts";
import type { Step } from "./steps.ts";
import { buildProvisioner } from "./system-images.ts";

type Manifest = Readonly<Record<string, unknown>>;

export const storageNamespace = "local-path-storage";
const namespace = storageNamespace;
const name = "local-path-provisioner";
export const provisioner = `deployment/${name}`;
const labels = { app: name };

/**
 * Volumes for PersistentVolumeClaims that name no class, as kind and k3s have them: each a folder of the node. The pod
 * comes up in the background: a claim waits for it.
 */
export function storageStep(settings: Settings): Step {
  return {
    name: "storage",
    title: "Default StorageClass (local-path)",
    after: ["programs", "api", "containerd"],
    run: async (report) => {
      const image = await buildProvisioner(await binary(name, report), report);
      await loadImages(settings, [image], report);
      const items = storageManifests(join(settings.stateDir, "volumes"), image.ref);
      const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
      await kubectl(settings, ["apply", "--server-side", "--force-conflicts", "-f", "-"], input);
    },
  };
}

/**
 * What https://github.com/rancher/local-path-provisioner installs (deploy/local-path-storage.yaml).
 * @param folder of the node, below which each volume gets a folder of its own
 */
export function storageManifests(folder: string, image: string): Manifest[] {
  const config = configOf(folder, image);
  const owner = { kind: "ServiceAccount", name, namespace };
  const group = "rbac.authorization.k8s.io";
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } },
    { apiVersion: `${group}/v1`, kind: "ClusterRole", metadata: { name }, rules },
    {
      apiVersion: `${group}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: group, kind: "ClusterRole", name },
      subjects: [owner],
    },
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "local-path-config", namespace }, data: config },
    deployment(image, contentKey(...Object.values(config))),
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: {
        name: "local-path",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      provisioner: "rancher.io/local-path",
      volumeBindingMode: "WaitForFirstConsumer",
      reclaimPolicy: "Delete",
    },
  ];
}

const rules = [
  {
    apiGroups: [""],
    resources: ["nodes", "persistentvolumeclaims", "configmaps", "pods/log"],
    verbs: ["get", "list", "watch"],
  },
  {
    apiGroups: [""],
    resources: ["pods", "persistentvolumes"],
    verbs: ["get", "list", "watch", "create", "patch", "update", "delete"],
  },
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
  { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: ["get", "list", "watch"] },
];

/** Keys as the provisioner wants them; the scripts run in helper pods that have the folder mounted. */
function configOf(folder: string, image: string): Record<string, string> {
  const nodePathMap = [{ node: "DEFAULT_PATH_FOR_NON_LISTED_NODES", paths: [folder] }];
  return {
    "config.json": JSON.stringify({ nodePathMap }),
    setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n',
    teardown: '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
    "helperPod.yaml": stringify({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "helper-pod" },
      spec: { containers: [{ name: "helper-pod", image, imagePullPolicy: "IfNotPresent" }] },
    }),
  };
}

function deployment(image: string, configKey: string): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        // It reads its scripts at the start only.
        metadata: { labels, annotations: { "nestlet.dev/config": configKey } },
        spec: {
          serviceAccountName: name,
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name,
              image,
              imagePullPolicy: "IfNotPresent",
              args: ["start", "--config", "/etc/config/config.json", "--service-account-name", name],
              env: [
                { name: "POD_NAMESPACE", value: namespace },
                { name: "CONFIG_MOUNT_PATH", value: "/etc/config/" },
              ],
              resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } },
              volumeMounts: [{ name: "config", mountPath: "/etc/config", readOnly: true }],
            },
          ],
          volumes: [{ name: "config", configMap: { name: "local-path-config" } }],
        },
      },
    },
  };
}
