import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { binary } from "../../hack/lab/binaries.ts";
import { virtualMachines, type RunStrategy } from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { pods } from "../../src/kube/object.ts";
import type { Nestctl } from "../support/nestctl.ts";
import { Terminal } from "../support/terminal.ts";
import { startApiServer } from "./harness/api-server.ts";
import { eventually, type Cluster } from "./harness/cluster.ts";
import { startController, type RunningController } from "./harness/controller.ts";
import { MachineLife } from "./harness/machine-life.ts";
import { withNestctl } from "./harness/nestctl.ts";
import { machine } from "./harness/objects.ts";

describe("nestctl", () => {
  let cluster: Cluster;
  let client: Client;
  let nestctl: Nestctl;
  let namespace: string;

  const { flags, run, attempt } = withNestctl((stage) => ({ cluster, client, nestctl, namespace } = stage));

  describe("shows objects", () => {
    beforeEach(async () => {
      for (const name of ["a", "b"]) {
        await client.create(virtualMachines, {
          ...machine(namespace, name, "Halted"),
          metadata: { namespace, name, labels: { app: name } },
        });
      }
    });

    it("by the API server's columns, and in kubectl's formats", async () => {
      assert.match(await run("get", "vm"), /^NAME +STATUS +READY +AGE\na +\d+m?s\nb +\d+m?s\n$/);
      assert.match(await run("get", "vm", "-o", "wide"), /^NAME +STATUS +READY +STRATEGY +NEXT-TRY +AGE\n/);
      assert.equal(
        await run("get", "vm", "-o", "name"),
        "virtualmachine.nestlet.dev/a\nvirtualmachine.nestlet.dev/b\n",
      );
      const one = parse(await run("get", "vm/a", "-o", "yaml")) as {
        kind: string;
        metadata: { name: string };
      };
      assert.deepEqual([one.kind, one.metadata.name], ["VirtualMachine", "a"]);
      const list = JSON.parse(await run("get", "vm", "-o", "json")) as { kind: string; items: object[] };
      assert.deepEqual([list.kind, list.items.length], ["List", 2]);
      assert.equal(await run("get", "vm", "-l", "app=b", "-o", "name"), "virtualmachine.nestlet.dev/b\n");
      assert.match(await run("get"), /^NAME .*\nvirtualmachine\/a /);
      assert.match(await run("get", "vm", "--no-headers"), /^a +\d+m?s\nb +\d+m?s\n$/);
      assert.match(
        await run("get", "vm", "-A"),
        new RegExp(`^NAMESPACE +NAME .*\\n(.*\\n)*${namespace} +a `),
      );
    });

    it("by the context's namespace, and says that there is nothing", async () => {
      const file = join(nestctl.folder, "context.kubeconfig");
      const config = JSON.parse(await readFile(cluster.server.kubeconfig, "utf8")) as { contexts: object[] };
      config.contexts.push({ name: "here", context: { cluster: "test", user: "admin", namespace } });
      await writeFile(file, JSON.stringify(config));
      assert.match(
        await nestctl.run(["get", "vm", "--kubeconfig", file, "--context", "here"]),
        /^NAME.*\na /,
      );
      const current = join(nestctl.folder, ".kube/config");
      await mkdir(dirname(current), { recursive: true });
      await writeFile(current, JSON.stringify({ ...config, "current-context": "here" }));
      const ways: Record<string, string>[] = [{}, { KUBECONFIG: current, HOME: "/nonexistent" }];
      for (const env of ways) assert.match((await nestctl.try(["get", "vm"], "", env)).output, /^NAME.*\na /);
      await rm(current);
      const { output, errors, exitCode } = await attempt("get", "cluster");
      assert.deepEqual([output, exitCode], ["", 0]);
      assert.match(errors, new RegExp(`^no objects found in namespace ${namespace}\n$`));
    });

    it("as a plugin of kubectl's, which has it end with its own code", async () => {
      const path = await nestctl.install(join(nestctl.folder, "bin"));
      const kubectl = async (
        ...words: string[]
      ): Promise<{ stdout: string; stderr: string; exitCode?: number | undefined }> =>
        execa(await binary("kubectl"), ["nest", ...words], {
          env: { PATH: path, HOME: nestctl.folder },
          extendEnv: false,
          reject: false,
        });
      assert.equal(
        (await kubectl(...flags(), "get", "vm/a", "-o", "name")).stdout,
        "virtualmachine.nestlet.dev/a",
      );
      const none = await kubectl(...flags(), "get", "vm", "none");
      assert.deepEqual([none.exitCode, /^error: .*"none" not found\n/.test(none.stderr)], [3, true]);
      assert.match((await kubectl("stop", "--help")).stdout, /^Usage: kubectl nest stop /);
    });

    it("leaves when nobody reads any more", async () => {
      const line = `"${process.execPath}" "${nestctl.program}" ${flags().join(" ")} get vm -o yaml | head -n 1`;
      const { stdout, exitCode } = await execa("bash", ["-o", "pipefail", "-c", line], { reject: false });
      assert.match(stdout, /^apiVersion: /);
      assert.ok(exitCode === 0 || exitCode === 1, String(exitCode));
    });
  });

  describe("asks the controller", () => {
    let controller: RunningController;
    let life: MachineLife;
    before(async function () {
      this.timeout(120_000);
      controller = await startController(cluster.server.kubeconfig);
    });
    beforeEach(() => {
      life = new MachineLife(client, namespace);
    });
    after(async () => controller.terminate());

    const create = async (strategy: RunStrategy): Promise<void> => {
      await client.create(virtualMachines, machine(namespace, "a", strategy));
    };

    it("to start, to restart and to stop, and waits until it is done", async function () {
      this.timeout(120_000);
      await create("Manual");
      await life.shows("Stopped");
      const started = run("start", "a", "--wait");
      const first = await life.runs();
      assert.match(await started, /^virtualmachine.nestlet.dev\/a start requested\n$/);
      const restarted = run("restart", "a", "--wait");
      await life.shows("Stopping");
      await life.podGoes();
      await eventually("the next run", async () => ((await life.runs()) !== first ? true : undefined));
      await restarted;
      const stopped = run("stop", "a", "--wait", "--timeout", "1m");
      await life.shows("Stopping");
      await life.podGoes();
      await stopped;
      assert.equal((await life.shows("Stopped")).status?.lastRun?.reason, "StopRequested");
    });

    it("gives the guest less time when forced, and never none", async function () {
      this.timeout(120_000);
      await create("Manual");
      await life.shows("Stopped");
      await run("start", "a");
      await life.runs();
      const pod = await life.watcher.podOf("a");
      await run("stop", "a", "--force", "--grace-period", "0");
      const going = await client.get(pods, namespace, pod.metadata.name);
      assert.notEqual(going.metadata.deletionTimestamp, undefined);
      assert.equal((going.metadata as { deletionGracePeriodSeconds?: number }).deletionGracePeriodSeconds, 1);
      await life.podGoes();
      await life.shows("Stopped");
    });

    it("and tells what it refuses", async () => {
      await create("Always");
      await life.runs();
      const { exitCode, errors } = await attempt("stop", "a");
      assert.equal(exitCode, 1);
      assert.match(errors, /^error: a: .*Always/);
      assert.match(errors, /Halted/);
    });

    it("waits for what is asked, and says what is there when the time is over", async () => {
      await create("Halted");
      assert.equal(await run("wait", "a", "--for", "stopped"), "a: stopped\n");
      const late = await attempt("wait", "a", "--for", "Running", "--timeout", "200ms");
      assert.equal(late.exitCode, 6);
      assert.match(late.errors, /error: a is not Running after 0.2 s: it is Stopped\n.*--timeout/);
      const gone = run("wait", "vm/a", "--for", "delete", "--timeout", "30s");
      await client.delete(virtualMachines, { namespace, name: "a" });
      await gone;
    });

    it("says how to begin with a machine that does not run", async () => {
      await create("Halted");
      await life.shows("Stopped");
      for (const words of [
        ["console", "a"],
        ["ssh", "a"],
        ["pause", "a"],
        ["screenshot", "a"],
        ["logs", "a"],
      ]) {
        const { exitCode, errors } = await attempt(...words);
        assert.equal(exitCode, 1, words.join(" "));
        assert.match(
          errors,
          /^error: a does not run: it is Stopped\nstart it: nestctl start a\n$/,
          words.join(" "),
        );
      }
    });

    it("gathers what there is, without what is secret", async () => {
      const draft = machine(namespace, "a", "Always");
      const { volumes = [], domain } = draft.spec.template.spec;
      const disks = [...(domain.devices?.disks ?? []), { name: "init" }];
      await client.create(virtualMachines, {
        ...draft,
        spec: {
          ...draft.spec,
          template: {
            spec: {
              ...draft.spec.template.spec,
              domain: { ...domain, devices: { ...domain.devices, disks } },
              volumes: [...volumes, { name: "init", cloudInitNoCloud: { userData: "password: opensesame" } }],
            },
          },
        },
      });
      await life.watcher.podOf("a");
      const file = join(nestctl.folder, "diag.tar.gz");
      assert.equal((await attempt("diag", "a", "-f", file)).output, `${file}\n`);
      const { stdout: names } = await execa("tar", ["-tzf", file]);
      for (const name of [
        "VirtualMachine-a.yaml",
        "VirtualMachineInstance-a.yaml",
        "Pod-virt-launcher-a-",
        "events.txt",
        "versions.yaml",
      ]) {
        assert.ok(names.includes(`a-diag/${name}`), `${name} in ${names}`);
      }
      const { stdout: all } = await execa("tar", ["-xzOf", file]);
      assert.match(all, /left out: \d+ characters/);
      assert.doesNotMatch(all, /opensesame/);
    });
  });

  describe("says what is wrong", () => {
    it("with an object that does not exist", async () => {
      for (const words of [
        ["get", "vm", "none"],
        ["start", "none"],
        ["console", "none"],
        ["diag", "none"],
        ["cluster", "nodes", "none"],
      ]) {
        const { exitCode, errors } = await attempt(...words);
        assert.equal(exitCode, 3, words.join(" "));
        assert.match(errors, /^error: .*none.*\n.*nestctl get/, words.join(" "));
      }
    });

    it("with rights", async () => {
      const kubeconfig = await cluster.server.kubeconfigFor("nobody");
      const { exitCode, errors } = await nestctl.try([
        "--kubeconfig",
        kubeconfig,
        "-n",
        namespace,
        "get",
        "vm",
      ]);
      assert.equal(exitCode, 4);
      assert.match(
        errors,
        /^error: .*User "nobody" cannot list resource "virtualmachines".*\nask an administrator/,
      );
      const as = await attempt("--as", "somebody", "--as-group", "a", "--as-group", "b", "get", "vm");
      assert.match(as.errors, /User "somebody" cannot list/);
      assert.equal((await attempt("--as-group", "a", "get", "vm")).exitCode, 2);
    });

    it("with the way to the cluster", async () => {
      const file = join(nestctl.folder, "gone.kubeconfig");
      const text = (await readFile(cluster.server.kubeconfig, "utf8")).replace(
        cluster.server.url,
        "https://127.0.0.1:1",
      );
      await writeFile(file, text);
      const gone = await nestctl.try(["--kubeconfig", file, "get"]);
      assert.equal(gone.exitCode, 5);
      assert.match(
        gone.errors,
        /^error: API server https:\/\/127\.0\.0\.1:1 cannot be reached: .*\n.*--context/,
      );
      const none = await nestctl.try(["get"]);
      assert.equal(none.exitCode, 5);
      assert.match(none.errors, /^error: no kubeconfig was found\nset KUBECONFIG or give --kubeconfig/);
      await writeFile(file, text.replace("https://127.0.0.1:1", "http://127.0.0.1:1"));
      const open = await nestctl.try(["--kubeconfig", file, "get"]);
      assert.equal(open.exitCode, 2);
      assert.match(open.errors, /^error: the server http:\/\/127\.0\.0\.1:1 of the kubeconfig has no TLS/);
      await writeFile(
        file,
        JSON.stringify({ ...(JSON.parse(text) as object), "current-context": undefined }),
      );
      const current = await nestctl.try(["--kubeconfig", file, "get"]);
      assert.equal(current.exitCode, 2);
      assert.match(current.errors, /: no context is current; it has the contexts test\n.*--context/);
      const context = await attempt("--context", "other", "get");
      assert.equal(context.exitCode, 2);
      assert.match(context.errors, /"other" names no cluster; it has the contexts test\n/);
    });

    it("with a cluster without Nestlet", async function () {
      this.timeout(120_000);
      const bare = await startApiServer();
      try {
        for (const words of [["get"], ["get", "vm", "a"], ["cluster", "nodes", "lab"], ["start", "a"]]) {
          const { exitCode, errors } = await nestctl.try(["--kubeconfig", bare.kubeconfig, ...words]);
          assert.equal(exitCode, 3, words.join(" "));
          assert.match(errors, /Nestlet is not installed in this cluster\ninstall it/, words.join(" "));
        }
      } finally {
        await bare.stop();
      }
    });

    it("with the command line", async () => {
      for (const [words, message] of [
        [["fly"], /unknown command 'fly'/],
        [["get", "pods"], /there is no kind "pods"\nuse vm, vmi/],
        [["get", "-o", "xml"], /'xml' is invalid. Allowed choices are json, yaml/],
        [["wait", "a"], /required option '--for <wish>'/],
        [["stop", "a", "--timeout", "soon"], /--timeout: "soon" is no duration/],
        [["create", "vm", "web"], /there is no root disk/],
        [["-n", "A_B", "get"], /--namespace: "A_B" is no name/],
        [["validate", "none.yaml"], /none\.yaml cannot be read: ENOENT.*\nsee whether the path is right/],
      ] as const) {
        const { exitCode, errors } = await attempt(...words);
        assert.equal(exitCode, 2, words.join(" "));
        assert.match(errors, message);
      }
    });

    it("in colour on a terminal that wants it, and nowhere else", async () => {
      const words = [process.execPath, nestctl.program, "get", "pods"];
      const shown = async (...settings: string[]): Promise<string> => {
        // Nothing of the surroundings: CI, TMUX and others have a say in colour too.
        const terminal = new Terminal(["env", "-i", "TERM=xterm", ...settings, ...words]);
        assert.equal(await terminal.ended(), 2);
        return terminal.heard;
      };
      const red = "\u001b[31merror:";
      assert.ok((await shown()).includes(red));
      assert.ok(!(await shown("NO_COLOR=1")).includes(red));
      assert.ok(!(await attempt("get", "pods")).errors.includes(red));
    });

    it("with a manifest, as the API server does", async () => {
      const right = await nestctl.run(["create", "vm", "web", "--image", "x/y:1"]);
      const wrong = right.replace("guest: 1Gi", "guest: 1M");
      const { exitCode, output } = await nestctl.try(["validate", "-"], wrong);
      assert.equal(exitCode, 1);
      assert.match(
        output,
        /^\(standard input\):\d+: VirtualMachine web: spec\.template\.spec\.domain\.memory\.guest: 1M is too little/,
      );
      const draft = { ...(parse(wrong) as object), metadata: { namespace, name: "web" } };
      await assert.rejects(
        client.create(virtualMachines, draft as never),
        /1M is too little memory for a guest/,
      );
      for (const [own, field] of [
        [{ name: "Web" }, "metadata.name"],
        [{ name: "web", labels: { "a/b/c": "" } }, "metadata.labels"],
        [{ name: "web", labels: { app: "a b" } }, "metadata.labels"],
      ] as const) {
        const named = { ...(parse(right) as object), metadata: { namespace, ...own } };
        const { output: found } = await nestctl.try(["validate", "-"], JSON.stringify(named));
        assert.ok(found.includes(`: ${field}`), found);
        await assert.rejects(
          client.create(virtualMachines, named as never),
          new RegExp(`\\b${field}: Invalid`),
        );
      }
    });
  });
});
