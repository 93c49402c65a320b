import type { Globals } from "../frame/globals.ts";
import { asYaml, print } from "../frame/output.ts";
import { knownHostsFile } from "../guest/ssh-words.ts";
import { withSession } from "../kube/session.ts";
import { ipOf, membersOf, selected, type Member, type MemberFlags } from "./members.ts";

export interface InventoryOptions extends MemberFlags {
  format: "ssh" | "ansible";
  login: string;
  identityFile?: string;
  proxy?: boolean;
}

/** How ssh gets to members. */
export interface Access {
  login: string;
  identityFile: string | undefined;
  /** `nestctl` with the flags that lead to the cluster; undefined: directly. */
  proxy: string | undefined;
}

/** `nestctl cluster inventory` */
export async function inventory(globals: Globals, name: string, options: InventoryOptions): Promise<void> {
  await withSession(globals, async (session) => {
    const { members } = await membersOf(session, name);
    const wanted = selected(name, members, options);
    const proxy = options.proxy === true ? proxyWords(globals, session.namespace) : undefined;
    const access = { login: options.login, identityFile: options.identityFile, proxy };
    print(
      options.format === "ssh"
        ? sshConfig(wanted, access)
        : await asYaml(ansibleInventory(name, wanted, access)),
    );
  });
}

function proxyWords(globals: Globals, namespace: string): string {
  const flags = [
    ...(globals.kubeconfig === undefined ? [] : ["--kubeconfig", globals.kubeconfig]),
    ...(globals.context === undefined ? [] : ["--context", globals.context]),
    ...["-n", namespace],
  ];
  return ["nestctl", ...flags, "port-forward", "--stdio"].map(quoted).join(" ");
}

/** For the shell that ssh gives its ProxyCommand to. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A host for each member, by its name, for `ssh -F`. Members without an address are left out, with a word. */
export function sshConfig(members: readonly Member[], { login, identityFile, proxy }: Access): string {
  return members
    .map((member) => {
      const place = placeOf(member, proxy);
      if (place === undefined) return `# ${member.name} does not run\n`;
      const lines = [
        `Host ${member.name}`,
        `  HostName ${place.host}`,
        `  User ${login}`,
        ...(identityFile === undefined ? [] : [`  IdentityFile ${identityFile}`]),
        ...(place.command === undefined ? [] : [`  ProxyCommand ${place.command}`]),
        `  HostKeyAlias ${place.alias}`,
        `  UserKnownHostsFile ${knownHostsFile()}`,
        "  StrictHostKeyChecking accept-new",
      ];
      return `${lines.join("\n")}\n`;
    })
    .join("\n");
}

function placeOf(
  member: Member,
  proxy: string | undefined,
): { host: string; command: string | undefined; alias: string } | undefined {
  const address = ipOf(member);
  if (address === undefined || member.instance === undefined) return undefined;
  const { name, namespace, uid } = member.instance.metadata;
  const command = proxy === undefined ? undefined : `${proxy} ${member.name} %p`;
  return { host: proxy === undefined ? address : member.name, command, alias: `${name}.${namespace}.${uid}` };
}

interface AnsibleGroup {
  hosts: Record<string, object>;
}

/** Ansible's YAML inventory: the groups `masters` and `workers`, and one for each pool. */
export function ansibleInventory(cluster: string, members: readonly Member[], access: Access): object {
  const groups: Record<string, AnsibleGroup> = {};
  for (const member of members) {
    const place = placeOf(member, access.proxy);
    if (place === undefined) continue;
    const common = [
      `-o HostKeyAlias=${place.alias}`,
      `-o UserKnownHostsFile=${knownHostsFile()}`,
      "-o StrictHostKeyChecking=accept-new",
      ...(place.command === undefined ? [] : [`-o ProxyCommand="${place.command}"`]),
    ];
    const host = { ansible_host: place.host, ansible_ssh_common_args: common.join(" ") };
    const names = [
      `${member.role}s`,
      ...(member.pool === undefined ? [] : [`pool_${member.pool.replaceAll("-", "_")}`]),
    ];
    for (const name of names)
      (groups[name] ??= { hosts: {} }).hosts[member.name] = name === names[0] ? host : {};
  }
  const key = access.identityFile === undefined ? {} : { ansible_ssh_private_key_file: access.identityFile };
  return {
    [cluster.replaceAll("-", "_")]: { vars: { ansible_user: access.login, ...key }, children: groups },
  };
}
