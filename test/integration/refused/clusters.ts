import type { Case } from "../harness/refusal.ts";

export const clusterCases: Case[] = [
  {
    title: "an ssh key that is not a public key",
    spec: { ssh: { authorizedKeys: ["-----BEGIN OPENSSH PRIVATE KEY-----"] } },
    says: 'must be a public key, the line of a .pub file, for example "ssh-ed25519',
  },
  {
    title: "several masters",
    spec: { controlPlane: { replicas: 3 } },
    says: "spec.controlPlane.replicas: Invalid value: 3: 3 masters are not supported yet; use 1",
  },
  {
    title: "a master of one core",
    spec: { controlPlane: { machine: { cores: 1 } } },
    says: "machine.cores 1 are too few for a master: kubeadm wants at least 2",
  },
  {
    title: "a master of too little memory",
    spec: { controlPlane: { machine: { memory: "1Gi" } } },
    says: "machine.memory 1Gi is too little for a master: kubeadm wants at least 1700M",
  },
  {
    title: "a node port of a ClusterIP",
    spec: { endpoint: { nodePort: 30_443 } },
    says: "nodePort is for the types NodePort and LoadBalancer; set type, or leave nodePort out",
  },
  {
    title: "a load balancer's class of a NodePort",
    spec: { endpoint: { type: "NodePort", loadBalancerClass: "a" } },
    says: "loadBalancerSourceRanges are for the type LoadBalancer; set type, or leave them out",
  },
  {
    title: "a load balancer's address that is none",
    spec: { endpoint: { type: "LoadBalancer", loadBalancerIP: "10.0.0" } },
    says: '"10.0.0" is not an IP address',
  },
  {
    title: "a type of endpoint that is none",
    spec: { endpoint: { type: "ExternalName" } },
    says: 'spec.endpoint.type: Unsupported value: "ExternalName"',
  },
  ...(
    [
      ["apiServer", "advertise-address"],
      ["apiServer", "etcd-servers"],
      ["controllerManager", "cluster-cidr"],
      ["scheduler", "kubeconfig"],
      ["etcd", "data-dir"],
      ["etcd", "peer-cert-file"],
    ] as const
  ).map(([component, name]) => ({
    title: `the argument ${name} of ${component}`,
    spec: { kubeadm: { [component]: { extraArgs: [{ name, value: "x" }] } } },
    says: `${component}.extraArgs: "${name}" cannot be set: `,
  })),
  {
    title: "an argument with dashes",
    spec: { kubeadm: { etcd: { extraArgs: [{ name: "--quota-backend-bytes", value: "1" }] } } },
    says: "spec.kubeadm.etcd.extraArgs[0].name",
  },
  {
    title: "a field of the kubelet that Nestlet sets itself",
    spec: { kubeadm: { kubelet: { clusterDNS: ["10.0.0.1"] } } },
    says: 'unknown field "spec.kubeadm.kubelet.clusterDNS"',
  },
  {
    title: "more pods than a node has addresses",
    spec: { kubeadm: { kubelet: { maxPods: 500 } } },
    says: "spec.kubeadm.kubelet.maxPods in body should be less than or equal to 250",
  },
  {
    title: "overlapping ranges",
    spec: { network: { podCIDR: "10.0.0.0/8" } },
    says: "podCIDR 10.0.0.0/8 and serviceCIDR 10.95.0.0/16 overlap; choose ranges apart from each other",
  },
  {
    title: "a LAN inside the pods' range",
    spec: { network: { lanCIDR: "10.243.7.0/24" } },
    says: "podCIDR 10.243.0.0/16 and lanCIDR 10.243.7.0/24 overlap",
  },
  {
    title: "a LAN inside the Services' range",
    spec: { network: { lanCIDR: "10.95.7.0/24" } },
    says: "serviceCIDR 10.95.0.0/16 and lanCIDR 10.95.7.0/24 overlap",
  },
  {
    title: "a range with host bits",
    spec: { network: { podCIDR: "10.243.0.1/16" } },
    says: '"10.243.0.1/16" is not a range of IPv4 addresses; write its first address and its length, for example 10.243.0.0/16',
  },
  {
    title: "a pod range too small",
    spec: { network: { podCIDR: "10.243.0.0/20" } },
    says: "10.243.0.0/20 is too small: each node takes a /24 for its pods; use /16 or larger",
  },
  {
    title: "a LAN too small",
    spec: { network: { lanCIDR: "192.168.10.0/25" } },
    says: "192.168.10.0/25 has too few addresses for the members; use /24 or larger",
  },
  {
    title: "a Service range of the wrong size",
    spec: { network: { serviceCIDR: "10.95.0.0/28" } },
    says: "10.95.0.0/28 is not between /12 and /24 in size; use for example 10.95.0.0/16",
  },
  {
    title: "too little memory",
    spec: { workers: { machine: { memory: "256Mi" } } },
    says: "256Mi is too little memory for a node: at least 512Mi are needed",
  },
  {
    title: "too small a disk",
    spec: { workers: { machine: { disk: { capacity: "10Mi" } } } },
    says: "10Mi is too small for the root disk of a node: at least 1Gi is needed",
  },
  {
    title: "a claim that is smaller than the disk on it",
    spec: { controlPlane: { machine: { disk: { capacity: "20Gi", persistent: { size: "15Gi" } } } } },
    says: "persistent.size 15Gi is less than the capacity 20Gi of the disk that it holds; raise it, or leave it out",
  },
  {
    title: "a claim that is smaller than the disk of the usual size",
    spec: { pools: [{ name: "a", machine: { disk: { persistent: { size: 1000 } } } }] },
    says: "persistent.size 1000 is less than the capacity 10Gi",
  },
  {
    title: "a root disk that cannot be written to",
    spec: { workers: { machine: { disk: { persistent: { accessModes: ["ReadOnlyMany"] } } } } },
    says: 'spec.workers.machine.disk.persistent.accessModes[0]: Unsupported value: "ReadOnlyMany"',
  },
  {
    title: "a class of storage that is no name",
    spec: { workers: { machine: { disk: { persistent: { storageClassName: "Fast Disks" } } } } },
    says: 'spec.workers.machine.disk.persistent.storageClassName: Invalid value: "Fast Disks"',
  },
  {
    title: "a snippet in two places",
    spec: { ignition: { snippets: [{ inline: "{}", secretRef: { name: "s" } }] } },
    says: "exactly one of inline and secretRef must be given",
  },
  {
    title: "a pool of the masters' name",
    spec: { pools: [{ name: "master" }] },
    says: '"master" is what the names of masters and default workers are made of; choose another name',
  },
  {
    title: "two pools of a name",
    spec: { pools: [{ name: "a" }, { name: "a" }] },
    says: 'spec.pools[1]: Duplicate value: {"name":"a"}',
  },
  {
    title: "a pool whose name is no name",
    spec: { pools: [{ name: "Fast" }] },
    says: 'spec.pools[0].name: Invalid value: "Fast"',
  },
  {
    title: "more members than the LAN has addresses",
    spec: {
      workers: { replicas: 200 },
      pools: [
        { name: "a", replicas: 30 },
        { name: "b", replicas: 20 },
      ],
    },
    says: "workers.replicas 200 and the replicas of the pools are 250 together, and the LAN of the members has room for 249",
  },
  {
    title: "too little memory in a pool",
    spec: { pools: [{ name: "a", machine: { memory: "64Mi" } }] },
    says: "64Mi is too little memory for a node: at least 512Mi are needed",
  },
  { title: "a wrong version", spec: { version: "1.36" }, says: 'spec.version: Invalid value: "1.36"' },
  { title: "an unknown field", spec: { nodes: 3 }, says: 'unknown field "spec.nodes"' },
  {
    title: "a name that cannot be extended to its members'",
    spec: {},
    name: "a.b",
    says: 'metadata.name: "a.b" cannot be extended to the names of the members',
  },
  {
    title: "a name that is too long to be extended to its members'",
    spec: {},
    name: "c".repeat(41),
    says: "cannot be extended to the names of the members and of their Services; use at most 40 characters and no dot",
  },
  {
    title: "a pool's name that is too long for its members'",
    spec: { pools: [{ name: "x".repeat(30) }] },
    name: "c".repeat(29),
    says: "is too long to be extended to the names of members of the cluster",
  },
  {
    title: "too little memory in a master",
    spec: { controlPlane: { machine: { memory: "256Mi" } } },
    says: "256Mi is too little memory for a node",
  },
  {
    title: "too small a disk in a master",
    spec: { controlPlane: { machine: { disk: { capacity: "100Mi" } } } },
    says: "100Mi is too small for the root disk of a node: at least 1Gi is needed",
  },
  {
    title: "a worker's claim that is smaller than the disk on it",
    spec: { workers: { machine: { disk: { capacity: "4Gi", persistent: { size: "2Gi" } } } } },
    says: "of the disk that it holds; raise it, or leave it out",
  },
  {
    title: "too small a disk in a pool",
    spec: { pools: [{ name: "fast", machine: { disk: { capacity: "100Mi" } } }] },
    says: "100Mi is too small for the root disk of a node: at least 1Gi is needed",
  },
  {
    title: "a range of Services with host bits",
    spec: { network: { serviceCIDR: "10.95.0.1/16" } },
    says: '"10.95.0.1/16" is not a range of IPv4 addresses',
  },
  {
    title: "a LAN with host bits",
    spec: { network: { lanCIDR: "192.168.10.1/24" } },
    says: '"192.168.10.1/24" is not a range of IPv4 addresses',
  },
  {
    title: "an address where a load balancer wants a range",
    spec: { endpoint: { type: "LoadBalancer", loadBalancerSourceRanges: ["10.0.0.0"] } },
    says: '"10.0.0.0" is not a range of addresses; write for example 10.0.0.0/8',
  },
];
