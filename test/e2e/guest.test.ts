import assert from "node:assert/strict";
import { readSettings } from "../../hack/lab/settings.ts";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { answers, ignitionConfig, Login } from "../support/guest.ts";
import { launcherPodOf, waitForPhase } from "../support/instances.ts";
import {
  ipv6Tests,
  ipv6TestsAfterReboot,
  OTHER_IDENTITY,
  pod6Of,
  type IPv6Guest,
} from "../support/ipv6-guest.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { Neighbour } from "../support/neighbour.ts";
import { whileDropping } from "../support/node-filter.ts";
import { addressOf, condition, machine, type Instance } from "../support/objects.ts";
import { PodTraces } from "../support/pod-traces.ts";

const BOOT_MS = 180_000;
const image = "nestlet.dev/coreos-lab:1.36";

/** Written by Ignition; proves that the config, a file and a unit of it reached the guest. */
const marker = {
  storage: {
    files: [{ path: "/etc/nestlet-e2e", mode: 0o644, contents: { source: "data:,written%20by%20Ignition" } }],
  },
  systemd: {
    units: [
      {
        name: "nestlet-e2e.service",
        enabled: true,
        contents:
          "[Service]\nType=oneshot\nExecStart=/usr/bin/touch /run/nestlet-e2e\n[Install]\nWantedBy=multi-user.target\n",
      },
    ],
  },
};

describe("a real guest in the lab", () => {
  let kubectl: Kubectl;
  let login: Login;
  let neighbour: Neighbour | undefined;
  let address = "";
  before(async () => {
    kubectl = await ownNamespace("guest");
    login = await Login.create();
    neighbour = await Neighbour.start();
  });
  after(async () => {
    await Promise.all([deleteNamespace(kubectl), neighbour?.remove()]);
    await login.remove();
  });

  it("waits without a pod for the Secret of its Ignition config, and goes on by itself", async () => {
    const ignition = { secretRef: { name: "guest-ignition" } };
    const exec = { command: ["test", "-e", "/etc/nestlet-ready"] };
    const readinessProbe = { exec, periodSeconds: 2, timeoutSeconds: 10 };
    const spec = { readinessProbe };
    await kubectl.apply(machine("coreos", { image, memory: "1Gi", ignition, grace: 120, spec }));
    await eventually(async () => {
      const waiting = await kubectl.get<Instance>("vmi", "coreos");
      assert.equal(waiting.status?.phase, "Pending");
      assert.match(JSON.stringify(waiting.status), /guest-ignition/);
      // A controller that was killed, with a lab that was, waits for its old Lease to run out.
    }, 60_000);
    assert.deepEqual(await kubectl.list("pods"), []);
    await kubectl.apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "guest-ignition" },
      stringData: { userdata: ignitionConfig(login.publicKey, marker) },
    });
    const running = await waitForPhase(kubectl, "coreos", "Running");
    address = addressOf(running);
  });

  it("lets the user in by ssh at the pod's address, as Ignition says", async () => {
    await login.wait(address, BOOT_MS);
    assert.equal(await login.run(address, "hostname"), "coreos");
    assert.equal(
      await login.run(address, "cat /etc/nestlet-e2e; ls /run/nestlet-e2e"),
      "written by Ignition/run/nestlet-e2e",
    );
    assert.match(await login.run(address, "ip -4 -o address show"), new RegExp(`inet ${address}/`));
    assert.equal(await login.run(address, "sudo id -u"), "0");
  });

  it("is ready when the program of its readiness probe, which its agent runs, says so", async () => {
    const ready = async (status: string): Promise<void> => {
      await eventually(async () => {
        const found = condition(await kubectl.get<Instance>("vmi", "coreos"), "Ready");
        assert.equal(found?.status, status, found?.message);
      }, 60_000);
    };
    await ready("False");
    await login.run(address, "sudo touch /etc/nestlet-ready");
    await ready("True");
  });

  it("shows its console in the pod's log, line by line and without control sequences", async () => {
    const { metadata } = await launcherPodOf(kubectl, "coreos");
    await login.run(address, "echo 'nestlet-e2e says '$((6 * 7)) | sudo tee /dev/ttyS0");
    await eventually(async () => {
      const lines = (await kubectl.run(["logs", metadata.name])).split("\n");
      // A login prompt may stand before it, on the same line.
      assert.ok(
        lines.some((line) => line.endsWith("nestlet-e2e says 42")),
        lines.slice(-20).join("\n"),
      );
      assert.ok(lines.some((line) => line.startsWith("{") && line.includes('"step":"running"')));
      assert.doesNotMatch(lines.join(""), /(?!\t)\p{Cc}/u);
    }, 20_000);
  });

  it("knows the cluster's names, and reaches Services", async () => {
    assert.match(
      await login.run(address, "getent hosts kubernetes.default.svc.cluster.local"),
      /kubernetes\.default/,
    );
    assert.match(await login.run(address, "getent hosts kubernetes.default"), /kubernetes\.default/);
    const status = "curl -sk -o /dev/null -w '%{http_code}' https://kubernetes.default/healthz";
    assert.match(await login.run(address, status), /^(200|401|403)$/);
  });

  it("is reached through a Service", async () => {
    await kubectl.apply({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "ssh" },
      spec: {
        selector: { "nestlet.dev/virtual-machine-instance": "coreos" },
        ports: [{ port: 2222, targetPort: 22 }],
      },
    });
    const service = await kubectl.get<{ spec: { clusterIP: string } }>("service", "ssh");
    await eventually(async () => assert.ok(await answers(service.spec.clusterIP, 2222)), 20_000);
  });

  it("is kept from whom its node's filter keeps out, and what it sends as well", async () => {
    const { spec } = await kubectl.get<{ spec: { clusterIP: string } }>("service", "ssh");
    await whileDropping(["-d", address, "-p", "tcp", "--dport", "22"], async () => {
      assert.equal(await answers(address, 22), false);
      assert.equal(await answers(spec.clusterIP, 2222), false, "through the Service");
    });
    assert.equal(await answers(address, 22), true);
    const lookUp = "timeout 8 getent hosts kubernetes.default.svc.cluster.local || echo nothing";
    await whileDropping(["-s", address, "-d", readSettings().podRange], async () => {
      await login.run(address, "sudo resolvectl flush-caches");
      assert.equal(await login.run(address, lookUp), "nothing");
    });
    await eventually(async () => assert.match(await login.run(address, lookUp), /kubernetes/), 60_000);
  });

  const whereIPv6 = (title: string, tests: () => void): void => {
    describe(title, () => {
      before(function () {
        if (neighbour === undefined) this.skip();
      });
      tests();
    });
  };
  const guest6 = (): IPv6Guest => ({
    kubectl,
    name: "coreos",
    neighbour: neighbour ?? assert.fail("no pod has IPv6"),
    inGuest: async (command) => login.run(address, command),
  });

  whereIPv6("by IPv6, where pods have it", () => ipv6Tests(guest6));

  describe("rebooted", () => {
    it("is in the same pod, and Ignition does not run again", async () => {
      const pod = await launcherPodOf(kubectl, "coreos");
      await login.run(address, `sudo rm /etc/nestlet-e2e && ${OTHER_IDENTITY}`);
      await login.reboot(address, BOOT_MS);
      assert.equal(await login.run(address, "test -e /etc/nestlet-e2e && echo there || echo gone"), "gone");
      assert.equal((await launcherPodOf(kubectl, "coreos")).metadata.uid, pod.metadata.uid);
      await eventually(async () => {
        assert.equal(condition(await kubectl.get<Instance>("vmi", "coreos"), "Ready")?.status, "True");
      }, 60_000);
    });
  });

  whereIPv6("rebooted, by IPv6", () => {
    ipv6TestsAfterReboot(guest6);

    it("the pod is silent on its address: the neighbour knows it by the guest's MAC", async () => {
      const address6 = await pod6Of(guest6());
      const mac = await login.run(address, "cat /sys/class/net/eth0/address");
      const { neighbour: other } = guest6();
      await other.greeting(address6);
      const known = await other.run("ip", "-6", "neighbour", "show", address6);
      assert.match(known, new RegExp(`lladdr ${mac} `));
    });
  });

  describe("at its end", () => {
    it("shuts down by ACPI when its machine is deleted, and nothing is left", async () => {
      const { metadata } = await launcherPodOf(kubectl, "coreos");
      const traces = await PodTraces.of(metadata.uid);
      const log = kubectl.run(["logs", "--follow", metadata.name]);
      await kubectl.run(["delete", "vm", "coreos", "--timeout=150s"]);
      await eventually(async () => {
        assert.deepEqual(await kubectl.list("vmi"), []);
        assert.deepEqual(await kubectl.list("pods"), []);
      }, 150_000);
      assert.match(await log, /Stopped/, "the launcher's last word is that the guest went down by itself");
      await eventually(async () => assert.deepEqual(await traces.left(), []), 30_000);
    });
  });
});
