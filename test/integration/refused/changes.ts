import type { Change } from "../harness/refusal.ts";
import { instanceSpec } from "./instances.ts";

const source = { image: "r.example/a:1", version: "v1.36.3" };

export const changes: Change[] = [
  {
    title: "an instance's spec",
    kind: "VirtualMachineInstance",
    spec: instanceSpec(),
    to: { hostname: "other" },
    says: "spec cannot be changed once the instance exists; delete the VirtualMachineInstance and create it anew",
  },
  {
    title: "the image of a cluster that is made",
    kind: "CoreOSCluster",
    spec: {},
    status: { source },
    to: { image: "r.example/b:1" },
    says: "spec.image: the members are made from r.example/a:1, which cannot be changed; make a new cluster",
  },
  {
    title: "the version of a cluster that is made",
    kind: "CoreOSCluster",
    spec: {},
    status: { source },
    to: { version: "v1.37.0" },
    says: "spec.version: the cluster is made with v1.36.3, which cannot be changed yet; make a new cluster",
  },
  {
    title: "what a cluster's kubeadm is told",
    kind: "CoreOSCluster",
    spec: {},
    to: { kubeadm: { apiServer: { extraArgs: [{ name: "v", value: "4" }] } } },
    says: "kubeadm cannot be changed: it is read when the cluster is made",
  },
  {
    title: "a cluster's ranges",
    kind: "CoreOSCluster",
    spec: {},
    to: { network: { podCIDR: "10.244.0.0/16" } },
    says: "network cannot be changed: the members' addresses and certificates depend on it; make a new cluster",
  },
  {
    title: "where a cluster's state is",
    kind: "CoreOSCluster",
    spec: {},
    to: { controlPlane: { machine: { disk: { persistent: {} } } } },
    says: "machine.disk.persistent of the control plane cannot be changed: the state of the cluster is on the disk",
  },
];
