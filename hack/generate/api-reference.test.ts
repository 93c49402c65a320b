import assert from "node:assert/strict";
import { anchorsOf } from "../lib/markdown.ts";
import { referenceOf } from "./api-reference.ts";
import { kindOf, type Kind } from "./crd.ts";

const crd = (kind: string, more: string, spec: string): Kind =>
  kindOf(
    `crds/${kind.toLowerCase()}.yaml`,
    `spec:
  group: example.org
  scope: Namespaced
  names: { kind: ${kind}, plural: ${kind.toLowerCase()}s, shortNames: [x] }
  versions:
    - name: v1
${more}
      schema:
        openAPIV3Schema:
          description: A ${kind} with <angles>.
          x-kubernetes-validations: [{ rule: "x", message: no such | thing }]
          properties:
            apiVersion: { type: string }
            kind: { type: string }
            metadata: { type: object }
            spec:
${spec.replaceAll(/^/gm, "              ")}`,
  );

const five = (...more: string[]): string =>
  `{ type: object, description: Five., ${more.map((word) => `${word}, `).join("")}properties: {
  ${["a", "b", "c", "d", "e"].map((name) => `${name}: { type: string, description: ${name}. }`).join(", ")} } }`;

const outer = crd(
  "Outer",
  `      subresources: { status: {}, scale: { specReplicasPath: .spec.n, statusReplicasPath: .status.n } }
      additionalPrinterColumns:
        - { name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status' }
        - { name: Why, type: string, priority: 1, jsonPath: .status.why }`,
  `type: object
description: What it is.
properties:
  template:
    type: object
    description: What each is made from.
    properties:
      spec: ${five().replaceAll("\n", "\n      ")}`,
);
const inner = crd(
  "Inner",
  "      served: true",
  five("required: [a]", "x-kubernetes-validations: [{ rule: y, message: a and b exclude each other }]"),
);
const twin = crd("Twin", "      served: true", five());

describe("the reference of the API", () => {
  const page = referenceOf([outer, inner, twin]);

  it("begins a kind with its names, subresources and columns", () => {
    assert.ok(page.includes("\n## Outer\n\nA Outer with \\<angles\\>.\n"));
    assert.ok(page.includes("- API version: `example.org/v1`, namespaced\n"));
    assert.ok(page.includes("- names for kubectl: `outers`, `x`\n"));
    assert.ok(page.includes("`status`, `scale` (sets `spec.n`, reads `status.n`)"));
    assert.ok(page.includes('| Ready | `status.conditions[?(@.type=="Ready")].status` | always |'));
    assert.ok(page.includes("| Why | `status.why` | with `-o wide` |"));
    assert.ok(page.includes("_Refused:_\n\n- no such \\| thing\n"));
  });

  it("has a line for each field, and the rules where they belong", () => {
    const section = page.slice(page.indexOf("### Inner `spec`"));
    assert.ok(
      section.startsWith("### Inner `spec`\n\nFive.\n\n_Refused:_\n\n- a and b exclude each other\n\n"),
    );
    assert.ok(section.includes("\n- **`a`** (string; required): a.\n- **`b`** (string): b.\n"));
  });

  it("tells once of what is the same, where it is least deep", () => {
    assert.ok(page.includes("\n  - **`spec`** (object): Five. Fields: [Twin `spec`](#twin-spec)."));
    assert.equal(page.match(/\*\*`a`\*\*/g)?.length, 2, "Inner has another: its rule");
  });

  it("leaves out what every object has", () => assert.ok(!page.includes("**`apiVersion`**")));

  it("links to headings that are there", () => {
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading);
    const anchors = new Set(anchorsOf(headings));
    const links = [...page.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor = ""]) => anchor);
    assert.ok(links.length >= 4);
    for (const link of links) assert.ok(anchors.has(link), link);
  });
});
