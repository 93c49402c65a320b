import { isIPv6 } from "node:net";

/** An IPv6 range in CIDR notation (RFC 4291), as numbers. */
export interface Range6 {
  readonly first: bigint;
  readonly prefixLength: number;
}

/**
 * Parses `fd93::/48`; an address without a length is a range of one.
 * @throws RangeError naming the text and what is wrong with it
 */
export function parseRange6(text: string): Range6 {
  const match = /^([0-9a-f:]+)(?:\/(\d{1,3}))?$/i.exec(text);
  const [, address = "", length = "128"] = match ?? [];
  const prefixLength = Number(length);
  if (!isIPv6(address)) throw new RangeError(`${text}: not an IPv6 range; write it like fd93:4e65:7374::/48`);
  if (prefixLength > 128) throw new RangeError(`${text}: the length is above 128`);
  const value = addressValue(address);
  const first = value - (value % sizeOf(prefixLength));
  if (first !== value) throw new RangeError(`${text}: has bits set behind its length`);
  return { first, prefixLength };
}

/** Whether the ranges share an address. */
export function overlap6(a: Range6, b: Range6): boolean {
  return a.first < b.first + sizeOf(b.prefixLength) && b.first < a.first + sizeOf(a.prefixLength);
}

/**
 * The n-th /64 of a range.
 * @throws RangeError when the range ends before it
 */
export function subnet6At(range: string, index: number): string {
  return `${base6At(range, index)}/64`;
}

/**
 * An address of the n-th /64 of a range.
 * @param host its last 16 bits
 * @throws RangeError when the range ends before it
 */
export function address6At(range: string, index: number, host: number): string {
  return `${base6At(range, index)}${host.toString(16)}`;
}

function base6At(range: string, index: number): string {
  const { first, prefixLength } = parseRange6(range);
  if (prefixLength > 64 || index >= 2 ** (64 - prefixLength)) {
    throw new RangeError(`${range}: has no /64 number ${index}`);
  }
  const network = (first >> 64n) + BigInt(index);
  const groups = [48n, 32n, 16n, 0n].map((shift) => ((network >> shift) & 0xffffn).toString(16));
  return `${groups.join(":")}::`;
}

function sizeOf(prefixLength: number): bigint {
  return 1n << BigInt(128 - prefixLength);
}

/** `::` stands for as many zeros as are missing. */
function addressValue(address: string): bigint {
  const [head = "", tail] = address.split("::");
  const left = groupsOf(head);
  const right = groupsOf(tail ?? "");
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":");
}
