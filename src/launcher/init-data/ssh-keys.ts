import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { StartError } from "../start-error.ts";

/** The keys in the files of a mounted Secret or ConfigMap; hidden ones are the kubelet's own. */
export async function readSshKeys(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith("..")).sort();
  const texts = names.map(async (name) => parseSshKeys(await readFile(join(folder, name), "utf8"), name));
  return (await Promise.all(texts)).flat();
}

/** A public key as sshd(8) has it in authorized_keys: options may come first, a comment last. */
const KEY = /(^|\s)(ssh-|ecdsa-sha2-|sk-)[-@.a-z0-9]+ +AAAA[A-Za-z0-9+/]+={0,2}(\s|$)/;

/**
 * Keys, one a line; empty lines and comments are left out.
 * @throws StartError naming a line that holds none, without quoting it: it might be a private key
 */
export function parseSshKeys(text: string, name: string): string[] {
  const keys: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const key = line.trim();
    if (key === "" || key.startsWith("#")) continue;
    if (!KEY.test(key)) {
      throw new StartError(
        `accessCredentials: line ${index + 1} of ${name} is no public key for ssh; want for example "ssh-ed25519 AAAA… me"`,
      );
    }
    keys.push(key);
  }
  return keys;
}
