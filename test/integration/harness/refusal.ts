import { ApiError } from "../../../src/kube/api-error.ts";
import type { Client } from "../../../src/kube/client.ts";

export type Fields = Record<string, unknown>;

/** A spec that is refused, and part of what the API server says to it. */
export interface Case {
  title: string;
  spec: Fields;
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
