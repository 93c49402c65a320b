/** An IPv4 range in CIDR notation, taken apart for arithmetic. */
interface Range {
  /** First address as a number. */
  first: number;
  prefixLength: number;
}

function parseRange(cidr: string): Range {
  const [address = "", length = ""] = cidr.split("/");
  const octets = address.split(".").map(Number);
  const first = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  if (octets.length !== 4 || !Number.isSafeInteger(first) || length === "") {
    throw new RangeError(`${cidr} is not a range of IPv4 addresses; write it like 10.243.0.0/16`);
  }
  return { first, prefixLength: Number(length) };
}

function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
}

/**
 * The address at a host number of a range; the range's own address has number 0.
 * @throws RangeError when the range has no host of that number
 */
export function addressAt(cidr: string, number: number): string {
  const { first, prefixLength } = parseRange(cidr);
  if (number >= 2 ** (32 - prefixLength)) throw new RangeError(`${cidr} has no address number ${number}`);
  return formatAddress(first + number);
}

/**
 * The /24 at a position of a range; the first has number 0.
 * @throws RangeError when the range is too small for it
 */
export function podSubnetAt(cidr: string, number: number): string {
  const { first, prefixLength } = parseRange(cidr);
  if (number >= 2 ** (24 - prefixLength)) throw new RangeError(`${cidr} has no /24 number ${number}`);
  return `${formatAddress(first + number * 256)}/24`;
}

/** 24 for 192.168.10.0/24. */
export function prefixLengthOf(cidr: string): number {
  return parseRange(cidr).prefixLength;
}

/** The highest member number for which both the LAN has an address and the pod range a /24. */
export function lastMemberNumber(lanRange: string, podRange: string): number {
  const hosts = 2 ** (32 - prefixLengthOf(lanRange)) - 2;
  const subnets = 2 ** (24 - prefixLengthOf(podRange)) - 1;
  return Math.min(hosts, subnets, 254);
}
