import { ApiError } from "../../../src/kube/api-error.ts";
import type { Client } from "../../../src/kube/client.ts";

export type Fields = Record<string, unknown>;

/** A spec that is refused, and part of what the API server says to it. */
export interface Case {
  title: string;
  spec: Fields;
  says: string;
  /** Name of the object, where that is what is wrong. */
  name?: string;
}

/** A change that is refused, to an object that is there. */
export interface Change {
  title: string;
  kind: string;
  spec: Fields;
  status?: Fields;
  /** The new spec, as a merge patch. */
  to: Fields;
  says: string;
}

const plurals: Record<string, string> = {
  VirtualMachine: "virtualmachines",
  VirtualMachineInstance: "virtualmachineinstances",
  CoreOSCluster: "coreosclusters",
};

/** What the API server says to an object, as to kubectl, which asks for strict validation; nothing is stored. */
export async function refusal(client: Client, kind: string, spec: unknown, name = "a"): Promise<string> {
  const path = `/apis/nestlet.dev/v1alpha1/namespaces/default/${plurals[kind] ?? ""}`;
  const object = { apiVersion: "nestlet.dev/v1alpha1", kind, metadata: { name }, spec };
  try {
    await client.call("POST", `${path}?dryRun=All&fieldValidation=Strict`, object);
    return "";
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}

/** What the API server says to a change of an object that is there; the object is removed afterwards. */
export async function refusalOfChange(client: Client, { kind, spec, status, to }: Change): Promise<string> {
  const path = `/apis/nestlet.dev/v1alpha1/namespaces/default/${plurals[kind] ?? ""}`;
  const object = { apiVersion: "nestlet.dev/v1alpha1", kind, metadata: { name: "changed" }, spec };
  await client.call("POST", path, object);
  try {
    if (status !== undefined) await client.call("PATCH", `${path}/changed/status`, { status });
    await client.call("PATCH", `${path}/changed`, { spec: to });
    return "";
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  } finally {
    await client.call("DELETE", `${path}/changed`);
  }
}
