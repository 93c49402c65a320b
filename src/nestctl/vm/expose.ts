import { labelValueOf } from "../../api/names.ts";
import { CLUSTER_LABEL, INSTANCE_LABEL, MACHINE_LABEL, ROLE_LABEL } from "../../api/metadata.ts";
import { services, type KubeObject, type Resource } from "../../kube/object.ts";
import { usageError } from "../frame/cli-error.ts";
import { portOf } from "../frame/flag-values.ts";
import type { Globals } from "../frame/globals.ts";
import { asYaml, print } from "../frame/output.ts";
import { oneKind } from "../kube/kinds.ts";
import { withSession } from "../kube/session.ts";
import { waitTargets } from "./wait.ts";

export interface ExposeOptions {
  port: string;
  targetPort?: string;
  protocol: string;
  type: string;
  name?: string;
  role: string;
  dryRun?: boolean;
}

/** A Service as it is made. */
export interface ServiceManifest {
  apiVersion: "v1";
  kind: "Service";
  metadata: { name: string };
  spec: {
    type: string;
    selector: Record<string, string>;
    ports: { port: number; targetPort: number; protocol: string }[];
  };
}

/** `nestctl expose` */
export async function expose(
  globals: Globals,
  words: readonly string[],
  options: ExposeOptions,
): Promise<void> {
  const { plural, names } = waitTargets(words);
  const [name = "", ...more] = names;
  if (more.length > 0) throw usageError("expose takes one target", "call it once for each");
  const service = serviceOf(plural, name, options);
  if (options.dryRun === true) {
    print(await asYaml(service));
    return;
  }
  await withSession(globals, async ({ client, namespace }) => {
    const resource: Resource<KubeObject> = oneKind(plural).resource;
    await client.get(resource, namespace, name);
    const { metadata } = await client.create(services, {
      ...service,
      metadata: { ...service.metadata, namespace },
    });
    print(`service/${metadata.name} created\n`);
  });
}

/** @throws CliError naming the flag that is wrong */
export function serviceOf(plural: string, name: string, options: ExposeOptions): ServiceManifest {
  const port = portOf(options.port, "--port");
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: options.name ?? name },
    spec: {
      type: oneOf(options.type, ["ClusterIP", "NodePort", "LoadBalancer"], "--type"),
      selector: selectorOf(plural, name, options.role),
      ports: [
        {
          port,
          targetPort: options.targetPort === undefined ? port : portOf(options.targetPort, "--target-port"),
          protocol: oneOf(options.protocol.toUpperCase(), ["TCP", "UDP"], "--protocol"),
        },
      ],
    },
  };
}

function selectorOf(plural: string, name: string, role: string): Record<string, string> {
  switch (plural) {
    case "coreosclusters":
      return { [CLUSTER_LABEL]: name, [ROLE_LABEL]: oneOf(role, ["worker", "master"], "--role") };
    case "virtualmachineinstances":
      return { [INSTANCE_LABEL]: labelValueOf(name) };
    default:
      return { [MACHINE_LABEL]: labelValueOf(name) };
  }
}

function oneOf(text: string, allowed: readonly string[], flag: string): string {
  if (allowed.includes(text)) return text;
  throw usageError(`${flag}: "${text}" is not known`, `use ${allowed.join(", ")}`);
}
