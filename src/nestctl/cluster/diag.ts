import { CLUSTER_LABEL } from "../../api/metadata.ts";
import type { CoreOSCluster } from "../../api/resources.ts";
import { endpointSlices, services, type KubeObject, type Resource } from "../../kube/object.ts";
import { below, writeArchive, type Part } from "../diag/archive.ts";
import { launchersOf, machineParts, namesIn, type MachineState } from "../diag/machine-parts.ts";
import { eventsPart, objectParts, versionsPart } from "../diag/namespace-parts.ts";
import { redacted } from "../diag/redact.ts";
import type { Globals } from "../frame/globals.ts";
import { inOrder } from "../frame/in-order.ts";
import { asYaml, print } from "../frame/output.ts";
import { Progress } from "../frame/progress.ts";
import { listAll } from "../kube/list.ts";
import { withSession, type Session } from "../kube/session.ts";
import { membersOf, selected, type MemberFlags } from "./members.ts";

export interface ClusterDiagOptions extends MemberFlags {
  file?: string;
}

/** Each has the API server look into a pod six times, and may have a log of megabytes. */
const MEMBERS_AT_ONCE = 4;

/** `nestctl cluster diag`: the cluster, and each member as `nestctl diag` has it, in a folder of its own. */
export async function clusterDiag(
  globals: Globals,
  name: string,
  options: ClusterDiagOptions,
): Promise<void> {
  const { file = `${name}-cluster-diag.tar.gz` } = options;
  await withSession(globals, async (session) => {
    const { cluster, members } = await membersOf(session, name);
    const wanted = selected(name, members, options);
    const progress = new Progress();
    const tell = (done: number): void => progress.tell(`${String(done)} of ${String(wanted.length)} members`);
    const names = new Set([name, ...servicesOf(name)]);
    try {
      await writeArchive(file, `${name}-cluster-diag`, async (add) => {
        let done = 0;
        tell(done);
        await inOrder(wanted, MEMBERS_AT_ONCE, async ({ name: of, machine, instance }) => {
          const state: MachineState = { machine, instance, launchers: await launchersOf(session, of) };
          for (const about of namesIn(state)) names.add(about);
          await add(below(of, machineParts(session, state)));
          tell(++done);
        });
        await add([...clusterParts(session, cluster), eventsPart(session, names), versionsPart(session)]);
      });
    } finally {
      progress.end();
    }
    print(`${file}\n`);
  });
}

function servicesOf(name: string): string[] {
  return [`${name}-api`, `${name}-members`];
}

/** The cluster, and how its members find each other. Its Secrets, which open it, are left out. */
function clusterParts({ client, namespace }: Session, cluster: CoreOSCluster): Part[] {
  const selection = { namespace, labelSelector: `${CLUSTER_LABEL}=${cluster.metadata.name}` };
  const kinds: readonly Resource<KubeObject>[] = [services, endpointSlices];
  const lists = kinds.map((resource) => ({
    name: `${resource.plural}.yaml`,
    content: async () => {
      const items = await listAll(client, resource, selection);
      return asYaml(redacted({ apiVersion: "v1", kind: "List", items }));
    },
  }));
  return [...objectParts([cluster]), ...lists];
}
