import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { coreOSClusters, virtualMachines } from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { configMaps, secrets, services } from "../../src/kube/object.ts";
import type { Nestctl } from "../support/nestctl.ts";
import { Terminal } from "../support/terminal.ts";
import type { Cluster } from "./harness/cluster.ts";
import { startGarbageCollector } from "./harness/controllers.ts";
import { withNestctl } from "./harness/nestctl.ts";
import { machine } from "./harness/objects.ts";

describe("nestctl, which makes and changes things,", () => {
  let cluster: Cluster;
  let client: Client;
  let nestctl: Nestctl;
  let namespace: string;

  const { flags, run, attempt } = withNestctl((stage) => ({ cluster, client, nestctl, namespace } = stage));

  describe("makes objects", () => {
    it("whose manifests the API server takes", async () => {
      const key = join(nestctl.folder, "key.pub");
      await writeFile(
        key,
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me\n",
      );
      const vm = await nestctl.run([
        ...["create", "vm", "web", "--image", "x/y:1", "--size", "10Gi", "--cpus", "2", "--ssh-key", key],
        ...["--empty-disk", "1Gi", "--data-claim", "data", "--label", "app=web", "--run-strategy", "Manual"],
      ]);
      const lab = await nestctl.run([
        ...[
          "create",
          "cluster",
          "lab",
          "--workers",
          "1",
          "--pool",
          "gpu=2",
          "--persistent",
          "--memory",
          "2Gi",
        ],
        ...["--expose", "NodePort", "--ssh-key", key],
      ]);
      assert.match(await nestctl.run(["validate", "-"], `${vm}---\n${lab}`), /^2 object\(s\) are valid\n$/);
      const made = parse(vm) as Parameters<typeof client.create<never>>[1];
      await client.create(virtualMachines, {
        ...(made as object),
        metadata: { namespace, name: "web" },
      } as never);
      await client.create(coreOSClusters, {
        ...(parse(lab) as object),
        metadata: { namespace, name: "lab" },
      } as never);
    });

    it("and Services for them", async () => {
      await client.create(virtualMachines, machine(namespace, "web", "Halted"));
      assert.equal(
        await run("expose", "web", "--port", "80", "--target-port", "8080"),
        "service/web created\n",
      );
      const { spec } = await client.get(services, namespace, "web");
      assert.deepEqual(spec.selector, { "nestlet.dev/virtual-machine": "web" });
      assert.equal(spec.ports?.[0]?.targetPort, 8080);
      const again = await attempt("expose", "web", "--port", "80");
      assert.deepEqual([again.exitCode, /choose another name/.test(again.errors)], [1, true]);
      assert.equal((await attempt("expose", "other", "--port", "80")).exitCode, 3);
    });
  });

  describe("keeps the catalog", () => {
    const catalog = async (): Promise<Record<string, string>> =>
      (await client.get(configMaps, "nestlet-system", "nestlet-catalog")).data ?? {};

    const defaultImage = async (): Promise<string | undefined> =>
      (await client.get(configMaps, "nestlet-system", "nestlet-catalog")).metadata.annotations?.[
        "nestlet.dev/default-image"
      ];

    it("lists, adds, changes and removes images", async () => {
      const before = await catalog();
      const add = ["image", "add", "tried", "--image", "r.example/x:1", "--kubernetes"];
      assert.equal(await run(...add, "v1.36.3"), "image tried added\n");
      assert.match(
        await run("image", "list"),
        /^NAME +DEFAULT +KUBERNETES .*\n(.*\n)*tried +v1\.36\.3 +coreos-lab +r\.example\/x:1\n/,
      );
      assert.equal(await run(...add, "v1.36.4", "--default"), "image tried changed\n");
      const entries = JSON.parse(await run("image", "list", "-o", "json")) as Record<
        string,
        { default?: boolean }
      >;
      assert.deepEqual(
        Object.entries(entries).flatMap(([name, entry]) => (entry.default === true ? [name] : [])),
        ["tried"],
      );
      // As helm upgrade does, which knows its own entries alone.
      await client.mergePatch(
        configMaps,
        { namespace: "nestlet-system", name: "nestlet-catalog" },
        { data: before },
      );
      assert.match(await run("image", "list"), /^tried +yes /m);
      assert.doesNotMatch(await run("image", "list"), /^coreos-lab +yes /m);
      assert.equal(await run("image", "remove", "tried"), "image tried removed\n");
      assert.equal(await defaultImage(), undefined);
      assert.equal((await attempt("image", "remove", "tried")).exitCode, 3);
    });

    it("has entries for all names of a pattern, and with Kubernetes on a disk of its own", async () => {
      await run(
        ...["image", "add", "any-tried", "--match", "tried-(1\\.\\d+\\.\\d+)"],
        ...["--image", "r.example/x:$1", "--kubernetes", "v$1"],
      );
      await run(
        ...["image", "add", "with-payload", "--image", "r.example/f:1", "--payload", "r.example/p:1"],
        ...["--kubernetes", "v1.36.3", "--flavour", "flatcar", "--ignition", "3.4.0"],
      );
      const shown = await run("image", "list");
      assert.match(shown, /^any-tried \(tried-\S+\) .* r\.example\/x:\$1$/m);
      assert.match(shown, /^with-payload .* flatcar +r\.example\/f:1 +r\.example\/p:1$/m);
      await run("image", "remove", "any-tried");
      await run("image", "remove", "with-payload");
    });

    it("refuses what the controller would", async () => {
      const { exitCode, errors } = await attempt(
        "image",
        "add",
        "x",
        "--image",
        "r.example/x:1",
        "--kubernetes",
        "1.36",
      );
      assert.equal(exitCode, 2);
      assert.match(errors, /versions is \["1.36"\]; give a list such as \[v1.36.3\]/);
      assert.match(
        (await attempt("image", "list", "--system-namespace", "nowhere")).errors,
        /there is no catalog: .*nowhere/,
      );
    });
  });

  describe("knows clusters", () => {
    const labels = (role: string): Record<string, string> => ({
      "nestlet.dev/cluster": "lab",
      "nestlet.dev/role": role,
    });
    const config = JSON.stringify({
      clusters: [{ name: "lab", cluster: { server: "https://lab-api:6443" } }],
      users: [{ name: "lab-admin", user: { token: "t" } }],
    });
    beforeEach(async () => {
      await client.create(coreOSClusters, {
        metadata: { namespace, name: "lab" },
        spec: { workers: { replicas: 1 } },
      });
      for (const [name, role] of [
        ["lab-node-0", "worker"],
        ["lab-master-0", "master"],
      ] as const) {
        await client.create(virtualMachines, {
          ...machine(namespace, name, "Halted"),
          metadata: { namespace, name, labels: labels(role) },
        });
      }
    });

    it("and their members", async () => {
      assert.match(await run("cluster", "get"), /^NAME +READY .*\nlab /);
      assert.match(
        await run("cluster", "nodes", "lab"),
        /^NAME +GROUP +STATUS +IP\nlab-master-0 +master +Pending\nlab-node-0 +worker +Pending\n$/,
      );
      assert.match(await run("cluster", "nodes", "lab", "-o", "wide"), /lab-node-0 .* 192\.168\.10\.2 /);
      assert.match(await run("cluster", "inventory", "lab"), /^# lab-master-0 does not run\n/);
      const nobody = await attempt("cluster", "ssh", "lab", "node-7");
      assert.deepEqual(
        [nobody.exitCode, /no member "node-7"\nit has lab-master-0, lab-node-0/.test(nobody.errors)],
        [3, true],
      );
      const stopped = await attempt("cluster", "exec", "lab", "-g", "workers", "--", "true");
      assert.equal(stopped.exitCode, 255);
      assert.match(stopped.errors, /lab-node-0: it does not run: it is Stopped\nfailed on 1 of 1 members\n/);
    });

    it("in each of kubectl's formats, as all that is listed", async () => {
      for (const [words, names] of [
        [["cluster", "get"], /^coreoscluster\.nestlet\.dev\/lab\n$/],
        [
          ["cluster", "nodes", "lab"],
          /^virtualmachine\.nestlet\.dev\/lab-master-0\nvirtualmachine\S+node-0\n$/,
        ],
        [["image", "list"], /^coreos-lab$/m],
      ] as const) {
        assert.match(await run(...words, "-o", "name"), names);
        const json = JSON.parse(await run(...words, "-o", "json")) as object;
        assert.deepEqual(parse(await run(...words, "-o", "yaml")), json);
        const [header, wide] = [await run(...words), await run(...words, "-o", "wide")];
        assert.ok(wide.indexOf("\n") >= header.indexOf("\n") && header.startsWith("NAME "), wide);
      }
    });

    it("and all that helps to find a fault of theirs, without what is secret", async () => {
      const inline = JSON.stringify({ ignition: { version: "3.3.0" }, storage: { note: "opensesame" } });
      await client.mergePatch(
        coreOSClusters,
        { namespace, name: "lab" },
        { spec: { ignition: { snippets: [{ inline }] } } },
      );
      await client.create(secrets, {
        metadata: { namespace, name: "lab-ca", labels: labels("master") },
        data: { "tls.key": Buffer.from("opensesame").toString("base64") },
      });
      await client.create(services, {
        metadata: { namespace, name: "lab-api", labels: { "nestlet.dev/cluster": "lab" } },
        spec: { ports: [{ port: 6443 }] },
      });
      const file = join(nestctl.folder, "cluster.tar.gz");
      assert.equal(await run("cluster", "diag", "lab", "-f", file), `${file}\n`);
      const { stdout: names } = await execa("tar", ["-tzf", file]);
      const folder = "lab-cluster-diag";
      assert.deepEqual(names.split("\n").toSorted(), [
        `${folder}/CoreOSCluster-lab.yaml`,
        `${folder}/endpointslices.yaml`,
        `${folder}/events.txt`,
        `${folder}/lab-master-0/VirtualMachine-lab-master-0.yaml`,
        `${folder}/lab-node-0/VirtualMachine-lab-node-0.yaml`,
        `${folder}/services.yaml`,
        `${folder}/versions.yaml`,
      ]);
      const { stdout: all } = await execa("tar", ["-xzOf", file]);
      assert.match(all, /name: lab-api/);
      assert.match(all, /left out: \d+ characters/);
      for (const secret of ["opensesame", Buffer.from("opensesame").toString("base64")])
        assert.ok(!all.includes(secret), secret);
      await run("cluster", "diag", "lab", "-f", file, "--member", "node-0");
      assert.doesNotMatch((await execa("tar", ["-tzf", file])).stdout, /master-0/);
      assert.equal((await attempt("cluster", "diag", "none", "-f", file)).exitCode, 3);
    });

    it("and their kubeconfigs", async () => {
      const none = await attempt("cluster", "kubeconfig", "lab");
      assert.equal(none.exitCode, 1);
      assert.match(none.errors, /has no kubeconfig yet: .*\nwait for it: nestctl wait cluster lab/);
      const value = Buffer.from(config).toString("base64");
      await client.create(secrets, { metadata: { namespace, name: "lab-kubeconfig" }, data: { value } });
      assert.equal(await run("cluster", "kubeconfig", "lab"), config);
      assert.match(
        (await attempt("cluster", "kubeconfig", "lab", "--for", "outside")).errors,
        /cannot be reached from outside/,
      );
      const file = join(nestctl.folder, "mine");
      await writeFile(file, "# mine\napiVersion: v1\nkind: Config\ncurrent-context: home\n");
      assert.match(
        await run("cluster", "kubeconfig", "lab", "--merge", "--file", file),
        /context nest-lab is in /,
      );
      const text = await readFile(file, "utf8");
      assert.match(text, /^# mine\n/);
      const merged = parse(text) as { contexts: { name: string }[]; "current-context": string };
      assert.deepEqual([merged.contexts[0]?.name, merged["current-context"]], ["nest-lab", "home"]);
      await run("cluster", "kubeconfig", "lab", "--merge", "--use", "--file", file);
      assert.match(await readFile(file, "utf8"), /^current-context: nest-lab$/m);
      const alone = await attempt("cluster", "kubeconfig", "lab", "--use");
      assert.deepEqual([alone.exitCode, /add --merge/.test(alone.errors)], [2, true]);
    });

    it("and shows the present step in one line of a terminal", async () => {
      const words = [...flags(), "cluster", "up", "lab", "--timeout", "2s"];
      const terminal = new Terminal([process.execPath, nestctl.program, ...words]);
      assert.equal(await terminal.ended(), 6);
      const steps = terminal.heard.split("\n").filter((line) => line.includes("waiting for the controller"));
      assert.equal(steps.length, 1, terminal.heard);
      assert.match(steps[0] ?? "", /0 s {2}waiting[^]*\[1G[12] s {2}waiting/);
    });

    it("and changes them as kube-up did", async () => {
      const nodes = { NUM_NODES: "2" };
      const up = await nestctl.try([...flags(), "cluster", "up", "lab", "--no-wait"], "", nodes);
      assert.equal(up.output, "coreoscluster.nestlet.dev/lab scaled\n", up.errors);
      assert.equal((await client.get(coreOSClusters, namespace, "lab")).spec.workers?.replicas, 2);
      assert.match(await run("cluster", "up", "new", "--no-wait"), /new created/);
      assert.equal((await client.get(coreOSClusters, namespace, "new")).spec.workers?.replicas, 3);
      const late = await attempt("cluster", "up", "lab", "--timeout", "1s");
      assert.equal(late.exitCode, 6);
      assert.match(late.errors, /waiting for the controller/);
      const collector = await startGarbageCollector(cluster.server.kubeconfig);
      try {
        assert.match(await run("cluster", "down", "new"), /new deleted/);
      } finally {
        await collector.stop();
      }
      assert.equal((await attempt("cluster", "down", "new")).exitCode, 3);
    });
  });
});
