import assert from "node:assert/strict";
import { parseIndex } from "./archive.ts";
import { chartArguments, imageName } from "./chart.ts";
import { isLoaded, parseImageList } from "./load-images.ts";

const index = (annotations: Record<string, string>): string =>
  JSON.stringify({ manifests: [{ digest: "sha256:1", annotations }] });

describe("the images in an archive", () => {
  for (const [what, annotations, ref] of [
    ["containerd's annotation", { "io.containerd.image.name": "nestlet.dev/halt:1" }, "nestlet.dev/halt:1"],
    [
      "a whole name in the OCI annotation",
      { "org.opencontainers.image.ref.name": "a.example/b:c" },
      "a.example/b:c",
    ],
    [
      "the former when there are both",
      { "io.containerd.image.name": "a.example/b:c", "org.opencontainers.image.ref.name": "c" },
      "a.example/b:c",
    ],
  ] as const) {
    it(`are named by ${what}`, () => {
      assert.deepEqual(parseIndex("x.tar", index(annotations)), [{ ref, digest: "sha256:1" }]);
    });
  }

  it("must have a whole name", () => {
    assert.throws(
      () => parseIndex("x.tar", index({ "org.opencontainers.image.ref.name": "latest" })),
      /^Error: x\.tar: no image .* set the annotation io\.containerd\.image\.name/,
    );
  });

  it("are compared with what the node has", () => {
    const rows = parseImageList(
      [
        "REF TYPE DIGEST SIZE PLATFORMS LABELS",
        "a.example/halt:1    application/vnd.oci.image.manifest.v1+json sha256:1 16.0 MiB linux/amd64 -",
        "a.example/moved:1   application/vnd.oci.image.manifest.v1+json sha256:2 16.0 MiB linux/amd64 -",
        "sha256:9            application/vnd.oci.image.manifest.v1+json sha256:1 16.0 MiB linux/amd64 -",
        "",
      ].join("\n"),
    );
    for (const [ref, digest, expected] of [
      ["a.example/halt:1", "sha256:1", true],
      ["a.example/halt:1", "sha256:3", false],
      ["a.example/other:1", "sha256:1", false],
      // without an id it cannot be mounted
      ["a.example/moved:1", "sha256:2", false],
    ] as const) {
      assert.equal(isLoaded(rows, { ref, digest }), expected, `${ref} ${digest}`);
    }
  });
});

describe("the chart", () => {
  it("is given the images by their names", () => {
    const imageOf = (name: string): { ref: string; archive: string } => ({
      ref: `nestlet.dev/${name}:1`,
      archive: "",
    });
    const values = chartArguments({ kubeconfig: "/k", imageOf, imagePrefix: "r.example/n" }).filter(
      (argument) => argument.includes(".image="),
    );
    assert.deepEqual(values, [
      "controller.image=r.example/n/controller:1",
      "launcher.image=r.example/n/launcher:1",
      "catalog.coreos-lab.image=r.example/n/coreosLab:1",
    ]);
  });

  it("takes images from a registry when one is named", () => {
    assert.equal(imageName("nestlet.dev/launcher:1", undefined), "nestlet.dev/launcher:1");
    assert.equal(imageName("nestlet.dev/launcher:1", "r.example/n"), "r.example/n/launcher:1");
  });
});
