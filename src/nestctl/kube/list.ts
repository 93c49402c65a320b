import type { Client } from "../../kube/client.ts";
import type { KubeObject, Resource } from "../../kube/object.ts";

const PAGE = 500;

/** All objects of a kind, page by page. */
export async function listAll<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  selection: Parameters<Client["listPage"]>[1],
): Promise<T[]> {
  const found: T[] = [];
  let next = "";
  do {
    const page = await client.listPage(resource, selection, PAGE, next);
    found.push(...page.items);
    next = page.next;
  } while (next !== "");
  return found;
}
