import { setTimeout as sleep } from "node:timers/promises";
import { apiErrorOf, isNotFound, UnreachableError, type ApiError } from "./api-error.ts";
import type { Access, Connection } from "./connection.ts";
import { apiVersion, resourcePath, type Draft, type KubeObject, type Resource } from "./object.ts";
import type { Answer, Method } from "./sender.ts";

/** One page of a list. */
export interface Page<T> {
  items: T[];
  resourceVersion: string;
  /** Token of the next page; empty at the last. */
  next: string;
}

export interface Selection {
  /** Absent: all namespaces. */
  namespace?: string;
  labelSelector?: string;
}

export interface DeleteOptions {
  /** Refuse (409) when the object of that name is another one by now. */
  uid?: string;
  gracePeriodSeconds?: number;
  propagationPolicy?: "Background" | "Foreground" | "Orphan";
}

export type { Method };

/** Told of each answer, for metrics. `code` is `<error>` where there was none. */
export type Observer = (method: Method, code: string, host: string) => void;

interface Call {
  method: Method;
  path: string;
  query?: Record<string, string>;
  contentType?: string;
  body?: unknown;
}

/** As client-go: a server that names a time to come back is asked again this often. */
const maxRetries = 10;

/**
 * Typed calls to the API server; plain JSON in and out.
 * Each throws ApiError when the server refuses and UnreachableError when it cannot be reached. An answer with
 * Retry-After (429 and 5xx) is waited out.
 */
export class Client {
  readonly #connection: Connection;
  readonly #fieldManager: string;
  readonly #observer: Observer;

  constructor(connection: Connection, fieldManager: string, observer: Observer = () => undefined) {
    this.#connection = connection;
    this.#fieldManager = fieldManager;
    this.#observer = observer;
  }

  get server(): string {
    return this.#connection.server;
  }

  async get<T extends KubeObject>(resource: Resource<T>, namespace: string, name: string): Promise<T> {
    return this.#json<T>({ method: "GET", path: resourcePath(resource, namespace, name) });
  }

  /** As `get`, with undefined for an object that does not exist. */
  async find<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    name: string,
  ): Promise<T | undefined> {
    try {
      return await this.get(resource, namespace, name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async listPage<T extends KubeObject>(
    resource: Resource<T>,
    selection: Selection,
    limit: number,
    next = "",
  ): Promise<Page<T>> {
    const query = {
      limit: String(limit),
      ...labelQuery(selection),
      ...(next === "" ? {} : { continue: next }),
    };
    const path = resourcePath(resource, selection.namespace);
    const list = await this.#json<{ items: T[]; metadata: { resourceVersion: string; continue?: string } }>({
      method: "GET",
      path,
      query,
    });
    // Items of the API server's own kinds carry neither.
    const type = { apiVersion: apiVersion(resource), kind: resource.kind };
    const items = list.items.map((item) => ({ ...item, ...type }));
    return { items, resourceVersion: list.metadata.resourceVersion, next: list.metadata.continue ?? "" };
  }

  async create<T extends KubeObject>(resource: Resource<T>, draft: Draft<T>): Promise<T> {
    return this.#json<T>({
      method: "POST",
      path: resourcePath(resource, draft.metadata.namespace),
      query: { fieldManager: this.#fieldManager },
      contentType: "application/json",
      body: { ...draft, apiVersion: apiVersion(resource), kind: resource.kind },
    });
  }

  /**
   * JSON merge patch (RFC 7386). A `metadata.resourceVersion` in it makes the server refuse (409) when the object was
   * changed since.
   */
  async mergePatch<T extends KubeObject>(
    resource: Resource<T>,
    target: { namespace: string; name: string },
    patch: object,
    subresource?: "status",
  ): Promise<T> {
    return this.#json<T>({
      method: "PATCH",
      path: resourcePath(resource, target.namespace, target.name, subresource),
      query: { fieldManager: this.#fieldManager },
      contentType: "application/merge-patch+json",
      body: patch,
    });
  }

  /** Server-side apply: this program owns the fields given, and those it no longer gives are removed. */
  async apply<T extends KubeObject>(resource: Resource<T>, draft: Draft<T>, force = true): Promise<T> {
    return this.#json<T>({
      method: "PATCH",
      path: resourcePath(resource, draft.metadata.namespace, draft.metadata.name),
      query: { fieldManager: this.#fieldManager, force: String(force) },
      // JSON is YAML; this content type is the one that all served versions know.
      contentType: "application/apply-patch+yaml",
      body: { ...draft, apiVersion: apiVersion(resource), kind: resource.kind },
    });
  }

  /** Returns the object as it is now, which is gone already or, with finalizers or a grace period, is about to go. */
  async delete<T extends KubeObject>(
    resource: Resource<T>,
    target: { namespace: string; name: string },
    options: DeleteOptions = {},
  ): Promise<T | undefined> {
    const { uid, ...rest } = options;
    const preconditions = uid === undefined ? {} : { preconditions: { uid } };
    const answer = await this.#json<T | { kind: "Status" }>({
      method: "DELETE",
      path: resourcePath(resource, target.namespace, target.name),
      contentType: "application/json",
      body: { apiVersion: "v1", kind: "DeleteOptions", ...rest, ...preconditions },
    });
    return isObject(answer) ? answer : undefined;
  }

  /**
   * Any other path of the API, such as a review; the body of a PATCH is a merge patch.
   * @param retries how often an answer with Retry-After is waited out
   */
  async call<T>(method: Method, path: string, body?: unknown, retries = maxRetries): Promise<T> {
    const contentType = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    return this.#json<T>({ method, path, ...(body === undefined ? {} : { body, contentType }) }, retries);
  }

  /** What is no JSON, such as a container's log. It is asked for once, and given up when the signal aborts. */
  async text(path: string, query: Record<string, string>, signal: AbortSignal): Promise<string> {
    const answer = await this.#send(
      { method: "GET", path, query },
      await this.#connection.requests(),
      signal,
    );
    await this.#refuse(answer);
    return answer.body.text();
  }

  /** Opens a watch and yields its events as they come, until the server ends it or the signal aborts it. */
  async *watch(
    resource: Resource<KubeObject>,
    selection: Selection,
    query: Record<string, string>,
    signal: AbortSignal,
  ): AsyncGenerator<unknown, void> {
    const call: Call = {
      method: "GET",
      path: resourcePath(resource, selection.namespace),
      query: { watch: "true", ...labelQuery(selection), ...query },
    };
    const answer = await this.#send(call, await this.#connection.watches(), signal);
    await this.#refuse(answer);
    let rest = "";
    answer.body.setEncoding("utf8");
    for await (const chunk of answer.body as AsyncIterable<string>) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") yield JSON.parse(line);
    }
  }

  async #json<T>(call: Call, retries = maxRetries): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#sendOnOpen(call);
      const error = await this.#refusal(answer);
      if (error === undefined) return (await answer.body.json()) as T;
      if (error.code === 401 && attempt === 0) {
        this.#connection.forget();
      } else if (error.retryAfterSeconds === undefined || error.code < 429 || attempt >= retries) {
        throw error;
      } else {
        await sleep(error.retryAfterSeconds * 1000);
      }
    }
  }

  /**
   * A connection that was kept open may be closed by the other side just as a request goes out. What only asks is
   * then asked once more, as Go's net/http does; of what writes nobody knows whether it was done.
   */
  async #sendOnOpen(call: Call): Promise<Answer> {
    try {
      return await this.#send(call, await this.#connection.requests());
    } catch (error) {
      if (!onlyAsks(call) || !wasClosed(error)) throw error;
      return this.#send(call, await this.#connection.requests());
    }
  }

  async #send(call: Call, access: Access, signal?: AbortSignal): Promise<Answer> {
    const query = new URLSearchParams(call.query).toString();
    const host = new URL(this.server).host;
    try {
      const answer = await access.dispatcher.request({
        origin: new URL(this.server).origin,
        path: `${basePath(this.server)}${call.path}${query === "" ? "" : `?${query}`}`,
        method: call.method,
        headers: {
          ...access.headers,
          accept: "application/json",
          "user-agent": this.#fieldManager,
          ...(call.contentType === undefined ? {} : { "content-type": call.contentType }),
        },
        body: call.body === undefined ? null : JSON.stringify(call.body),
        ...(signal === undefined ? {} : { signal }),
      });
      this.#observer(call.method, String(answer.statusCode), host);
      return answer;
    } catch (error) {
      this.#observer(call.method, "<error>", host);
      if (signal?.aborted === true) throw error;
      throw new UnreachableError(`API server ${this.server} cannot be reached: ${causeOf(error)}`, {
        cause: error,
      });
    }
  }

  async #refuse(answer: Answer): Promise<void> {
    const error = await this.#refusal(answer);
    if (error?.code === 401) this.#connection.forget();
    if (error !== undefined) throw error;
  }

  async #refusal(answer: Answer): Promise<ApiError | undefined> {
    if (answer.statusCode < 400) return undefined;
    const retryAfter = answer.headers["retry-after"];
    return apiErrorOf(
      answer.statusCode,
      await answer.body.text(),
      typeof retryAfter === "string" ? retryAfter : undefined,
    );
  }
}

/** A deletion is answered with the object or with a Status. */
function isObject<T extends KubeObject>(answer: T | { kind: "Status" }): answer is T {
  return answer.kind !== "Status";
}

/** Reviews are created, and nothing is stored. */
function onlyAsks({ method, path }: Call): boolean {
  return method === "GET" || (method === "POST" && path.startsWith("/apis/authorization.k8s.io/"));
}

function wasClosed(error: unknown): boolean {
  if (!(error instanceof UnreachableError)) return false;
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return code === "UND_ERR_SOCKET" || code === "ECONNRESET" || code === "EPIPE";
}

function labelQuery(selection: Selection): Record<string, string> {
  return selection.labelSelector === undefined ? {} : { labelSelector: selection.labelSelector };
}

function basePath(server: string): string {
  const { pathname } = new URL(server);
  return pathname === "/" ? "" : pathname;
}

function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const cause: unknown = error.cause;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
