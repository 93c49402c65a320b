import { ApiError } from "../../kube/api-error.ts";
import type { Client } from "../../kube/client.ts";
import { services } from "../../kube/object.ts";
import type { HostAddress } from "./network.ts";

/** Addresses of the host cluster, one of each of its ranges as far as they are easily known; read once. */
export class HostAddresses {
  readonly #client: Client;
  readonly #podAddress: string | undefined;
  #service: Promise<HostAddress[]> | undefined;

  /** @param podAddress of the controller's own pod, if it runs in one */
  constructor(client: Client, podAddress: string | undefined) {
    this.#client = client;
    this.#podAddress = podAddress;
  }

  async list(): Promise<HostAddress[]> {
    this.#service ??= this.#read().catch((error: unknown) => {
      this.#service = undefined;
      throw error;
    });
    const pod =
      this.#podAddress === undefined ? [] : [{ address: this.#podAddress, of: "Nestlet's own pod" }];
    return [...(await this.#service), ...pod];
  }

  /** A controller of some namespaces only may not read that Service. */
  async #read(): Promise<HostAddress[]> {
    try {
      const service = await this.#client.find(services, "default", "kubernetes");
      const address = service?.spec.clusterIP;
      return address === undefined ? [] : [{ address, of: "the Service default/kubernetes" }];
    } catch (error) {
      if (error instanceof ApiError && error.code === 403) return [];
      throw error;
    }
  }
}
