import { StartError } from "../start-error.ts";

export interface KeysOfUser {
  user: string;
  keys: readonly string[];
}

interface IgnitionUser {
  name?: unknown;
  sshAuthorizedKeys?: unknown;
}

/**
 * The config with public keys for users, beside those that it has: `passwd.users[].sshAuthorizedKeys`, which is the same
 * in the specs 2.x and 3.x. A user whom the config does not name is added to it.
 * @param text a config that has been checked
 * @throws StartError when passwd.users is no list
 */
export function withSshKeys(text: string, added: readonly KeysOfUser[]): string {
  const config = JSON.parse(text) as { passwd?: { users?: unknown } | null };
  const listed = config.passwd?.users ?? [];
  if (!Array.isArray(listed))
    throw new StartError("Ignition: passwd.users is no list; want users with a name");
  const users = (listed as IgnitionUser[]).map((user) => ({ ...user }));
  for (const { user: name, keys } of added) {
    let user = users.find((each) => each.name === name);
    if (user === undefined) users.push((user = { name }));
    const known = Array.isArray(user.sshAuthorizedKeys) ? (user.sshAuthorizedKeys as unknown[]) : [];
    // Ignition refuses a list that holds a key twice.
    user.sshAuthorizedKeys = [...new Set([...known, ...keys])];
  }
  return JSON.stringify({ ...config, passwd: { ...config.passwd, users } });
}
