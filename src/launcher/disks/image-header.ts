import type { DiskFormat } from "../domain/domain-spec.ts";
import { ImageRefused, LARGEST_DISK } from "./image-info.ts";

/** How much of a file's beginning is looked at. */
export const HEAD_BYTES = 64 * 1024;

/** Beginnings of formats that qemu knows and a guest's disk may not have: their parsers are never let loose on a file. */
const FOREIGN: readonly (readonly [name: string, offset: number, magic: Buffer])[] = [
  ["vmdk", 0, Buffer.from("KDMV")],
  ["vmdk", 0, Buffer.from("COWD")],
  ["vmdk", 0, Buffer.from("# Disk DescriptorFile")],
  ["vhdx", 0, Buffer.from("vhdxfile")],
  ["vpc", 0, Buffer.from("conectix")],
  ["vdi", 64, Buffer.from([0x7f, 0x10, 0xda, 0xbe])],
  ["qed", 0, Buffer.from("QED\0")],
  ["qcow", 0, Buffer.from([0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 1])],
  ["luks", 0, Buffer.from([0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe])],
  ["parallels", 0, Buffer.from("WithoutFreeSpace")],
  ["parallels", 0, Buffer.from("WithouFreSpacExt")],
];

const QCOW2_MAGIC = 0x514649fb;

/** Incompatible features: what whoever does not know them must not open. */
const CORRUPT = 1n << 1n;
const DATA_FILE = 1n << 2n;
/** Dirty, corrupt, external data, compression type, extended L2 entries. */
const KNOWN_FEATURES = 0b11111n;
const EXTENDED_L2 = 1n << 4n;

/** As qemu has them. */
const LARGEST_L1_BYTES = 32 * 1024 * 1024;
const LARGEST_SNAPSHOTS = 65_536;

/**
 * Judges an image by its first bytes, before any program looks into it.
 * @param head at least its first HEAD_BYTES, or all of it
 * @param fileBytes its length
 * @param mayBeOverlay a backing file is no reason for refusal: the caller puts it right
 * @returns the format that it is to be opened as
 * @throws ImageRefused
 */
export function judgeHeader(head: Buffer, fileBytes: number, mayBeOverlay = false): DiskFormat {
  if (fileBytes === 0) throw new ImageRefused("is empty; put a disk image (raw or qcow2) there");
  for (const [name, offset, magic] of FOREIGN) {
    if (head.subarray(offset, offset + magic.length).equals(magic)) {
      throw new ImageRefused(`has the format ${name}; convert it to qcow2 or raw (qemu-img convert)`);
    }
  }
  if (head.length < 4 || head.readUInt32BE(0) !== QCOW2_MAGIC) return "raw";
  judgeQcow2(readQcow2(head, fileBytes), fileBytes, mayBeOverlay);
  return "qcow2";
}

/** The fields of a qcow2 header that are looked at: docs/interop/qcow2.txt of qemu. */
interface Qcow2Header {
  backingFile: string | undefined;
  clusterBits: number;
  size: bigint;
  encryption: number;
  l1Entries: number;
  l1Offset: bigint;
  refcountOffset: bigint;
  refcountClusters: number;
  snapshots: number;
  features: bigint;
  headerBytes: number;
}

const V2_BYTES = 72;
const V3_BYTES = 104;

function readQcow2(head: Buffer, fileBytes: number): Qcow2Header {
  if (head.length < V2_BYTES) throw truncated(fileBytes, "within its header");
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) {
    throw new ImageRefused(
      `is qcow2 of version ${version}, want 2 or 3; convert it (qemu-img convert -O qcow2)`,
    );
  }
  if (version === 3 && head.length < V3_BYTES) throw truncated(fileBytes, "within its header");
  return {
    backingFile: readBackingFile(head),
    clusterBits: head.readUInt32BE(20),
    size: head.readBigUInt64BE(24),
    encryption: head.readUInt32BE(32),
    l1Entries: head.readUInt32BE(36),
    l1Offset: head.readBigUInt64BE(40),
    refcountOffset: head.readBigUInt64BE(48),
    refcountClusters: head.readUInt32BE(56),
    snapshots: head.readUInt32BE(60),
    features: version === 3 ? head.readBigUInt64BE(72) : 0n,
    headerBytes: version === 3 ? head.readUInt32BE(100) : V2_BYTES,
  };
}

function readBackingFile(head: Buffer): string | undefined {
  const offset = head.readBigUInt64BE(8);
  const bytes = Math.min(head.readUInt32BE(16), 1023);
  if (offset === 0n) return undefined;
  if (offset > BigInt(head.length)) return "";
  return head.toString("utf8", Number(offset), Number(offset) + bytes);
}

function judgeQcow2(header: Qcow2Header, fileBytes: number, mayBeOverlay: boolean): void {
  const { backingFile, features, encryption, size, snapshots } = header;
  if (backingFile !== undefined && !mayBeOverlay) throw backed(backingFile);
  if ((features & DATA_FILE) !== 0n) {
    throw new ImageRefused("keeps its data in another file; flatten it (qemu-img convert -O qcow2)");
  }
  if (encryption !== 0) throw new ImageRefused("is encrypted, which is not supported");
  if ((features & CORRUPT) !== 0n) {
    throw new ImageRefused("is marked corrupt; build it again (qemu-img check shows why)");
  }
  if ((features & ~KNOWN_FEATURES) !== 0n) {
    throw new ImageRefused(
      `has the unknown qcow2 features ${features.toString(16)} (hexadecimal); convert it`,
    );
  }
  if (size === 0n || size > BigInt(LARGEST_DISK)) {
    throw new ImageRefused(`has a virtual size of ${size} bytes, want 1 to ${LARGEST_DISK}`);
  }
  if (snapshots > LARGEST_SNAPSHOTS) throw broken(`${snapshots} snapshots`);
  judgeTables(header, fileBytes);
}

/** Whether the tables can be where the header says, and as large as the disk needs. */
function judgeTables(header: Qcow2Header, fileBytes: number): void {
  const { clusterBits, headerBytes, l1Entries, l1Offset, refcountOffset, refcountClusters } = header;
  if (clusterBits < 9 || clusterBits > 21) throw broken(`clusters of 2^${clusterBits} bytes`);
  const cluster = 1n << BigInt(clusterBits);
  if (headerBytes < V2_BYTES || headerBytes > cluster) throw broken(`a header of ${headerBytes} bytes`);
  const entryBytes = (header.features & EXTENDED_L2) === 0n ? 8n : 16n;
  const covered = BigInt(l1Entries) * (cluster / entryBytes) * cluster;
  if (covered < header.size || l1Entries * 8 > LARGEST_L1_BYTES) {
    throw broken(`an L1 table of ${l1Entries} entries for ${header.size} bytes`);
  }
  assertAligned("L1 table", l1Offset, cluster);
  if (l1Offset + BigInt(l1Entries) * 8n > fileBytes)
    throw truncated(fileBytes, "before the end of its L1 table");
  if (refcountClusters === 0) throw broken("no refcount table");
  assertAligned("refcount table", refcountOffset, cluster);
  if (refcountOffset + 8n > fileBytes) throw truncated(fileBytes, "before the end of its refcount table");
}

function assertAligned(what: string, offset: bigint, cluster: bigint): void {
  if (offset % cluster !== 0n || offset === 0n) throw broken(`its ${what} at ${offset}`);
}

function backed(name: string): ImageRefused {
  return new ImageRefused(
    `has the backing file ${JSON.stringify(name)}; flatten it (qemu-img convert -O qcow2) before it goes here`,
  );
}

function truncated(fileBytes: number, where: string): ImageRefused {
  return new ImageRefused(`ends ${where}, after ${fileBytes} bytes; copy it again, in full`);
}

function broken(what: string): ImageRefused {
  return new ImageRefused(`is no sound qcow2 file: it has ${what}; build it again`);
}
