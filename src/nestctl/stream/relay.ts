import { PassThrough, Duplex } from "node:stream";
import type { Session } from "../kube/session.ts";
import { randomBytes } from "node:crypto";
import { COMPUTE_CONTAINER } from "../../launch-plan/pod-contract.ts";
import { isNotFound } from "../../kube/api-error.ts";
import {
  apiVersion,
  pods,
  type ContainerStatus,
  type KubeObject,
  type OwnerReference,
  type Pod,
} from "../../kube/object.ts";
import { CliError, ExitCode } from "../frame/cli-error.ts";
import { until } from "../vm/until.ts";
import { exec } from "./exec.ts";

/**
 * A pod through which guests are reached where the pod network cannot be. The launcher's own pod does not do: the guest
 * has its address, and so nothing in that pod can speak to it. The image is the launcher's, which the node has.
 */
const CONTAINER = "relay";
const NODE = "/usr/bin/node";
const START_MS = 120_000;
const DIRECT = "run nestctl where the pod network can be reached, with --via direct";

/** Ends five minutes after the last connection, whatever became of nestctl. */
const KEEP = `
const fs = require("fs");
fs.writeFileSync("/tmp/alive", "");
setInterval(() => { if (Date.now() - fs.statSync("/tmp/alive").mtimeMs > 300000) process.exit(0); }, 10000);
process.on("SIGTERM", () => process.exit(0));`;

/** Joins a TCP connection to its standard input and output. */
const JOIN = `
const fs = require("fs"), [host, port] = process.argv.slice(1);
const touch = () => fs.utimesSync("/tmp/alive", new Date(), new Date());
touch(); setInterval(touch, 30000).unref();
const guest = require("net").connect({ host, port: Number(port), noDelay: true, timeout: 15000 });
const fail = (why) => { process.stderr.write(why + "\\n"); process.exit(1); };
guest.once("timeout", () => { if (guest.connecting) fail("no answer within 15 s"); });
guest.once("error", (error) => fail(error.message));
guest.once("connect", () => { guest.setTimeout(0); process.stdin.pipe(guest); guest.pipe(process.stdout); });
guest.once("close", () => process.stdin.destroy());`;

/** The object that a relay belongs to, and goes with. */
export type Owner = Pick<KubeObject, "apiVersion" | "kind" | "metadata">;

export class Relay {
  readonly #session: Session;
  readonly #pod: string;

  private constructor(session: Session, pod: string) {
    this.#session = session;
    this.#pod = pod;
  }

  /**
   * Makes the pod and waits until it runs.
   * @param launcher pod of a guest that is to be reached: of its node and image
   */
  static async open(session: Session, launcher: string, owner: Owner): Promise<Relay> {
    const { client, namespace } = session;
    const pod = relayPod(await client.get(pods, namespace, launcher), owner, randomBytes(4).toString("hex"));
    const { metadata } = await client.create(pods, pod);
    const relay = new Relay(session, metadata.name);
    try {
      await relay.#runs();
      return relay;
    } catch (error) {
      await relay.close();
      throw error;
    }
  }

  /** A connection to an address as the pod network has it; an error of the stream says why there is none. */
  dial(address: string, port: number): Duplex {
    const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
    let said = "";
    errors.setEncoding("utf8").on("data", (text: string) => (said += text));
    const joined = Duplex.from({ readable: output, writable: input });
    const abort = new AbortController();
    joined.once("close", () => abort.abort());
    exec(
      this.#session,
      {
        namespace: this.#session.namespace,
        pod: this.#pod,
        container: CONTAINER,
        command: [NODE, "-e", JOIN, address, String(port)],
      },
      { input, output, errors, signal: abort.signal },
    ).then(
      (exitCode) => {
        if (exitCode === 0) output.end();
        else joined.destroy(new Error(`${address}:${String(port)} does not answer: ${said.trim()}`));
      },
      (error: unknown) => joined.destroy(error as Error),
    );
    return joined;
  }

  async close(): Promise<void> {
    const { client, namespace } = this.#session;
    try {
      await client.delete(pods, { namespace, name: this.#pod }, { gracePeriodSeconds: 1 });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #runs(): Promise<void> {
    const { client, namespace } = this.#session;
    let last = "Pending";
    const running = await until(START_MS, async () => {
      const { is, why } = relayState(await client.get(pods, namespace, this.#pod));
      if (is === "ended")
        throw new CliError(ExitCode.failed, `the relay pod ${this.#pod} ended at once: ${why}`, DIRECT);
      last = why;
      return is === "running" ? true : undefined;
    });
    if (running === true) return;
    throw new CliError(
      ExitCode.timedOut,
      `the relay pod ${this.#pod} does not run after ${START_MS / 1000} s: ${last}`,
      DIRECT,
    );
  }
}

/** How far a relay's pod is, and what its status says about that. */
export function relayState({ status = {} }: Pick<Pod, "status">): {
  is: "starting" | "running" | "ended";
  why: string;
} {
  const { phase = "Pending", message, containerStatuses: [container] = [] } = status;
  const why = waitingFor(container) ?? phase;
  if (phase === "Failed" || phase === "Succeeded") return { is: "ended", why: message ?? why };
  return { is: container?.state?.running === undefined ? "starting" : "running", why };
}

function waitingFor(container: ContainerStatus | undefined): string | undefined {
  const waiting = container?.state?.waiting;
  return waiting?.message ?? waiting?.reason;
}

/** The pod of a relay: no privilege, no token, the smallest of requests. */
export function relayPod(
  launcher: Pod,
  { apiVersion: version, kind, metadata }: Owner,
  suffix: string,
): Omit<Pod, "metadata"> & {
  metadata: {
    name: string;
    namespace: string;
    labels: Record<string, string>;
    ownerReferences: OwnerReference[];
  };
} {
  const compute = launcher.spec.containers.find(({ name }) => name === COMPUTE_CONTAINER);
  const owner: OwnerReference = { apiVersion: version, kind, name: metadata.name, uid: metadata.uid };
  return {
    apiVersion: apiVersion(pods),
    kind: "Pod",
    metadata: {
      name: `nestctl-relay-${suffix}`,
      namespace: launcher.metadata.namespace,
      labels: { "app.kubernetes.io/managed-by": "nestctl", "app.kubernetes.io/component": "relay" },
      ownerReferences: [owner],
    },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(launcher.spec.nodeName === undefined ? {} : { nodeName: launcher.spec.nodeName }),
      ...(launcher.spec.imagePullSecrets === undefined
        ? {}
        : { imagePullSecrets: launcher.spec.imagePullSecrets }),
      volumes: [{ name: "tmp", emptyDir: {} }],
      containers: [
        {
          name: CONTAINER,
          ...(compute?.image === undefined ? {} : { image: compute.image }),
          imagePullPolicy: "IfNotPresent",
          command: [NODE, "--max-old-space-size=32", "-e", KEEP],
          volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
          resources: { requests: { cpu: "10m", memory: "48Mi" }, limits: { memory: "512Mi" } },
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65_532,
            runAsGroup: 65_532,
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
            seccompProfile: { type: "RuntimeDefault" },
          },
        },
      ],
    },
  };
}
