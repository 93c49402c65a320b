import type * as Crypto from "node:crypto";
import type { LaunchPlan } from "../../launch-plan/launch-plan.ts";

/** Names Nestlet's own UUIDs (RFC 9562, 5.5) apart from everyone else's. */
const NAMESPACE = "9c2b5a1e-6f0d-4d0a-8a55-2d1f6a7e3c41";

/** libvirt makes file names of it (`<name>.log`, `<name>.pid`), which may have 255 characters. */
const LONGEST_DOMAIN_NAME = 200;

/** `<namespace>_<name>`, cut and made unique by a hash where that is too long. */
export function domainName({ namespace, name }: Pick<LaunchPlan, "namespace" | "name">): string {
  const full = `${namespace}_${name}`;
  if (full.length <= LONGEST_DOMAIN_NAME) return full;
  return `${full.slice(0, LONGEST_DOMAIN_NAME - 9)}-${digest(full).slice(0, 8)}`;
}

/** The SMBIOS UUID, also known as product_uuid: the plan's own, or a version 5 UUID of the identity. */
export function firmwareUuid({ identity, firmware }: Pick<LaunchPlan, "identity" | "firmware">): string {
  return firmware.uuid ?? uuidV5(identity);
}

/** 16 hexadecimal characters that stay the same at each run and that no other machine's disk has. */
export function diskSerial(identity: string, diskName: string): string {
  return digest(`${identity}/disk/${diskName}`).slice(0, 16);
}

function uuidV5(name: string): string {
  const { createHash } = crypto();
  const bytes = createHash("sha1")
    .update(Buffer.from(NAMESPACE.replaceAll("-", ""), "hex"))
    .update(name)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function digest(text: string): string {
  return crypto().createHash("sha256").update(text).digest("hex");
}

/** Loaded at first use, when libvirtd is starting already: it takes 11 ms. */
function crypto(): typeof Crypto {
  return process.getBuiltinModule("node:crypto");
}
