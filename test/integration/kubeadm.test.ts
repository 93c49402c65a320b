import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { buildBinaries } from "../../hack/lab/binaries.ts";
import { kubeadmDocuments } from "../../src/guest-config/kubeadm.ts";
import type { KubeadmOverrides } from "../../src/guest-config/overrides.ts";
import { bareDocuments } from "../bench/bare-cluster.ts";
import { cluster, master, worker } from "../support/member-facts.ts";
import { removeScratch, scratchFolder } from "./harness/children.ts";

/** The parser and the rules of kubeadm itself, for all documents that it is given; fields it does not know are errors. */
describe("kubeadm's own judgement", () => {
  let kubeadm: string;
  let folder: string;

  before(async function () {
    this.timeout(600_000);
    kubeadm = (await buildBinaries(undefined, ["kubeadm"])).kubeadm;
    folder = await scratchFolder("kubeadm");
    await writeFile(join(folder, "discovery.conf"), "");
  });

  after(() => removeScratch(folder));

  const judge = async (
    documents: readonly object[],
  ): Promise<{ exitCode: number | undefined; words: string }> => {
    const path = join(folder, "kubeadm.yaml");
    const text = documents.map((document) => JSON.stringify(document)).join("\n---\n");
    await writeFile(path, text.replaceAll("/etc/nestlet/discovery.conf", join(folder, "discovery.conf")));
    const options = { reject: false, all: true } as const;
    const { exitCode, all } = await execa(kubeadm, ["config", "validate", "--config", path], options);
    return { exitCode, words: all };
  };

  const isRight = async (documents: readonly object[]): Promise<void> => {
    const { exitCode, words } = await judge(documents);
    assert.equal(exitCode, 0, words);
  };

  it("finds what is wrong", async () => {
    const [join] = kubeadmDocuments(cluster, worker);
    const timeouts = { tlsBoot: "1m" };
    assert.match((await judge([{ ...join, timeouts }])).words, /unknown field "timeouts\.tlsBoot"/);
    const range = { ...cluster, podRange: "10.243.0.0/99" };
    assert.match((await judge(kubeadmDocuments(range, master))).words, /networking\.podSubnet/);
  });

  const overrides: KubeadmOverrides = {
    imageRepository: "registry.example.com/k8s",
    apiServer: { extraArgs: [{ name: "audit-log-path", value: "-" }] },
    etcd: { extraArgs: [{ name: "quota-backend-bytes", value: "1000000000" }] },
    kubelet: { maxPods: 50, systemReserved: { memory: "200Mi" } },
    kubeProxy: { mode: "nftables", syncPeriod: "1m" },
  };
  for (const [title, kubeadm] of [
    ["", {}],
    [" with what its owner wants otherwise", { kubeadm: overrides }],
  ] as const) {
    for (const member of [master, worker]) {
      it(`is that a ${member.role.toLowerCase()}'s documents are right${title}`, async () => {
        await isRight(kubeadmDocuments({ ...cluster, ...kubeadm }, member));
      });
    }
  }

  it("is that the documents of the bench's bare guests are right", async () => {
    await isRight(bareDocuments("master"));
    await isRight(bareDocuments("worker"));
  });
});
