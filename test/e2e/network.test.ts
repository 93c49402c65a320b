import assert from "node:assert/strict";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { claim } from "../support/disks.ts";
import { eventually } from "../support/eventually.ts";
import { answers, datagramAnswer, ignitionConfig, Login } from "../support/guest.ts";
import { launcherPodOf, waitForPhase } from "../support/instances.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { addressOf, condition, machine, type Instance } from "../support/objects.ts";

const BOOT_MS = 300_000;
const image = "nestlet.dev/coreos-lab:1.36";

/**
 * One guest behind its pod's address. It listens on 8080 and 9090 of TCP, 7007 and 8080 of UDP; let in are 22 and 8080 of
 * TCP, and 7007 of UDP. What it writes is on a claim.
 */
describe("a guest with masquerade, and its root on a claim", () => {
  let kubectl: Kubectl;
  let login: Login;
  let address = "";
  const socket = (port: number): object[] => [
    {
      name: `answer-${port}.socket`,
      enabled: true,
      contents: `[Socket]\nListenStream=${port}\nAccept=yes\n[Install]\nWantedBy=sockets.target\n`,
    },
    {
      name: `answer-${port}@.service`,
      contents: `[Service]\nExecStart=/bin/sh -c 'echo answer-${port}'\nStandardOutput=socket\n`,
    },
  ];

  /** Sends back what it is sent, with its port before it. */
  const echo = (port: number): object => {
    const program = `/usr/bin/socat -t 10 UDP4-RECVFROM:${port},fork 'EXEC:sed s/^/echo-${port}-/'`;
    return {
      name: `echo-${port}.service`,
      enabled: true,
      contents: `[Service]\nExecStart=${program}\n[Install]\nWantedBy=multi-user.target\n`,
    };
  };

  before(async () => {
    kubectl = await ownNamespace("network");
    login = await Login.create();
    const units = [...socket(8080), ...socket(9090), echo(7007), echo(8080)];
    const ports = [{ port: 22 }, { port: 8080 }, { port: 7007, protocol: "UDP" }];
    const inline = ignitionConfig(login.publicKey, { systemd: { units } });
    const spec = {
      domain: {
        memory: { guest: "512Mi" },
        devices: {
          disks: [{ name: "root" }],
          interfaces: [{ name: "default", masquerade: {}, ports }],
        },
      },
      networks: [{ name: "default", pod: { vmNetworkCIDR: "10.77.0.0/24" } }],
      readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 2 },
      volumes: [
        { name: "root", registryDisk: { image, overlay: { claimName: "root" } } },
        { name: "ignition", ignition: { inline } },
      ],
    };
    await kubectl.apply(claim("root", {}, "4Gi"), machine("hidden", { spec }), {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "hidden" },
      spec: {
        selector: { "nestlet.dev/virtual-machine-instance": "hidden" },
        ports: [
          { name: "http", port: 80, targetPort: 8080 },
          { name: "echo", port: 7, targetPort: 7007, protocol: "UDP" },
        ],
      },
    });
    const running = await waitForPhase(kubectl, "hidden", "Running", 120_000);
    address = addressOf(running);
    await login.wait(address, BOOT_MS);
  });
  after(async () => {
    await deleteNamespace(kubectl);
    await login.remove();
  });

  it("has the private address that the spec says, the pod as gateway, and the pod's DNS and MTU", async () => {
    const { status } = await launcherPodOf(kubectl, "hidden");
    assert.equal(address, status.podIP);
    assert.match(await login.run(address, "ip -4 -o address show scope global"), /inet 10\.77\.0\.2\/24/);
    assert.match(await login.run(address, "ip -4 route show default"), /via 10\.77\.0\.1 /);
    assert.equal(await login.run(address, "hostname"), "hidden");
    const { metadata } = await launcherPodOf(kubectl, "hidden");
    const mtu = (await kubectl.run(["exec", metadata.name, "--", "cat", "/sys/class/net/eth0/mtu"])).trim();
    assert.equal(await login.run(address, "cat $(ls -d /sys/class/net/e*/mtu | head -1)"), mtu);
    assert.match(await login.run(address, "getent hosts kubernetes.default.svc.cluster.local"), /kubernetes/);
  });

  it("reaches Services, and is reached through one and by the kubelet's probe", async () => {
    const reach =
      "curl -sk -o /dev/null -w '%{http_code}' https://kubernetes.default.svc.cluster.local/healthz";
    assert.match(await login.run(address, reach), /^(200|401|403)$/);
    const { spec } = await kubectl.get<{ spec: { clusterIP: string } }>("service", "hidden");
    await eventually(async () => assert.ok(await answers(spec.clusterIP, 80)), 60_000);
    await eventually(async () => {
      const ready = condition(await kubectl.get<Instance>("vmi", "hidden"), "Ready");
      assert.equal(ready?.status, "True", "the readiness probe goes through");
    }, 60_000);
  });

  it("answers datagrams, at the pod's address and through a Service", async () => {
    const { spec } = await kubectl.get<{ spec: { clusterIP: string } }>("service", "hidden");
    for (const [host, port] of [
      [address, 7007],
      [spec.clusterIP, 7],
    ] as const) {
      await eventually(
        async () => assert.equal(await datagramAnswer(host, port, "hello"), "echo-7007-hello"),
        60_000,
      );
    }
  });

  it("is closed on the ports that are not listed", async () => {
    assert.equal(await login.run(address, "systemctl is-active answer-9090.socket"), "active");
    assert.equal(await answers(address, 8080), true);
    assert.equal(await answers(address, 9090), false);
  });

  it("is closed to UDP on a port that is listed for TCP", async () => {
    const answer = "echo-8080-hello";
    const inside = `exec 3<>/dev/udp/127.0.0.1/8080; printf hello >&3; timeout 30 head -c ${answer.length} <&3`;
    assert.equal(await login.run(address, inside), answer);
    assert.equal(await datagramAnswer(address, 8080, "hello"), undefined);
  });

  it("is the same machine in its next run, after its pod was killed: by its MAC address, its id and what it wrote", async () => {
    const identity = "cat $(ls -d /sys/class/net/e*/address | head -1) /etc/machine-id";
    const before = await login.run(address, identity);
    await login.run(address, "echo written | sudo tee /var/marker && sync");
    const first = await kubectl.get<Instance>("vmi", "hidden");
    const { metadata } = await launcherPodOf(kubectl, "hidden");
    await kubectl.run(["delete", "pod", metadata.name, "--force", "--grace-period=0"]);
    const next = await eventually(async () => {
      const instance = await kubectl.get<Instance>("vmi", "hidden");
      assert.notEqual(instance.metadata.uid, first.metadata.uid);
      assert.equal(instance.status?.phase, "Running");
      return instance;
    }, 120_000);
    address = addressOf(next);
    await login.wait(address, BOOT_MS);
    assert.equal(await login.run(address, identity), before);
    assert.equal(await login.run(address, "cat /var/marker"), "written");
  });
});
