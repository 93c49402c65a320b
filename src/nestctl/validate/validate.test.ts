import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { kubernetesCel } from "./cel-environment.ts";
import { loadSchemas, type Schema } from "./schema.ts";
import { fieldText, Validator } from "./validate.ts";

const examples = join(import.meta.dirname, "../../../examples");

function machine(change: (spec: Record<string, unknown>) => void): string {
  const spec: Record<string, unknown> = {
    domain: { memory: { guest: "1Gi" }, devices: { disks: [{ name: "root" }] } },
    volumes: [{ name: "root", registryDisk: { image: "x/y:1" } }],
  };
  change(spec);
  const template = { spec };
  return stringify({
    apiVersion: "nestlet.dev/v1alpha1",
    kind: "VirtualMachine",
    metadata: { name: "web" },
    spec: { runStrategy: "Always", template },
  });
}

const cluster = (spec: object): string =>
  stringify({ apiVersion: "nestlet.dev/v1alpha1", kind: "CoreOSCluster", metadata: { name: "lab" }, spec });

describe("validate", () => {
  let schemas: Map<string, Schema>;
  let validator: Validator;
  before(async () => {
    schemas = await loadSchemas();
    validator = new Validator(schemas);
  });

  const only = (text: string): { line: number; field: string | undefined; message: string } => {
    const found = validator.check("f", text);
    assert.equal(found.length, 1, JSON.stringify(found, undefined, 1));
    const [{ line, field, message } = { line: 0, field: "", message: "" }] = found;
    return { line, field, message };
  };

  it("knows every rule of the schemas", () => {
    const cel = kubernetesCel();
    const rules = [...schemas.values()].flatMap((schema) => rulesIn(schema));
    assert.ok(rules.length > 50);
    for (const rule of rules) if (!/\boldSelf\b/.test(rule)) cel.parse(rule);
  });

  it("takes every example", async () => {
    for (const name of (await readdir(examples)).filter((file) => file.endsWith(".yaml"))) {
      const found = validator.check(name, await readFile(join(examples, name), "utf8"));
      assert.deepEqual(found, [], name);
    }
    assert.ok(validator.checked >= 6);
  });

  it("finds what is wrong with a shape, in its line", () => {
    const text = machine((spec) => Object.assign(spec, { memroy: 1 }));
    const { line, field, message } = only(text);
    assert.equal(field, "spec.template.spec.memroy");
    assert.equal(line, text.split("\n").findIndex((one) => one.includes("memroy")) + 1);
    assert.match(message, /unknown field "memroy"/);
  });

  const wrong: readonly (readonly [string, () => string, string, RegExp])[] = [
    [
      "a missing field",
      () => stringify({ ...(parse(machine(() => undefined)) as object), spec: { runStrategy: "Always" } }),
      "spec",
      /template is missing/,
    ],
    [
      "a choice that is none",
      () => machine((spec) => (spec["evictionStrategy"] = "Maybe")),
      "spec.template.spec.evictionStrategy",
      /"Maybe" is not one of None, /,
    ],
    [
      "a quantity of a wrong type",
      () =>
        machine(
          (spec) => (spec["domain"] = { memory: { guest: [] }, devices: { disks: [{ name: "root" }] } }),
        ),
      "spec.template.spec.domain.memory.guest",
      /neither a number nor a text/,
    ],
    [
      "a disk without volume",
      () => machine((spec) => (spec["volumes"] = [])),
      "spec.template.spec",
      /disk "root" has no volume/,
    ],
    [
      "too little memory",
      () =>
        machine(
          (spec) => (spec["domain"] = { memory: { guest: "1M" }, devices: { disks: [{ name: "root" }] } }),
        ),
      "spec.template.spec.domain.memory.guest",
      /1M is too little memory/,
    ],
    [
      "memory that is no whole number of huge pages",
      () =>
        machine(
          (spec) =>
            (spec["domain"] = {
              memory: { guest: "65Mi", hugepages: { pageSize: "2Mi" } },
              devices: { disks: [{ name: "root" }] },
            }),
        ),
      "spec.template.spec.domain.memory",
      /65Mi, no whole number of pages/,
    ],
    [
      "a name that is there twice",
      () =>
        machine(
          (spec) =>
            (spec["volumes"] = [
              { name: "root", emptyDisk: { capacity: "1Gi" } },
              { name: "root", emptyDisk: { capacity: "1Gi" } },
            ]),
        ),
      "spec.template.spec.volumes[1]",
      /name "root" is there twice/,
    ],
    [
      "too few cores",
      () => cluster({ controlPlane: { machine: { cores: 1 } } }),
      "spec.controlPlane",
      /machine.cores 1 are too few/,
    ],
    [
      "ranges that overlap",
      () => cluster({ network: { podCIDR: "10.0.0.0/8", serviceCIDR: "10.95.0.0/16" } }),
      "spec.network",
      /podCIDR 10.0.0.0\/8 and serviceCIDR 10.95.0.0\/16 overlap/,
    ],
    [
      "a range that is no range",
      () => cluster({ network: { podCIDR: "10.243.0.1/16" } }),
      "spec.network.podCIDR",
      /"10.243.0.1\/16" is not a range/,
    ],
    [
      "too many workers",
      () => cluster({ workers: { replicas: 200 }, pools: [{ name: "a", replicas: 60 }] }),
      "spec",
      /room for 249/,
    ],
    [
      "a name that cannot be extended",
      () => cluster({}).replace("name: lab", `name: ${"a".repeat(41)}`),
      "",
      /cannot be extended/,
    ],
    [
      "an unknown kind",
      () => cluster({}).replace("CoreOSCluster", "Cluster"),
      "kind",
      /use nestlet.dev\/v1alpha1 /,
    ],
    [
      "a name in capitals",
      () => cluster({}).replace("name: lab", "name: Lab"),
      "metadata.name",
      /"Lab" is no name/,
    ],
    ["no name", () => cluster({}).replace("name: lab", "labels: {}"), "metadata.name", /is missing/],
  ];
  for (const [title, text, field, message] of wrong) {
    it(`finds ${title}`, () => {
      const found = only(text());
      assert.equal(found.field, field);
      assert.match(found.message, message);
    });
  }

  it("passes over other kinds, and says what cannot be read", () => {
    assert.deepEqual(validator.check("f", "apiVersion: v1\nkind: Secret\n"), []);
    assert.match(only("a: [").message, /./);
  });
});

describe("fieldText", () => {
  it("is a path as Kubernetes writes it", () =>
    assert.equal(fieldText(["spec", "volumes", 0, "name"]), "spec.volumes[0].name"));
});

function rulesIn(schema: Schema, seen = new Set<Schema>()): string[] {
  if (seen.has(schema)) return [];
  seen.add(schema);
  const own = (schema["x-kubernetes-validations"] ?? []).flatMap(({ rule, messageExpression }) =>
    messageExpression === undefined
      ? [rule]
      : [rule, ...(/\boldSelf\b/.test(rule) ? [] : [messageExpression])],
  );
  const children = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties];
  return [...own, ...children.flatMap((child) => (typeof child === "object" ? rulesIn(child, seen) : []))];
}
