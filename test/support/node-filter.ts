import { labName } from "../../hack/lib/paths.ts";
import { run } from "../../hack/lib/exec.ts";

/**
 * Has the lab's node drop packets on their way to and from pods, where network plugins that know NetworkPolicies do: in
 * the chain FORWARD.
 * @param match of iptables: `["-d", "10.93.0.7", "-p", "tcp"]`
 */
export async function whileDropping(match: readonly string[], work: () => Promise<void>): Promise<void> {
  const rule = async (verb: string): Promise<unknown> =>
    run("ip", ["netns", "exec", labName, "iptables", "--wait", verb, "FORWARD", ...match, "-j", "DROP"]);
  await rule("--insert");
  try {
    await work();
  } finally {
    await rule("--delete");
  }
}
