import assert from "node:assert/strict";
import type { ClusterSpec, CoreOSCluster } from "../../api/resources.ts";
import type { Service } from "../../kube/object.ts";
import { endpointVerdict, externalAddress, type Address, type Endpoint } from "./endpoint.ts";
import { apiService } from "./services.ts";

const metadata = { namespace: "a", name: "lab", uid: "u", resourceVersion: "1", creationTimestamp: "" };

function cluster(endpoint: ClusterSpec["endpoint"] = {}): CoreOSCluster {
  return { apiVersion: "nestlet.dev/v1alpha1", kind: "CoreOSCluster", metadata, spec: { endpoint } };
}

function service(spec: Service["spec"], ingress?: { ip?: string; hostname?: string }[]): Service {
  const status = ingress === undefined ? {} : { status: { loadBalancer: { ingress } } };
  return { apiVersion: "v1", kind: "Service", metadata, spec, ...status };
}

describe("the endpoint's Service", () => {
  it("has a port and no more unless told otherwise", () => {
    assert.deepEqual(apiService(cluster()).spec, {
      type: "ClusterIP",
      ports: [{ name: "https", port: 6443, targetPort: 6443, protocol: "TCP" }],
    });
  });

  it("has what the spec says of it", () => {
    const balancer = {
      loadBalancerIP: "192.0.2.7",
      loadBalancerClass: "example.com/inner",
      loadBalancerSourceRanges: ["10.0.0.0/8"],
    };
    const draft = apiService(
      cluster({ type: "LoadBalancer", nodePort: 30443, annotations: { "example.com/a": "b" }, ...balancer }),
    );
    assert.deepEqual(draft.metadata.annotations, { "example.com/a": "b" });
    assert.deepEqual(draft.spec, {
      type: "LoadBalancer",
      ports: [{ name: "https", port: 6443, targetPort: 6443, protocol: "TCP", nodePort: 30443 }],
      ...balancer,
    });
  });
});

describe("externalAddress", () => {
  const ports = [{ port: 6443, nodePort: 31443 }];
  const table: readonly (readonly [string, Service, string | undefined, Address | undefined])[] = [
    ["none of a ClusterIP", service({ type: "ClusterIP", ports }), "10.0.0.1", undefined],
    [
      "a node's and its port",
      service({ type: "NodePort", ports }),
      "10.0.0.1",
      { host: "10.0.0.1", port: 31443 },
    ],
    ["none without a node", service({ type: "NodePort", ports }), undefined, undefined],
    [
      "none of a load balancer that is not there",
      service({ type: "LoadBalancer", ports }),
      "10.0.0.1",
      undefined,
    ],
    [
      "a load balancer's address",
      service({ type: "LoadBalancer", ports }, [{ ip: "192.0.2.7" }]),
      "10.0.0.1",
      { host: "192.0.2.7", port: 6443 },
    ],
    [
      "a load balancer's name",
      service({ type: "LoadBalancer", ports }, [{ hostname: "lb.example.com" }]),
      undefined,
      { host: "lb.example.com", port: 6443 },
    ],
  ];
  for (const [title, given, node, expected] of table) {
    it(`is ${title}`, () => assert.deepEqual(externalAddress(given, node), expected));
  }
});

describe("endpointVerdict", () => {
  const external = { host: "192.0.2.7", port: 6443 };
  const table: readonly (readonly [ClusterSpec["endpoint"], Endpoint, RegExp])[] = [
    [{}, {}, /^True EndpointAvailable: $/],
    [{ type: "NodePort" }, { external }, /^True EndpointAvailable: $/],
    [{ type: "NodePort" }, {}, /^False EndpointPending: the master has not been given a node/],
    [
      { type: "LoadBalancer" },
      {},
      /^False EndpointPending: no load balancer has given Service lab-api an address/,
    ],
    [
      { type: "NodePort" },
      { refusal: "port is taken" },
      /^False EndpointRefused: .* lab-api: port is taken; correct/,
    ],
  ];
  for (const [spec, endpoint, expected] of table) {
    it(`says ${String(expected)}`, () => {
      const { status, reason, message } = endpointVerdict(cluster(spec), endpoint);
      assert.match(`${status} ${reason}: ${message}`, expected);
    });
  }
});
