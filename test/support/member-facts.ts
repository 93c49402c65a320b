import {
  masterNumber,
  workerNumber,
  type ClusterFacts,
  type Master,
  type Worker,
} from "../../src/guest-config/member.ts";

/** What a small cluster's members are told. */

export const cluster: ClusterFacts = {
  name: "lab",
  namespace: "team",
  version: "v1.36.3",
  flavour: "coreos-lab",
  apiNames: ["lab-api", "lab-api.team.svc"],
  podRange: "10.243.0.0/16",
  serviceRange: "10.95.0.0/16",
  lanRange: "192.168.10.0/24",
  dnsDomain: "cluster.local",
  membersService: "lab-members",
  sshAuthorizedKeys: ["ssh-ed25519 AAAA someone"],
  otherMembers: [],
  caCertificate: "the authority's certificate\n",
};

function pair(name: string): { certificate: string; key: string } {
  return { certificate: `certificate of ${name}\n`, key: `key of ${name}\n` };
}

const base = { bootstrapToken: "abcdef.0123456789abcdef", labels: {}, taints: [], snippets: [] };

export const master: Master = {
  ...base,
  role: "Master",
  name: "lab-master-0",
  number: masterNumber(0),
  authority: {
    ca: pair("ca"),
    etcdCa: pair("etcd"),
    frontProxyCa: pair("front proxy"),
    serviceAccount: { publicKey: "public\n", privateKey: "private\n" },
  },
};

export const worker: Worker = {
  ...base,
  role: "Worker",
  name: "lab-node-1",
  number: workerNumber(1),
  labels: { "example.com/disk": "fast" },
  taints: [{ key: "example.com/only", value: "batch", effect: "NoSchedule" }],
};
