import { contentKey } from "../lib/cache.ts";
import { dnsAddress, type Settings } from "./settings.ts";

type Manifest = Readonly<Record<string, unknown>>;

const inRbac = { apiGroup: "rbac.authorization.k8s.io" };
const labels = { "k8s-app": "kube-dns" };
const metadata = { name: "coredns", namespace: "kube-system" };

/** No `forward`: a name outside the cluster gets its NXDOMAIN at once, not after a timeout. */
const corefile = `cluster.local:53 in-addr.arpa:53 ip6.arpa:53 {
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        ttl 5
    }
    cache 5
    loadbalance
}
.:53 {
    errors
    health :8080
    ready :8181
    template ANY ANY {
        rcode NXDOMAIN
    }
}
`;

/**
 * What a cluster needs besides its programs: the roles of those for whom kubeadm made certificates (as its own
 * later phases bind them) and the cluster's DNS.
 */
export function clusterManifests(settings: Settings, corednsImage: string): Manifest[] {
  return [
    binding("kubeadm:cluster-admins", "cluster-admin", {
      ...inRbac,
      kind: "Group",
      name: "kubeadm:cluster-admins",
    }),
    binding("kubeadm:apiserver-kubelet-client", "system:kubelet-api-admin", {
      ...inRbac,
      kind: "User",
      name: "kube-apiserver-kubelet-client",
    }),
    ...dnsRoles(),
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { Corefile: corefile } },
    dnsDeployment(corednsImage),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kube-dns", namespace: "kube-system", labels },
      spec: {
        clusterIP: dnsAddress(settings),
        selector: labels,
        ports: [
          { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
          { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: 53 },
        ],
      },
    },
  ];
}

function binding(name: string, role: string, subject: Manifest): Manifest {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { ...inRbac, kind: "ClusterRole", name: role },
    subjects: [subject],
  };
}

function dnsRoles(): Manifest[] {
  const name = "system:coredns";
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name },
      rules: [
        {
          apiGroups: [""],
          resources: ["endpoints", "services", "pods", "namespaces"],
          verbs: ["list", "watch"],
        },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
      ],
    },
    binding(name, name, { kind: "ServiceAccount", ...metadata }),
  ];
}

function dnsDeployment(image: string): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { ...metadata, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { "nestlet.dev/corefile": contentKey(corefile) } },
        spec: {
          serviceAccountName: "coredns",
          priorityClassName: "system-cluster-critical",
          dnsPolicy: "Default",
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: "coredns",
              image,
              imagePullPolicy: "IfNotPresent",
              args: ["-conf", "/etc/coredns/Corefile"],
              resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { memory: "170Mi" } },
              readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 1 },
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
                readOnlyRootFilesystem: true,
              },
              volumeMounts: [{ name: "config", mountPath: "/etc/coredns", readOnly: true }],
            },
          ],
          volumes: [{ name: "config", configMap: { name: "coredns" } }],
        },
      },
    },
  };
}
