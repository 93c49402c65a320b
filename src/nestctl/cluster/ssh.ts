import type { Globals } from "../frame/globals.ts";
import { ssh, type SshOptions } from "../guest/ssh.ts";
import { withSession } from "../kube/session.ts";
import { memberNamed, membersOf } from "./members.ts";

/** `nestctl cluster ssh` */
export async function memberSsh(
  globals: Globals,
  { cluster, member }: { cluster: string; member: string },
  command: readonly string[],
  options: SshOptions,
): Promise<void> {
  const { name } = await withSession(globals, async (session) => {
    const { members } = await membersOf(session, cluster);
    return memberNamed(cluster, members, member);
  });
  await ssh(globals, name, command, options);
}
