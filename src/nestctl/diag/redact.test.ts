import assert from "node:assert/strict";
import { redacted, withoutTokens } from "./redact.ts";

describe("redacted", () => {
  it("leaves out init data, wherever it is", () => {
    const volumes = [
      { name: "a", cloudInitNoCloud: { userData: "password: x", networkData: "n" } },
      { name: "b", ignition: { inline: "{}" } },
      { name: "c", ignition: { secretRef: { name: "s", key: "k" } } },
    ];
    assert.deepEqual(redacted({ spec: { template: { spec: { volumes } } } }), {
      spec: {
        template: {
          spec: {
            volumes: [
              {
                name: "a",
                cloudInitNoCloud: {
                  userData: "(left out: 11 characters)",
                  networkData: "(left out: 1 characters)",
                },
              },
              { name: "b", ignition: { inline: "(left out: 2 characters)" } },
              { name: "c", ignition: { secretRef: { name: "s", key: "k" } } },
            ],
          },
        },
      },
    });
  });
  it("leaves out values of variables, not their sources", () => {
    const env = [
      { name: "PLAN", value: "secret" },
      { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    ];
    assert.deepEqual(redacted({ env }), {
      env: [{ name: "PLAN", value: "(left out: 6 characters)" }, env[1]],
    });
  });
  it("leaves out copies of the object in its own metadata", () => {
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": "{…}", mine: "1" };
    assert.deepEqual(JSON.parse(JSON.stringify(redacted({ annotations, managedFields: [{}] }))), {
      annotations: {
        "kubectl.kubernetes.io/last-applied-configuration": "(left out: 3 characters)",
        mine: "1",
      },
    });
  });
});

describe("withoutTokens", () => {
  const table: [string, string][] = [
    ["join --token abcdef.0123456789abcdef --x", "join --token abcdef.*** --x"],
    ["at 10.96.0.1:6443, v1.36.3", "at 10.96.0.1:6443, v1.36.3"],
    ["2026-01-02T03:04:05.678901234Z kernel", "2026-01-02T03:04:05.678901234Z kernel"],
  ];
  for (const [text, wanted] of table) it(text, () => assert.equal(withoutTokens(text), wanted));
});
