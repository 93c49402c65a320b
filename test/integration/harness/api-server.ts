import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { openSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { buildBinaries } from "../../../hack/lab/binaries.ts";
import { removeScratch, scratchFolder, spawnChild, withGoMemory } from "./children.ts";

/** A real kube-apiserver with its etcd, on loopback, with nothing else: no scheduler, no controllers, no kubelet. */
export interface ApiServer {
  /** Path of a kubeconfig with all rights. */
  kubeconfig: string;
  /** https://127.0.0.1:port */
  url: string;
  /** Its store: the address, and the path of etcdctl. */
  etcd: { url: string; ctl: string };
  /** Path of the audit log, one JSON object a line; empty unless it was asked for. */
  auditLog: string;
  /** Writes a kubeconfig for one of the users and returns its path. */
  kubeconfigFor(user: keyof typeof users): Promise<string>;
  /** Ends the API server alone, as a crash does, and starts it again with the same data. */
  restart(): Promise<void>;
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  /**
   * Ends etcd as a crash does, starts it again with the same data, and waits for the API server to find it. Only a
   * `durable` one has them.
   */
  restartStore(): Promise<void>;
  /** Forgets the history of all objects but the present: watches from older versions answer 410. */
  compact(): Promise<void>;
  stop(): Promise<void>;
}

/** Who can log in. `nobody` has no rights but those of every authenticated user. */
export const users = {
  admin: { name: "admin", group: "system:masters" },
  nobody: { name: "nobody", group: "" },
  /** The service account that the chart makes, for a release of its own name in its own namespace. */
  controller: { name: "system:serviceaccount:nestlet-system:nestlet", group: "system:serviceaccounts" },
} as const;

const serverArgs = [
  "--authorization-mode=RBAC",
  "--enable-bootstrap-token-auth",
  "--service-account-issuer=https://kubernetes.default.svc",
  "--service-cluster-ip-range=10.96.0.0/16",
  // Nothing runs here that would fill the endpoints of the Service `kubernetes`.
  "--endpoint-reconciler-type=none",
  "--disable-admission-plugins=ServiceAccount",
  "--shutdown-delay-duration=0",
  "--event-ttl=5m",
  "--allow-privileged=true",
];

/** Where an API server listens other than on a free port of loopback, and as whom. */
export interface ApiServerPlace {
  address: string;
  port: number;
  /** Its certificate and key (PEM), and the authority (PEM) whose client certificates it takes. */
  certificate: string;
  key: string;
  authority: string;
}

export interface ApiServerOptions {
  place?: ApiServerPlace;
  /** Flags beside those that every test has. */
  flags?: readonly string[];
  /** What is written survives the end of etcd; otherwise etcd is faster. */
  durable?: boolean;
  /** Log each request that changes something, see `auditLog`. */
  audit?: boolean;
  /** As withGoMemory, for the API server and etcd each. */
  goMemory?: string;
}

export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const { place } = options;
  const binaries = await buildBinaries(undefined, ["kube-apiserver", "etcd", "etcdctl"]);
  const dir = await scratchFolder("api");
  const [etcdPort, peerPort, freePort] = await freePorts(3);
  const { address, port } = place ?? { address: "127.0.0.1", port: freePort };
  const etcdUrl = `http://127.0.0.1:${String(etcdPort)}`;
  const url = `https://${address}:${String(port)}`;
  await writeIdentity(dir);
  if (place !== undefined) await writePlace(dir, place);
  await writeFile(join(dir, "audit-policy.json"), JSON.stringify(auditPolicy));
  const flags = [
    ...[`--bind-address=${address}`, `--advertise-address=${address}`, `--secure-port=${String(port)}`],
    `--etcd-servers=${etcdUrl}`,
    ...flagsOf(dir, options),
  ];
  const environment = withGoMemory(options.goMemory);
  const etcdFlags = storeFlags(dir, etcdUrl, peerPort, options);
  const launchStore = (): ChildProcess => launch(dir, binaries.etcd, etcdFlags, environment);
  const launchServer = (): ChildProcess => launch(dir, binaries["kube-apiserver"], flags, environment);
  let etcd = launchStore();
  let server = launchServer();
  const stopServer = async (): Promise<void> => end(server);
  const startServer = async (): Promise<void> => {
    server = launchServer();
    await ready(url, server, dir);
  };
  const stop = async (): Promise<void> => {
    await stopServer();
    await end(etcd);
    removeScratch(dir);
  };
  try {
    await ready(url, server, dir);
  } catch (error) {
    await stop();
    throw error;
  }
  const kubeconfigFor = async (user: keyof typeof users): Promise<string> => writeKubeconfig(dir, url, user);
  return {
    kubeconfig: await kubeconfigFor("admin"),
    url,
    etcd: { url: etcdUrl, ctl: binaries.etcdctl },
    auditLog: join(dir, "audit.log"),
    kubeconfigFor,
    restart: async () => {
      await stopServer();
      await startServer();
    },
    stopServer,
    startServer,
    restartStore: async () => {
      await end(etcd);
      etcd = launchStore();
      await ready(url, server, dir);
    },
    compact: async () => compact(binaries.etcdctl, etcdUrl),
    stop,
  };
}

/** Everything that changes something, but no bodies. */
const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    { level: "Metadata", verbs: ["create", "update", "patch", "delete", "deletecollection"] },
    { level: "None" },
  ],
};

function flagsOf(dir: string, { place, flags = [], audit = false }: ApiServerOptions): string[] {
  return [
    ...serverArgs,
    ...(place === undefined ? [] : [`--client-ca-file=${join(dir, "authority.crt")}`]),
    `--cert-dir=${join(dir, "certs")}`,
    `--service-account-key-file=${join(dir, "sa.pem")}`,
    `--service-account-signing-key-file=${join(dir, "sa.pem")}`,
    `--token-auth-file=${join(dir, "token.csv")}`,
    ...(audit
      ? [
          `--audit-policy-file=${join(dir, "audit-policy.json")}`,
          `--audit-log-path=${join(dir, "audit.log")}`,
          // In megabytes: all of it is read, so that it must not be rotated.
          "--audit-log-maxsize=100000",
        ]
      : []),
    ...flags,
  ];
}

async function writeIdentity(dir: string): Promise<void> {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  await writeFile(join(dir, "sa.pem"), privateKey);
  const lines = Object.entries(users).map(
    ([key, { name, group }]) => `${key}-token,${name},${key},"${group}"`,
  );
  await writeFile(join(dir, "token.csv"), `${lines.join("\n")}\n`);
}

function storeFlags(dir: string, url: string, peerPort = 0, { durable = false }: ApiServerOptions): string[] {
  return [
    `--data-dir=${join(dir, "etcd")}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=http://127.0.0.1:${String(peerPort)}`,
    // Full, it takes no more writes: the history of many machines, or of an hour of faults, is more than its default 2 GiB.
    `--quota-backend-bytes=${String(8 * 2 ** 30)}`,
    ...(durable ? [] : ["--unsafe-no-fsync"]),
    "--log-level=error",
  ];
}

/** The API server takes the certificate that it would otherwise make for itself. */
async function writePlace(dir: string, { certificate, key, authority }: ApiServerPlace): Promise<void> {
  await mkdir(join(dir, "certs"));
  await writeFile(join(dir, "certs/apiserver.crt"), `${certificate}\n${authority}`);
  await writeFile(join(dir, "certs/apiserver.key"), key);
  await writeFile(join(dir, "authority.crt"), authority);
}

async function writeKubeconfig(dir: string, url: string, user: string): Promise<string> {
  const path = join(dir, `${user}.kubeconfig`);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: "test", cluster: { server: url, "certificate-authority": join(dir, "certs/apiserver.crt") } },
    ],
    users: [{ name: user, user: { token: `${user}-token` } }],
    contexts: [{ name: "test", context: { cluster: "test", user } }],
    "current-context": "test",
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

function launch(
  dir: string,
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): ChildProcess {
  const log = openSync(join(dir, "log"), "a");
  return spawnChild(program, args, ["ignore", log, log], environment);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

async function ready(url: string, server: ChildProcess, dir: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) break;
    if (await answers(url, dir)) return;
    await sleep(100);
  }
  const log = (await readFile(join(dir, "log"), "utf8")).split("\n").slice(-15).join("\n");
  throw new Error(`kube-apiserver did not become ready:\n${log}`);
}

async function answers(url: string, dir: string): Promise<boolean> {
  const { Agent, request } = await import("undici");
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  try {
    const { statusCode, body } = await request(`${url}/readyz`, {
      dispatcher,
      headers: { authorization: "Bearer admin-token" },
    });
    await body.dump();
    // The namespace is made after readiness, by a loop of the API server's own.
    const namespace = await request(`${url}/api/v1/namespaces/default`, {
      dispatcher,
      headers: { authorization: "Bearer admin-token" },
    });
    await namespace.body.dump();
    await readFile(join(dir, "certs/apiserver.crt"));
    return statusCode === 200 && namespace.statusCode === 200;
  } catch {
    return false;
  } finally {
    await dispatcher.destroy();
  }
}

async function compact(etcdctl: string, endpoint: string): Promise<void> {
  const { run } = await import("../../../hack/lib/exec.ts");
  const options = { env: { ETCDCTL_ENDPOINTS: endpoint } };
  const status = JSON.parse(await run(etcdctl, ["endpoint", "status", "-w", "json"], options)) as [
    { Status: { header: { revision: number } } },
  ];
  await run(etcdctl, ["compact", String(status[0].Status.header.revision)], options);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map(async (server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(async (server) => once(server.close(), "close")));
  return ports;
}

if (import.meta.main) {
  const server = await startApiServer();
  console.log(`KUBECONFIG=${server.kubeconfig}`);
  process.once("SIGINT", () => void server.stop());
  process.once("SIGTERM", () => void server.stop());
}
