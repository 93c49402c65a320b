import assert from "node:assert/strict";
import { parse } from "yaml";
import { modelInterface } from "./models.ts";
import { withTemplateSpec } from "./template-spec.ts";

const crd = (spec: string): string => `# head
spec:
  versions:
    - name: v1 # kept
      schema:
        openAPIV3Schema:
          properties:
            spec:
${spec}`;

const machine = crd(`              properties:
                template:
                  properties:
                    # from elsewhere
                    spec: {}
`);
const instance = crd(`              type: object
              properties: { a: &a { type: string }, b: *a }
`);

interface Crd {
  spec: {
    versions: [
      {
        schema: {
          openAPIV3Schema: {
            properties: { spec: { properties: { template: { properties: { spec: unknown } } } } };
          };
        };
      },
    ];
  };
}

describe("the machine's template", () => {
  it("is the instance's spec; comments stay", () => {
    const text = withTemplateSpec(machine, instance);
    const { template } = (parse(text) as Crd).spec.versions[0].schema.openAPIV3Schema.properties.spec
      .properties;
    const string = { type: "string" };
    assert.deepEqual(template.properties.spec, { type: "object", properties: { a: string, b: string } });
    assert.match(text, /^# head\n/);
    assert.match(text, /# kept/);
    assert.match(text, /# from elsewhere/);
  });

  it("is the same when it is made again", () => {
    const once = withTemplateSpec(machine, instance);
    assert.equal(withTemplateSpec(once, instance), once);
  });

  it("needs a place and a source", () => {
    assert.throws(
      () => withTemplateSpec(instance, instance),
      /virtualmachine\.yaml: the schema has no spec\.template/,
    );
    assert.throws(() => withTemplateSpec(machine, "spec: {versions: [{}]}"), /the schema has no spec/);
  });
});

describe("a model", () => {
  it("is the interface alone, with this program's metadata and nothing untyped", () => {
    const text = `import x from "y";

/**
 * A thing.
 */
export interface IThing {
  "metadata"?: IObjectMeta;
  "list"?: any[];
}

/**
 * A thing.
 */
export class Thing extends Model<IThing> {}
`;
    assert.equal(
      modelInterface(text, "Thing").trim(),
      `import type { ObjectMeta } from "../../kube/object.ts";

/**
 * A thing.
 */
export interface IThing {
  "metadata": ObjectMeta;
  "list"?: unknown[];
}`,
    );
  });

  it("is refused when the tool wrote something else", () => {
    assert.throws(() => modelInterface("", "Thing"), /crd-generate wrote no interface IThing/);
  });
});
