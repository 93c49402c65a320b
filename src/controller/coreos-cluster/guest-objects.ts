import { isNotFound } from "../../kube/api-error.ts";
import type { Client } from "../../kube/client.ts";
import type { Draft, KubeObject, Resource } from "../../kube/object.ts";
import type { ManifestObject } from "./manifest-documents.ts";

interface Served {
  name: string;
  kind: string;
  namespaced: boolean;
}

/** A manifest's object is of a kind that the API server does not serve (yet). */
export class UnknownKindError extends Error {
  override readonly name = "UnknownKindError";
}

/** Applies objects of any kind, as `kubectl apply --server-side --force-conflicts` does. */
export class GuestObjects {
  readonly #client: Client;
  /** By group and version, for as long as this lives. */
  readonly #served = new Map<string, Promise<readonly Served[]>>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** @throws UnknownKindError, and what Client throws */
  async apply(object: ManifestObject): Promise<void> {
    const { apiVersion, kind, metadata } = object;
    const served = (await this.#kindsOf(apiVersion)).find((one) => one.kind === kind);
    if (served === undefined) {
      throw new UnknownKindError(
        `the cluster knows no ${kind} of ${apiVersion}; its CustomResourceDefinition has to be applied, too`,
      );
    }
    const [version = "", group = ""] = apiVersion.split("/").reverse();
    const resource: Resource<KubeObject> = { group, version, plural: served.name, kind };
    const { namespace = "default" } = metadata;
    const place = { ...metadata, namespace: served.namespaced ? namespace : undefined };
    await this.#client.apply(resource, { ...object, metadata: place } as Draft<KubeObject>);
  }

  async #kindsOf(apiVersion: string): Promise<readonly Served[]> {
    const known = this.#served.get(apiVersion);
    if (known !== undefined) return known;
    const path = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const asked = this.#client
      .call<{ resources: Served[] }>("GET", path)
      // Subresources have a slash in their names, and their own kinds.
      .then(({ resources }) => resources.filter(({ name }) => !name.includes("/")))
      .catch((error: unknown): Served[] => {
        this.#served.delete(apiVersion);
        if (isNotFound(error)) return [];
        throw error;
      });
    this.#served.set(apiVersion, asked);
    return asked;
  }
}
