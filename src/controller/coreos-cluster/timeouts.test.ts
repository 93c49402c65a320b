import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { DEFAULT_TIMEOUTS, timeoutsOf } from "./timeouts.ts";

interface Schema {
  default?: unknown;
  properties?: Record<string, Schema>;
}

describe("how long the steps of a cluster may take", () => {
  it("is what the CRD says unless the spec does", () => {
    const file = new URL("../../../crds/coreoscluster.yaml", import.meta.url);
    const crd = parse(readFileSync(file, "utf8")) as {
      spec: { versions: [{ schema: { openAPIV3Schema: Schema } }] };
    };
    const { properties: cluster } = crd.spec.versions[0].schema.openAPIV3Schema;
    const timeouts = cluster?.["spec"]?.properties?.["timeouts"]?.properties ?? {};
    const defaults = Object.entries(timeouts).map(([name, field]) => [name, field.default]);
    assert.deepEqual(DEFAULT_TIMEOUTS, Object.fromEntries(defaults));
  });

  it("is the spec's, field by field", () => {
    assert.deepEqual(timeoutsOf({}), DEFAULT_TIMEOUTS);
    assert.deepEqual(timeoutsOf({ timeouts: { drainSeconds: 0 } }), { ...DEFAULT_TIMEOUTS, drainSeconds: 0 });
  });
});
