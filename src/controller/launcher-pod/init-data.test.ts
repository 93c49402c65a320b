import assert from "node:assert/strict";
import type { CloudInitVolume } from "../../api/resources.ts";
import { initDataReferencesOf, initDataVolumeOf, initSourceOf } from "./init-data.ts";

const noCloud = (cloudInitNoCloud: CloudInitVolume) => ({ name: "init", cloudInitNoCloud });

describe("a cloud-init volume", () => {
  const sources: readonly (readonly [string, CloudInitVolume, object])[] = [
    ["text", { userData: "#!/bin/sh" }, { userData: { inline: "#!/bin/sh" } }],
    [
      "base64",
      { userDataBase64: "YQ==", networkDataBase64: "Yg==" },
      { userData: { base64: "YQ==" }, networkData: { base64: "Yg==" } },
    ],
    [
      "a Secret",
      { secretRef: { name: "s" }, networkData: "version: 2" },
      {
        userData: {
          paths: ["/var/run/nestlet/init-data/init/userdata", "/var/run/nestlet/init-data/init/userData"],
        },
        networkData: { inline: "version: 2" },
      },
    ],
    [
      "a Secret for the network",
      { networkDataSecretRef: { name: "n" } },
      {
        networkData: {
          paths: [
            "/var/run/nestlet/init-data/init/networkdata",
            "/var/run/nestlet/init-data/init/networkData",
          ],
        },
      },
    ],
  ];
  for (const [title, spec, source] of sources) {
    it(`of ${title}`, () => {
      assert.deepEqual(initSourceOf(noCloud(spec), []), { kind: "CloudInit", layout: "NoCloud", ...source });
    });
  }

  it("has the layout that its field names", () => {
    const source = initSourceOf({ name: "init", cloudInitConfigDrive: { userData: "" } }, []);
    assert.deepEqual(source, { kind: "CloudInit", layout: "ConfigDrive", userData: { inline: "" } });
  });

  it("needs no pod volume where the spec says it all", () => {
    assert.equal(initDataVolumeOf(noCloud({ userData: "a", networkDataBase64: "Yg==" })), undefined);
    assert.deepEqual(initDataReferencesOf(noCloud({ userData: "a" })), []);
  });

  it("mounts its Secrets as one volume, by either name of a key", () => {
    const volume = noCloud({ secretRef: { name: "s" }, networkDataSecretRef: { name: "n" } });
    assert.deepEqual(initDataReferencesOf(volume), [
      { kind: "Secret", name: "s", keys: ["userdata", "userData"] },
      { kind: "Secret", name: "n", keys: ["networkdata", "networkData"] },
    ]);
    const items = (...keys: string[]) => keys.map((key) => ({ key, path: key }));
    assert.deepEqual(initDataVolumeOf(volume), {
      name: "init",
      projected: {
        defaultMode: 0o400,
        sources: [
          { secret: { name: "s", items: items("userdata", "userData"), optional: true } },
          { secret: { name: "n", items: items("networkdata", "networkData"), optional: true } },
        ],
      },
    });
  });
});
