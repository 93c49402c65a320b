import { mkdir } from "node:fs/promises";
import { buildBinaries, type Binaries } from "./binaries.ts";
import { makeCgroups } from "./cgroups.ts";
import { components, type ComponentName } from "./components.ts";
import { makeCredentials } from "./credentials.ts";
import { hugePagesText, reserveHugePages } from "./huge-pages.ts";
import { installPrograms } from "./install.ts";
import { kubectl, kubectlSucceeds } from "./kubectl.ts";
import { loadImages, runtimeAnswers } from "./load-images.ts";
import { clusterManifests } from "./manifests.ts";
import { makeNetwork } from "./network.ts";
import { writeNodeConfig } from "./node-config.ts";
import { waitForCluster } from "./ready.ts";
import { startComponent, waitUntilServing } from "./processes.ts";
import { nodeAt, type Node, type Settings } from "./settings.ts";
import type { Step } from "./steps.ts";
import { storageStep } from "./storage.ts";
import { buildSystemImages, type SystemImages } from "./system-images.ts";

/** What the steps hand to each other. */
interface Progress {
  binaries?: Binaries;
  groups: readonly string[];
  /** Changes when the certificates do. */
  credentials: string;
  hugePages: number;
  images?: SystemImages;
}

/** The steps that make a cluster of one node, or find it running. They end with the one called `cluster`. */
export function clusterSteps(settings: Settings): Step[] {
  const node = nodeAt(settings, 1);
  const progress: Progress = { groups: [], credentials: "", hugePages: 0 };
  const start = async (name: ComponentName, ...inputs: string[]): Promise<void> => {
    await startComponent(settings, components(settings, node, built(progress))[name], progress.groups, [
      ...(name === "containerd" ? [] : [progress.credentials]),
      ...inputs,
    ]);
  };
  return [
    {
      name: "programs",
      title: "Kubernetes, etcd, containerd, runc, CNI plugins, CoreDNS, Helm",
      run: async (report) => {
        progress.binaries = await installPrograms(settings, await buildBinaries(report));
      },
    },
    {
      name: "network",
      title: `Network namespace ${settings.name}`,
      run: async () => {
        // First of all, as the sign that whatever is found of the lab is its own.
        await mkdir(settings.runDir, { recursive: true });
        progress.groups = await makeCgroups(settings.name);
        await makeNetwork(settings, node);
      },
    },
    {
      name: "credentials",
      title: "Certificates and kubeconfigs",
      after: ["programs"],
      run: async () => {
        progress.credentials = await makeCredentials(settings, node, built(progress));
      },
    },
    ...controlPlaneSteps(settings, start),
    ...nodeSteps(settings, node, progress, start),
    storageStep(settings),
    {
      name: "cluster",
      title: "Node and cluster DNS ready",
      after: ["add-ons", "kube-proxy", "controllers"],
      run: async () => waitForCluster(settings, node),
    },
  ];
}

type Start = (name: ComponentName, ...inputs: string[]) => Promise<void>;

function controlPlaneSteps(settings: Settings, start: Start): Step[] {
  return [
    {
      name: "api",
      title: "etcd and API server",
      after: ["network", "credentials"],
      run: async () => {
        await start("etcd");
        await start("kube-apiserver");
        const ready = async (): Promise<boolean> => kubectlSucceeds(settings, "get", "--raw", "/readyz");
        await waitUntilServing(settings, "kube-apiserver", ready, 120);
      },
    },
    {
      name: "controllers",
      title: "Controller manager and scheduler",
      after: ["api"],
      run: async () => {
        await Promise.all([start("kube-controller-manager"), start("kube-scheduler")]);
      },
    },
  ];
}

function nodeSteps(settings: Settings, node: Node, progress: Progress, start: Start): Step[] {
  return [
    {
      name: "containerd",
      title: "containerd",
      after: ["programs", "network"],
      run: async () => {
        const config = await writeNodeConfig(settings, node, built(progress));
        await start("containerd", config.containerd);
        await waitUntilServing(settings, "containerd", async () => runtimeAnswers(settings, node), 60);
      },
    },
    {
      name: "system-images",
      title: "Images of pause and CoreDNS",
      after: ["containerd"],
      run: async (report) => {
        const images = await buildSystemImages(built(progress).coredns, report);
        await loadImages(settings, [images.pause, images.coredns], report);
        progress.images = images;
      },
    },
    hugePagesStep(settings, progress),
    {
      name: "kubelet",
      title: `Kubelet of ${node.name}`,
      after: ["api", "containerd", "system-images", "huge-pages"],
      run: async () => {
        const config = await writeNodeConfig(settings, node, built(progress));
        // It counts the node's huge pages when it starts, and never again.
        await start("kubelet", config.kubelet, String(progress.hugePages));
        const registered = async (): Promise<boolean> => kubectlSucceeds(settings, "get", "node", node.name);
        await waitUntilServing(settings, "kubelet", registered, 60);
      },
    },
    {
      name: "kube-proxy",
      title: "kube-proxy",
      after: ["kubelet"],
      run: async () => start("kube-proxy", (await writeNodeConfig(settings, node, built(progress))).proxy),
    },
    {
      name: "add-ons",
      title: "Cluster DNS",
      after: ["api", "system-images"],
      run: async () => {
        if (progress.images === undefined) throw new Error("system images are not built");
        const items = clusterManifests(settings, progress.images.coredns.ref);
        const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
        await kubectl(settings, ["apply", "--server-side", "--force-conflicts", "-f", "-"], input);
      },
    },
  ];
}

function hugePagesStep(settings: Settings, progress: Progress): Step {
  return {
    name: "huge-pages",
    title: "Huge pages",
    after: ["network"],
    run: async (report) => {
      const reserved = await reserveHugePages(settings);
      report(hugePagesText(reserved));
      progress.hugePages = reserved.pages;
    },
  };
}

function built(progress: Progress): Binaries {
  if (progress.binaries === undefined) throw new Error("the programs are not built");
  return progress.binaries;
}
