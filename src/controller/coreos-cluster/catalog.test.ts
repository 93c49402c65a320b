import assert from "node:assert/strict";
import type { ClusterSpec } from "../../api/resources.ts";
import { sourceOf } from "./catalog.ts";

const lab = `
default: true
image: nestlet.dev/coreos-lab:1.36
versions: [v1.36.3, v1.36.10, v1.35.9]
ignition: {flavour: coreos-lab, version: 3.3.0}
`;
const data = {
  lab,
  flatcar:
    "image: r.example/flatcar@sha256:0\nversions: [v1.34.0]\nignition: {flavour: flatcar, version: 3.4.0}",
  fcos: "image: r.example/fcos:1\npayload: r.example/payload:1\nversions: [v1.36.3]\nignition: {flavour: fedora-coreos}",
  broken: "image: [",
  "any-lab": "match: lab-(1\\.\\d+)\\.(\\d+)\nimage: r.example/lab:$1\nversions: [v$1.$2, v$1.0]",
  "any-lab-later": "match: lab-.*\nimage: r.example/$&:1\nversions: [v1.36.3]\nignition: {flavour: flatcar}",
  "any-wrong": "match: wrong-(.*)\nimage: r.example/$1:1\nversions: [$1]",
};

describe("what a cluster's members boot from", () => {
  const whole = "nestlet.dev/coreos-lab:1.36";
  const found: [string, ClusterSpec, object][] = [
    ["the default entry's newest", {}, { image: whole, version: "v1.36.10", catalogEntry: "lab" }],
    [
      "a version of the default",
      { version: "v1.35.9" },
      { image: whole, version: "v1.35.9", catalogEntry: "lab" },
    ],
    [
      "an entry by its name",
      { image: "flatcar" },
      {
        image: "r.example/flatcar@sha256:0",
        flavour: "flatcar",
        version: "v1.34.0",
        catalogEntry: "flatcar",
      },
    ],
    [
      "an image and a disk with Kubernetes",
      { image: "fcos" },
      {
        image: "r.example/fcos:1",
        payload: "r.example/payload:1",
        flavour: "fedora-coreos",
        version: "v1.36.3",
        catalogEntry: "fcos",
      },
    ],
    [
      "what a pattern makes of a name",
      { image: "lab-1.35.7" },
      { image: "r.example/lab:1.35", version: "v1.35.7", catalogEntry: "any-lab" },
    ],
    [
      "what the next pattern makes of a name that the first does not fit as a whole",
      { image: "lab-1.35.7x" },
      {
        image: "r.example/lab-1.35.7x:1",
        flavour: "flatcar",
        version: "v1.36.3",
        catalogEntry: "any-lab-later",
      },
    ],
    ["the image of an entry", { image: whole }, { image: whole, version: "v1.36.10", catalogEntry: "lab" }],
    [
      "any image with its version",
      { image: "r/x:1", version: "v1.30.1" },
      { image: "r/x:1", version: "v1.30.1" },
    ],
  ];
  for (const [title, spec, source] of found) {
    it(`is ${title}`, () => {
      assert.deepEqual(sourceOf(spec, { namespace: "n", data }), source);
    });
  }

  describe("where an annotation names the default", () => {
    const named = (name: string): ReturnType<typeof sourceOf> =>
      sourceOf({}, { namespace: "n", data, annotations: { "nestlet.dev/default-image": name } });
    it("is that one, whatever entries say of themselves", () => {
      assert.equal(named("flatcar").catalogEntry, "flatcar");
    });
    it("may be what a pattern makes of the name", () => {
      assert.equal(named("lab-1.35.7").image, "r.example/lab:1.35");
    });
    it("is not known when the catalog has it no more", () => {
      assert.throws(
        () => named("gone"),
        /^\w*Error: spec\.image is left out, and its default gone \(annotation nestlet\.dev\/default-image\) is not in the catalog \(ConfigMap n\/nestlet-catalog\), which has /,
      );
    });
  });

  it("is not what an annotation names that cannot be used", () => {
    const catalog = { namespace: "n", data, annotations: { "nestlet.dev/default-image": "broken" } };
    assert.throws(
      () => sourceOf({}, catalog),
      /default broken \(annotation \S+\): its entry in .* cannot be used/,
    );
  });

  it("needs no catalog for an image with its version", () => {
    assert.equal(sourceOf({ image: "r/x:1", version: "v1.30.1" }, { namespace: "n" }).image, "r/x:1");
  });

  const entry = "image: r/x:1\nversions: [v1.36.3]\n";
  const refused: [string, ClusterSpec, Record<string, string> | undefined, string, string][] = [
    [
      "an unknown name",
      { image: "fedora" },
      data,
      "UnknownImage",
      "spec.image fedora is not in the catalog (ConfigMap n/nestlet-catalog), which has any-lab for names that match lab-(1\\.\\d+)\\.(\\d+), any-lab-later for names that match lab-.*, any-wrong for names that match wrong-(.*), broken, fcos, flatcar, lab; use one",
    ],
    [
      "a name without catalog",
      { image: "lab" },
      undefined,
      "UnknownImage",
      "nestlet-catalog), which does not exist;",
    ],
    [
      "a name of which a pattern makes what is wrong",
      { image: "wrong-x" },
      data,
      "InvalidCatalog",
      'spec.image wrong-x: the entry any-wrong that it matches in the catalog (ConfigMap n/nestlet-catalog) cannot be used: versions is ["x"]; give a list',
    ],
    [
      "the name of a pattern",
      { image: "any-wrong" },
      data,
      "UnknownImage",
      "spec.image any-wrong is not in the catalog",
    ],
    ["a name in an empty catalog", { image: "lab" }, {}, "UnknownImage", "nestlet-catalog), which is empty;"],
    [
      "an unknown version",
      { image: "lab", version: "v1.30.0" },
      data,
      "UnknownVersion",
      "spec.version v1.30.0 is not in the image: spec.image is lab, which holds v1.36.10, v1.36.3, v1.35.9; use one",
    ],
    [
      "an unknown version of the default",
      { version: "v1.30.0" },
      data,
      "UnknownVersion",
      "spec.image is left out, so that it is lab, which holds v1.36.10",
    ],
    [
      "an image of which no version is known",
      { image: "r/x:1" },
      data,
      "UnknownVersion",
      "does not tell which version of Kubernetes r/x:1 holds; give the version",
    ],
    [
      "no image without default",
      {},
      { x: entry },
      "UnknownImage",
      'says "default: true"; it has x; give the image',
    ],
    [
      "no image where the default is wrong",
      {},
      { x: "default: true" },
      "UnknownImage",
      "it has faults: entry x: image is missing; give the reference of an image",
    ],
    [
      "no image with two defaults",
      {},
      { x: `${entry}default: true`, y: `${entry}default: true` },
      "UnknownImage",
      'x and y of the catalog (ConfigMap n/nestlet-catalog) both say "default: true"',
    ],
  ];
  const wrongEntries: [string, string][] = [
    ["image: [", "unexpected end of the stream"],
    ["just text", "it is not a mapping"],
    ["image: x\nversions: [v1.36.3]", 'image is "x"; give the reference'],
    ["image: r/x:1", "versions is missing; give a list such as [v1.36.3]"],
    ["image: r/x:1\nversions: [1.36]", "versions is [1.36]; give a list"],
    [`${entry}size: 3`, "size is not known; use image, payload, versions"],
    [`${entry}default: maybe`, 'default is "maybe"; use true or false'],
    [`${entry}ignition: 3.3.0`, 'ignition is "3.3.0"; give flavour and version'],
    [
      `${entry}ignition: {flavour: arch}`,
      'ignition.flavour is "arch"; use coreos-lab, fedora-coreos, flatcar',
    ],
    [
      `${entry}ignition: {version: 2.3.0}`,
      'ignition.version is "2.3.0"; the image has to read 3.3.0 or newer',
    ],
    [`${entry}payload: none`, 'payload is "none"; give the reference of an image'],
    [`${entry}match: "("`, "match is no regular expression: Invalid regular expression"],
    [`${entry}match: 3`, "match is 3; give a regular expression of up to 256 characters"],
    [`${entry}match: x\ndefault: true`, "default is given beside match; a pattern has no one image"],
    ["match: x\nimage: $1\nversions: [v1.36.3]", 'image is "$1"; give the reference of an image'],
    ["match: x\nimage: r/x:1", "versions is missing; give a list such as [v1.$1.0]"],
    [`${entry}match: x\nignition: {flavour: arch}`, 'ignition.flavour is "arch"; use'],
    [`${entry}payload: [r/y:1]`, 'payload is ["r/y:1"]; give the reference of an image'],
  ];
  const all = [
    ...refused,
    ...wrongEntries.map(([text, says]): (typeof refused)[number] => [
      `an entry that is ${JSON.stringify(text)}`,
      { image: "x" },
      { x: text },
      "InvalidCatalog",
      says,
    ]),
  ];
  for (const [title, spec, map, reason, says] of all) {
    it(`is not ${title}`, () => {
      const catalog = { namespace: "n", ...(map === undefined ? {} : { data: map }) };
      assert.throws(
        () => sourceOf(spec, catalog),
        (error: Error & { obstacle?: { reason: string } }) => {
          assert.equal(error.obstacle?.reason, reason);
          assert.ok(error.message.includes(says), error.message);
          return true;
        },
      );
    });
  }
});
