import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { repoRoot } from "../../hack/lib/paths.ts";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { Login } from "../support/guest.ts";
import { loadGuestImages } from "../support/guest-images.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { CLUSTER_READY_MS, LOOK_MS, nodeNames, openCluster, untilReady } from "../support/nested.ts";
import type { Instance, Pod } from "../support/objects.ts";

/** As in examples/cluster.yaml. */
const name = "lab";
const workers = 3;
/** Pods of an emulated guest start one after the other. */
const ROLLOUT_SECONDS = 600;

/** In the host cluster: leads to the node port of the guest's Service `frontend`. */
const hostService = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "guestbook" },
  spec: {
    selector: { "nestlet.dev/cluster": name, "nestlet.dev/role": "worker" },
    ports: [{ port: 80, targetPort: 30_080 }],
  },
};

describe("the guestbook in the cluster of examples/cluster.yaml", function () {
  this.timeout(CLUSTER_READY_MS + 60_000);
  let host: Kubectl;
  let guest: Kubectl;
  let login: Login;
  let directory: string;
  let url: string;

  before(async () => {
    host = await ownNamespace("guestbook");
    directory = await mkdtemp(join(tmpdir(), "nestlet-guestbook-"));
    login = await Login.create();
    // As it is, but for a way in for the guestbook's images.
    const file = await readFile(join(repoRoot, "examples/cluster.yaml"), "utf8");
    const example = parse(file) as { spec: object };
    const ssh = { authorizedKeys: [login.publicKey] };
    await host.apply({ ...example, spec: { ...example.spec, ssh } }, hostService);
    await untilReady(host, name, workers);
    guest = await openCluster(host, name, directory);
  });
  after(async () => {
    await login.remove();
    await rm(directory, { recursive: true });
    await deleteNamespace(host);
  });

  it("has a master and three workers", async () => {
    const members = Array.from({ length: workers }, (_, index) => `${name}-node-${index}`);
    assert.deepEqual(await nodeNames(guest), [`${name}-master-0`, ...members]);
  });

  it("gets its images into the workers without a registry", async () => {
    const load = async (index: number): Promise<void> => {
      const { status } = await host.get<Instance>("vmi", `${name}-node-${index}`);
      const address = status?.interfaces?.[0]?.ipAddress ?? "";
      await login.wait(address, 120_000);
      await loadGuestImages(login, address, ["guestbookRedis", "guestbookFrontend"]);
    };
    // Each keeps one processor of its guest busy.
    await Promise.all(Array.from({ length: workers }, async (_, index) => load(index)));
  });

  it("runs", async () => {
    await guest.run(["apply", "-f", join(repoRoot, "examples/guestbook.yaml")]);
    for (const deployment of ["redis-leader", "redis-follower", "frontend"]) {
      await guest.run(["rollout", "status", `deployment/${deployment}`, `--timeout=${ROLLOUT_SECONDS}s`]);
    }
  });

  it("is reached from the host cluster through a Service", async () => {
    const service = await host.get<{ spec: { clusterIP: string } }>("service", "guestbook");
    url = `http://${service.spec.clusterIP}`;
    await eventually(
      async () => {
        const answer = await fetch(url, { signal: AbortSignal.timeout(20_000) });
        assert.equal(answer.status, 200);
        assert.match(await answer.text(), /<h1>Guestbook<\/h1>/);
      },
      120_000,
      LOOK_MS,
    );
  });

  it("gives back from every follower what was written through the front end", async () => {
    const entry = `written at ${new Date().toISOString()}`;
    const written = await fetch(`${url}/entries`, {
      method: "POST",
      body: new URLSearchParams({ entry }),
      redirect: "manual",
      signal: AbortSignal.timeout(20_000),
    });
    assert.equal(written.status, 303, await written.text());
    const followers = await guest.list<Pod>("pods", "-l", "app=redis,role=follower");
    assert.equal(followers.length, 2);
    const redis = async (pod: Pod, ...command: string[]): Promise<string> =>
      guest.run(["exec", pod.metadata.name, "--", "redis-cli", ...command]);
    await eventually(
      async () => {
        for (const pod of followers) {
          assert.match(await redis(pod, "role"), /^slave\nredis-leader\n6379\nconnected/);
          assert.equal((await redis(pod, "lrange", "guestbook", "0", "-1")).trim(), entry);
        }
        const read = await fetch(`${url}/entries`, { signal: AbortSignal.timeout(20_000) });
        assert.deepEqual(await read.json(), [entry]);
      },
      120_000,
      LOOK_MS,
    );
  });
});
