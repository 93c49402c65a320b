import assert from "node:assert/strict";
import { serviceOf } from "./expose.ts";

const options = { port: "80", protocol: "tcp", type: "ClusterIP", role: "worker" };

describe("serviceOf", () => {
  for (const [plural, selector] of [
    ["virtualmachines", { "nestlet.dev/virtual-machine": "web" }],
    ["virtualmachineinstances", { "nestlet.dev/virtual-machine-instance": "web" }],
    ["coreosclusters", { "nestlet.dev/cluster": "web", "nestlet.dev/role": "worker" }],
  ] as const) {
    it(`leads to ${plural}`, () => {
      assert.deepEqual(serviceOf(plural, "web", options).spec.selector, selector);
    });
  }
  it("has the ports and names that were given", () => {
    const { metadata, spec } = serviceOf("virtualmachines", "web", {
      ...options,
      targetPort: "8080",
      name: "www",
    });
    assert.equal(metadata.name, "www");
    assert.deepEqual(spec.ports, [{ port: 80, targetPort: 8080, protocol: "TCP" }]);
  });
  it("selects a long name by its label", () => {
    const [label = ""] = Object.values(serviceOf("virtualmachines", "a".repeat(100), options).spec.selector);
    assert.equal(label.length, 63);
  });
  for (const [change, message] of [
    [{ type: "Node" }, /--type: "Node".*/],
    [{ protocol: "icmp" }, /--protocol: "ICMP"/],
    [{ port: "http" }, /--port: "http" is no port/],
    [{ targetPort: "0" }, /--target-port: "0"/],
  ] as const) {
    it(`refuses ${JSON.stringify(change)}`, () => {
      assert.throws(() => serviceOf("virtualmachines", "web", { ...options, ...change }), message);
    });
  }
  it("refuses an unknown role", () => {
    assert.throws(() => serviceOf("coreosclusters", "lab", { ...options, role: "node" }), /--role: "node"/);
  });
});
