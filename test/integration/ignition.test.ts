import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { parseAllDocuments } from "yaml";
import { binary } from "../../hack/lab/binaries.ts";
import { repoRoot } from "../../hack/lib/paths.ts";
import { FLAVOURS } from "../../src/guest-config/flavour.ts";
import { memberIgnition } from "../../src/guest-config/member-ignition.ts";
import { bareIgnition } from "../bench/bare-cluster.ts";
import { cluster, master, worker } from "../support/member-facts.ts";

interface Manifest {
  kind: string;
  metadata: { name: string };
  spec?: { template?: { spec: { volumes?: { ignition?: { inline?: string } }[] } } };
}

/** The Ignition configs that the examples' machines have inline. */
async function inlineConfigs(): Promise<string[]> {
  const folder = join(repoRoot, "examples");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".yaml"));
  const texts = await Promise.all(names.map(async (name) => readFile(join(folder, name), "utf8")));
  return texts
    .flatMap((text) => parseAllDocuments(text))
    .flatMap((document) => (document.toJS() as Manifest).spec?.template?.spec.volumes ?? [])
    .flatMap(({ ignition }) => ignition?.inline ?? []);
}

/** The parser and the rules of Ignition itself, for spec 3.3.0. */
describe("Ignition's own judgement", () => {
  let validator: string;

  before(async function () {
    this.timeout(300_000);
    validator = await binary("ignition-validate");
  });

  /** Nothing when the config is right: errors, warnings and keys that Ignition does not know are all told. */
  const judge = async (config: string): Promise<string> => {
    const { stdout, stderr } = await execa(validator, { input: config, reject: false });
    return `${stdout}${stderr}`;
  };

  it("finds what is wrong", async () => {
    const config = JSON.parse(memberIgnition(cluster, worker)) as {
      storage: { files: { path: string }[] };
      systemd: { units: { contents?: string }[] };
    };
    const [file] = config.storage.files;
    assert.ok(file);
    file.path = "etc/hostname";
    assert.match(await judge(JSON.stringify(config)), /error at \$\.storage\.files\.0\.path.*not absolute/s);
    assert.match(await judge('{"ignition": {"version": "3.4.0"}}'), /version/);
    const typo = { ignition: { version: "3.3.0" }, systemd: { unit: [] } };
    assert.match(await judge(JSON.stringify(typo)), /[Uu]nused key unit/);
  });

  for (const flavour of FLAVOURS) {
    for (const member of [master, worker]) {
      for (const payload of [{}, { payloadDisk: true } as const]) {
        const disk = "payloadDisk" in payload ? ", with Kubernetes on a disk of its own" : "";
        it(`is that the config of a ${member.role.toLowerCase()} on ${flavour}${disk} is right`, async () => {
          const snippets = [{ ignition: { version: "3.3.0" } }];
          const facts = { ...cluster, flavour, ...payload };
          assert.equal(await judge(memberIgnition(facts, { ...member, snippets })), "");
        });
      }
    }
  }

  it("is that the configs of the bench's bare guests are right", async () => {
    for (const role of ["master", "worker"] as const) assert.equal(await judge(bareIgnition(role)), "");
  });

  it("is that the configs of the examples are right", async () => {
    const configs = await inlineConfigs();
    assert.ok(configs.length > 0);
    for (const config of configs) assert.equal(await judge(config), "");
  });
});
