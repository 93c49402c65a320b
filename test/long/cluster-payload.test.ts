import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builders } from "../../hack/images/images.ts";
import { run } from "../../hack/lib/exec.ts";
import { repoRoot } from "../../hack/lib/paths.ts";
import { builtKubernetes, setCatalogEntry } from "../support/catalog.ts";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import type { Kubectl } from "../support/kubectl.ts";
import {
  CLUSTER_READY_MS,
  LOOK_MS,
  nodeNames,
  openCluster,
  smallCluster,
  untilReady,
  type CoreOSCluster,
} from "../support/nested.ts";
import { condition, type Condition } from "../support/objects.ts";

const name = "payload";
const entry = "coreos-base-of-a-test";
/** No registry has it: it has to come from the disk. */
const whoami = "nestlet.dev/whoami:1";

/** Sees all of its node. */
const looker = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "looker" },
  spec: {
    nodeName: `${name}-node-0`,
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: "looker",
        image: whoami,
        imagePullPolicy: "Never",
        securityContext: { privileged: true },
        volumeMounts: [{ name: "node", mountPath: "/node", readOnly: true }],
      },
    ],
    volumes: [{ name: "node", hostPath: { path: "/" } }],
  },
};

describe("a nested cluster whose image does not hold Kubernetes", function () {
  this.timeout(CLUSTER_READY_MS + 60_000);
  let host: Kubectl;
  let guest: Kubectl;
  let directory: string;

  before(async () => {
    const base = await builders.coreosBase(console.log);
    const payload = await builders.coreosPayload(console.log);
    await run(join(repoRoot, "hack/lab.sh"), ["load-image", base.archive, payload.archive]);
    const versions = [await builtKubernetes()];
    await setCatalogEntry(entry, { image: base.ref, payload: payload.ref, versions });
    host = await ownNamespace(name);
    directory = await mkdtemp(join(tmpdir(), "nestlet-payload-"));
  });
  after(async () => {
    await setCatalogEntry(entry, null);
    await rm(directory, { recursive: true });
    await deleteNamespace(host);
  });

  it("becomes Ready with Kubernetes from a disk of its own", async () => {
    const { spec, ...rest } = smallCluster(name, 1) as { spec: object };
    await host.apply({ ...rest, spec: { ...spec, image: entry } });
    const { status } = await untilReady(host, name, 1);
    const { source } = status as CoreOSCluster["status"] & { source?: { payload?: string } };
    assert.match(source?.payload ?? "", /\/coreos-payload:/);
    guest = await openCluster(host, name, directory);
    assert.deepEqual(await nodeNames(guest), ["payload-master-0", "payload-node-0"]);
  });

  it("has the container images of that disk", async () => {
    await guest.apply(looker);
    await eventually(
      async () => {
        const pod = await guest.get<{ status: { conditions?: Condition[] } }>("pod", "looker");
        assert.equal(condition(pod, "Ready")?.status, "True", JSON.stringify(pod.status));
      },
      240_000,
      LOOK_MS,
    );
  });

  it("runs the disk's programs, merged into a /usr that cannot be written to", async () => {
    const mounts = await guest.run(["exec", "looker", "--", "cat", "/node/proc/1/mounts"]);
    assert.match(mounts, /^\S+ \/run\/extensions\/nestlet squashfs ro,/m);
    assert.match(mounts, /^sysext \/usr overlay ro,/m);
    await guest.run(["exec", "looker", "--", "ls", "/node/usr/bin/kubelet", "/node/usr/libexec/cni/bridge"]);
  });
});
