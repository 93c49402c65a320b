import type { KeyPair } from "../../guest-config/member.ts";
import { ApiError, isNotFound, UnreachableError } from "../../kube/api-error.ts";
import { Client, type Method } from "../../kube/client.ts";
import type { Connection } from "../../kube/connection.ts";
import { connectDirectly } from "../../kube/direct-connection.ts";
import type { Node, Pod } from "../../kube/object.ts";
import { issueClientCertificate, renewalDue } from "../../pki/authority.ts";
import { podsToEvict } from "./drain.ts";
import { GuestObjects } from "./guest-objects.ts";
import { API_PORT, API_SERVERNAME } from "./names.ts";
import { newToken, tokenSecret } from "./token.ts";

/** A Node of a guest cluster, as far as it matters here. */
export interface GuestNode {
  name: string;
  ready: boolean;
  /** When `ready` last changed, milliseconds since the epoch; that of its creation where it never did. */
  sinceMs: number;
  /** The kubelet's words when it is not ready. */
  message: string;
}

/** What a guest's control plane said when it was last asked. */
export interface GuestState {
  answers: boolean;
  /** Why it does not; empty when it does. */
  message: string;
  version?: string;
  /** Absent when it does not answer. */
  nodes?: GuestNode[];
}

/** The operator's own certificate; it is kept in memory alone. */
const certificateLifeMs = 86_400_000;

interface Open {
  identity: string;
  certificate: string;
  guest: Guest;
}

/** The guests' control planes, one connection each. */
export class Guests {
  readonly #open = new Map<string, Open>();

  /** The control plane at an address, reached as its administrator. */
  async at(key: string, address: string, ca: KeyPair, nowMs: number): Promise<Guest> {
    const identity = `${address} ${ca.certificate}`;
    const open = this.#open.get(key);
    if (open?.identity === identity && !renewalDue(open.certificate, ca.certificate, nowMs))
      return open.guest;
    this.forget(key);
    // Needed before the guest has any role bindings, and never stored.
    const client = { user: "nestlet-controller", group: "system:masters" };
    const pair = await issueClientCertificate(ca, client, certificateLifeMs, nowMs);
    const connection = connectDirectly({
      server: `https://${address}:${String(API_PORT)}`,
      servername: API_SERVERNAME,
      ca: ca.certificate,
      ...pair,
    });
    const guest = new Guest(connection);
    this.#open.set(key, { identity, certificate: pair.certificate, guest });
    return guest;
  }

  forget(key: string): void {
    void this.#open.get(key)?.guest.close();
    this.#open.delete(key);
  }
}

/** An emulated guest may be too busy for one look; its silence counts after this long. */
const silenceMs = 45_000;

/** A guest's API server did not answer in the middle of something; the next look tries again. */
export class GuestSilentError extends Error {
  override readonly name = "GuestSilentError";
}

/** One guest's API server. */
export class Guest {
  readonly #connection: Connection;
  readonly #client: Client;
  #last: { state: GuestState; atMs: number } | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#client = new Client(connection, "nestlet-controller");
  }

  /** Never throws: that there is no answer is an answer too, unless there was one just before. */
  async look(nowMs: number): Promise<GuestState> {
    const state = await this.#look();
    if (state.answers) this.#last = { state, atMs: nowMs };
    else if (this.#last !== undefined && nowMs - this.#last.atMs < silenceMs) return this.#last.state;
    return state;
  }

  async #look(): Promise<GuestState> {
    try {
      const refusal = await this.#unready();
      if (refusal !== undefined) return { answers: false, message: refusal };
      const [{ gitVersion }, { items }] = await Promise.all([
        this.#client.call<{ gitVersion: string }>("GET", "/version"),
        this.#client.call<{ items: Node[] }>("GET", "/api/v1/nodes"),
      ]);
      return { answers: true, message: "", version: gitVersion, nodes: items.map(guestNodeOf) };
    } catch (error) {
      return { answers: false, message: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Makes a bootstrap token that is good until then. */
  async mintToken(member: string, expiresMs: number): Promise<string> {
    const token = newToken();
    const path = "/api/v1/namespaces/kube-system/secrets";
    await this.#call("POST", path, tokenSecret(token, member, expiresMs));
    return token;
  }

  async deleteNode(name: string): Promise<void> {
    await this.#unlessGone(this.#call("DELETE", nodePath(name)));
  }

  /** Keeps new pods off a Node and asks those on it to go; returns how many are still there. */
  async drain(name: string): Promise<number> {
    const cordon = this.#call("PATCH", nodePath(name), { spec: { unschedulable: true } });
    await this.#unlessGone(cordon);
    const selector = new URLSearchParams({ fieldSelector: `spec.nodeName=${name}` }).toString();
    const { items } = await this.#call<{ items: Pod[] }>("GET", `/api/v1/pods?${selector}`);
    const pods = podsToEvict(items);
    await Promise.all(
      pods
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(async (pod) => this.#evict(pod)),
    );
    return pods.length;
  }

  /** For objects of any kind; what kinds there are is asked anew. */
  objects(): GuestObjects {
    return new GuestObjects(this.#client);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  /** A disruption budget says no with 429, and may ask for seconds of patience: it is asked again at the next look. */
  async #evict({ metadata: { namespace, name } }: Pod): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { namespace, name } };
    try {
      await this.#unlessGone(this.#call("POST", path, eviction, 0));
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 429) throw error;
    }
  }

  async #call<T>(method: Method, path: string, body?: unknown, retries?: number): Promise<T> {
    try {
      return await this.#client.call<T>(method, path, body, retries);
    } catch (error) {
      if (error instanceof UnreachableError) throw new GuestSilentError(error.message, { cause: error });
      throw error;
    }
  }

  async #unlessGone(call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** What /readyz says against the API server being ready. */
  async #unready(): Promise<string | undefined> {
    const { dispatcher } = await this.#connection.requests();
    const { statusCode, body } = await dispatcher.request({
      origin: this.#connection.server,
      path: "/readyz",
      method: "GET",
    });
    const text = await body.text();
    if (statusCode === 200) return undefined;
    const failing = text.split("\n").filter((line) => line.startsWith("[-]"));
    return `/readyz answers ${String(statusCode)}${failing.length === 0 ? "" : `: ${failing.join(", ")}`}`;
  }
}

function guestNodeOf({ metadata, status }: Node): GuestNode {
  const condition = status?.conditions?.find(({ type }) => type === "Ready");
  const since = condition?.lastTransitionTime ?? metadata?.creationTimestamp;
  return {
    name: metadata?.name ?? "",
    ready: condition?.status === "True",
    sinceMs: since === undefined ? 0 : Date.parse(since),
    message: condition?.message ?? "its kubelet has not reported yet",
  };
}

function nodePath(name: string): string {
  return `/api/v1/nodes/${encodeURIComponent(name)}`;
}
