/** An IPv4 range in CIDR notation (RFC 4632), as numbers. */
export interface Range {
  readonly first: number;
  readonly prefixLength: number;
}

/**
 * Parses `10.93.0.0/16`; an address without a length is a range of one.
 * @throws RangeError naming the text and what is wrong with it
 */
export function parseRange(text: string): Range {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (match === null) throw new RangeError(`${text}: not an IPv4 range; write it like 10.93.0.0/16`);
  const octets = match.slice(1, 5).map(Number);
  const prefixLength = Number(match[5] ?? 32);
  if (octets.some((octet) => octet > 255) || prefixLength > 32) {
    throw new RangeError(`${text}: an octet is above 255 or the length above 32`);
  }
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const first = address - (address % sizeOf(prefixLength));
  if (first !== address) {
    throw new RangeError(
      `${text}: has bits set behind its length; write ${formatAddress(first)}/${prefixLength}`,
    );
  }
  return { first, prefixLength };
}

/** Whether the ranges share an address. */
export function overlap(a: Range, b: Range): boolean {
  return a.first < b.first + sizeOf(b.prefixLength) && b.first < a.first + sizeOf(a.prefixLength);
}

/**
 * The address at an index of a range: 0 is the network's own.
 * @throws RangeError when the range ends before it
 */
export function addressAt(range: string, index: number): string {
  const { first, prefixLength } = parseRange(range);
  if (index >= sizeOf(prefixLength)) throw new RangeError(`${range}: has no address number ${index}`);
  return formatAddress(first + index);
}

/**
 * The n-th part of a range when it is cut into parts of `prefixLength`.
 * @throws RangeError when the range is too small
 */
export function subrangeAt(range: string, prefixLength: number, index: number): string {
  return `${addressAt(range, index * sizeOf(prefixLength))}/${prefixLength}`;
}

function sizeOf(prefixLength: number): number {
  return 2 ** (32 - prefixLength);
}

function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
