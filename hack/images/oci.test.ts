import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describeImage, imageDigest, uniqueLayers, type Layer } from "./oci.ts";

const layer: Layer = { tar: "/somewhere/layer.tar", digest: "sha256:aa", size: 1024, title: "files" };

describe("describeImage", () => {
  it("lists the layers in order, by digest", () => {
    const upper = { ...layer, digest: "sha256:bb", size: 2048 };
    const { manifest, config } = describeImage([layer, upper], {});
    const { layers } = JSON.parse(manifest) as { layers: { digest: string; size: number }[] };
    assert.deepEqual(
      layers.map(({ digest, size }) => [digest, size]),
      [
        ["sha256:aa", 1024],
        ["sha256:bb", 2048],
      ],
    );
    const { rootfs } = JSON.parse(config) as { rootfs: { diff_ids: string[] } };
    assert.deepEqual(rootfs.diff_ids, ["sha256:aa", "sha256:bb"]);
  });

  it("refers to the config by its digest and size", () => {
    const { manifest, config } = describeImage([layer], { Entrypoint: ["/bin/é"] });
    const { config: blob } = JSON.parse(manifest) as { config: { digest: string; size: number } };
    assert.equal(blob.digest, `sha256:${createHash("sha256").update(config).digest("hex")}`);
    assert.equal(blob.size, Buffer.byteLength(config));
  });
});

describe("imageDigest", () => {
  it("depends on layers and config, not on where a layer lies", () => {
    const digest = imageDigest([layer], { User: "1" });
    assert.equal(imageDigest([{ ...layer, tar: "/elsewhere.tar" }], { User: "1" }), digest);
    assert.notEqual(imageDigest([layer], { User: "2" }), digest);
    assert.notEqual(imageDigest([{ ...layer, digest: "sha256:cc" }], { User: "1" }), digest);
  });
});

describe("uniqueLayers", () => {
  it("names a layer once that several images share", () => {
    const own = { ...layer, digest: "sha256:bb" };
    assert.deepEqual(uniqueLayers([{ layers: [layer] }, { layers: [layer, own] }]), [layer, own]);
  });
});
