import type { Globals } from "../frame/globals.ts";
import { asJson, asYaml, note, print, tableText, type OutputFormat } from "../frame/output.ts";
import { withSession } from "../kube/session.ts";
import { ipOf, lanAddressOf, membersOf } from "./members.ts";

/** `nestctl cluster nodes`: the members as the host cluster sees them. */
export async function nodes(
  globals: Globals,
  name: string,
  { output }: { output?: OutputFormat },
): Promise<void> {
  await withSession(globals, async (session) => {
    const { cluster, members } = await membersOf(session, name);
    if (output === "json" || output === "yaml") {
      const list = { apiVersion: "v1", kind: "List", items: members.map(({ machine }) => machine) };
      print(output === "json" ? asJson(list) : await asYaml(list));
      return;
    }
    if (output === "name") {
      print(members.map((member) => `virtualmachine.nestlet.dev/${member.name}\n`).join(""));
      return;
    }
    if (members.length === 0) {
      note(`${name} has no members yet: ${cluster.status?.nextStep ?? "it has just been made"}`);
      return;
    }
    const wide = output === "wide";
    const rows = members.map((member) => {
      const { status, metadata } = member.machine;
      const common = [
        member.name,
        member.pool ?? member.role,
        status?.printableStatus ?? "Pending",
        ipOf(member) ?? "",
      ];
      const more = [
        lanAddressOf(cluster, member) ?? "",
        member.instance?.status?.nodeName ?? "",
        metadata.creationTimestamp,
      ];
      return wide ? [...common, ...more] : common;
    });
    print(tableText(["name", "group", "status", "ip", ...(wide ? ["lan", "node", "created"] : [])], rows));
  });
}
