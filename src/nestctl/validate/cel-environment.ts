import { Environment } from "@marcbachmann/cel-js";
import { BlockList, isIP } from "node:net";
import { parseQuantity } from "../../kube/quantity.ts";

/** Functions that Kubernetes adds to CEL, as far as Nestlet's rules use them; names and meanings are its. */

class Quantity {
  readonly value: number;
  constructor(text: string) {
    this.value = parseQuantity(text);
  }
}

class Ip {
  readonly address: string;
  constructor(address: string) {
    this.address = address;
  }
  get family(): number {
    return isIP(this.address);
  }
}

class Cidr {
  readonly address: string;
  readonly prefixLength: number;
  constructor(text: string) {
    const [address = "", length = "", ...more] = text.split("/");
    const bits = isIP(address) === 4 ? 32 : 128;
    if (
      isIP(address) === 0 ||
      more.length > 0 ||
      !/^(0|[1-9]\d{0,2})$/.test(length) ||
      Number(length) > bits
    ) {
      throw new RangeError(`"${text}" is not a range of addresses`);
    }
    this.address = address;
    this.prefixLength = Number(length);
  }
  get text(): string {
    return `${this.address}/${String(this.prefixLength)}`;
  }
  masked(): Cidr {
    if (isIP(this.address) !== 4) return this;
    const octets = this.address.split(".").map((octet, at) => {
      const kept = Math.min(8, Math.max(0, this.prefixLength - 8 * at));
      return Number(octet) & (0xff << (8 - kept)) & 0xff;
    });
    return new Cidr(`${octets.join(".")}/${String(this.prefixLength)}`);
  }
  contains({ address, family }: Ip): boolean {
    const type = isIP(this.address) === 4 ? "ipv4" : "ipv6";
    const list = new BlockList();
    list.addSubnet(this.address, this.prefixLength, type);
    return family === (type === "ipv4" ? 4 : 6) && list.check(address, type);
  }
}

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

/** `%s` and `%d` in the order of the values; `%%` is a percent sign. */
export function formatted(text: string, values: readonly unknown[]): string {
  const rest = [...values];
  return text.replaceAll(/%([sd%])/g, (_, letter: string) => (letter === "%" ? "%" : shown(rest.shift())));
}

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  // JSON has no bigint, which is what CEL's int is here.
  if (typeof value === "bigint") return value.toString();
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? Number(part) : part));
}

/** An environment in which `self` is the value that a rule is about. */
export function kubernetesCel(): Environment {
  return new Environment({ homogeneousAggregateLiterals: false, unlistedVariablesAreDyn: false })
    .registerVariable("self", "dyn")
    .registerType("Quantity", Quantity)
    .registerType("IP", Ip)
    .registerType("CIDR", Cidr)
    .registerFunction("isQuantity(string): bool", (text: string) => succeeds(() => parseQuantity(text)))
    .registerFunction("quantity(string): Quantity", (text: string) => new Quantity(text))
    .registerFunction("Quantity.compareTo(Quantity): int", (one: Quantity, other: Quantity) =>
      BigInt(Math.sign(one.value - other.value)),
    )
    .registerFunction(
      "Quantity.isGreaterThan(Quantity): bool",
      (one: Quantity, other: Quantity) => one.value > other.value,
    )
    .registerFunction("Quantity.isInteger(): bool", ({ value }: Quantity) => Number.isSafeInteger(value))
    .registerFunction("Quantity.asInteger(): int", ({ value }: Quantity) => BigInt(value))
    .registerFunction("isIP(string): bool", (text: string) => isIP(text) !== 0)
    .registerFunction("isCIDR(string): bool", (text: string) => succeeds(() => new Cidr(text)))
    .registerFunction("cidr(string): CIDR", (text: string) => new Cidr(text))
    .registerFunction("CIDR.ip(): IP", (cidr: Cidr) => new Ip(cidr.address))
    .registerFunction("IP.family(): int", (ip: Ip) => BigInt(ip.family))
    .registerFunction("CIDR.masked(): CIDR", (cidr: Cidr) => cidr.masked())
    .registerFunction("CIDR.prefixLength(): int", (cidr: Cidr) => BigInt(cidr.prefixLength))
    .registerFunction("CIDR.containsIP(IP): bool", (cidr: Cidr, ip: Ip) => cidr.contains(ip))
    .registerOperator("CIDR == CIDR", (one: Cidr, other: Cidr) => one.text === other.text)
    .registerFunction("string.format(list): string", formatted)
    .registerFunction("list.sum(): int", (list: bigint[]) => list.reduce((sum, one) => sum + one, 0n))
    .registerFunction("list.indexOf(dyn): int", (list: unknown[], one: unknown) => BigInt(list.indexOf(one)))
    .registerFunction("list.lastIndexOf(dyn): int", (list: unknown[], one: unknown) =>
      BigInt(list.lastIndexOf(one)),
    );
}
