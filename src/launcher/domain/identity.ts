import type { LaunchPlan } from "../../launch-plan/launch-plan.ts";

/** libvirt makes file names of it (`<name>.log`, `<name>.pid`), which may have 255 characters. */
const LONGEST_DOMAIN_NAME = 200;

/** `<namespace>_<name>`, cut and made unique by a hash where that is too long. */
export function domainName({ namespace, name }: Pick<LaunchPlan, "namespace" | "name">): string {
  const full = `${namespace}_${name}`;
  if (full.length <= LONGEST_DOMAIN_NAME) return full;
  return `${full.slice(0, LONGEST_DOMAIN_NAME - 17)}-${fnv1a(full)}`;
}

/** The SMBIOS UUID, also known as product_uuid: the one asked for, or the identity, which is a UUID itself. */
export function firmwareUuid({ identity, firmware }: Pick<LaunchPlan, "identity" | "firmware">): string {
  return firmware.uuid ?? identity;
}

/** 16 hexadecimal characters that stay the same at each run and that no other machine's disk has. */
export function diskSerial(identity: string, diskName: string): string {
  return fnv1a(`${identity}/disk/${diskName}`);
}

/** A locally administered unicast MAC address that stays the same at each run: 46 bits that tell it from others. */
export function macAddress(identity: string, interfaceName: string): string {
  const bytes = Buffer.from(fnv1a(`${identity}/interface/${interfaceName}`), "hex").subarray(0, 6);
  bytes[0] = ((bytes[0] ?? 0) & 0xfc) | 0x02;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/**
 * FNV-1a of 64 bits, in hexadecimal: enough where nobody gains by a collision, and `node:crypto` takes
 * 16 ms to load.
 */
function fnv1a(text: string): string {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  return hash.toString(16).padStart(16, "0");
}
