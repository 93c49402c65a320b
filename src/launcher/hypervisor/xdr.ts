/** Writes External Data Representation (RFC 4506), as far as libvirt's calls need it. */
export class XdrWriter {
  readonly #parts: Buffer[] = [];

  int(value: number): this {
    const part = Buffer.alloc(4);
    part.writeInt32BE(value | 0);
    this.#parts.push(part);
    return this;
  }

  /** Fixed-length opaque data; its length must be a multiple of 4. */
  opaque(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }

  string(text: string): this {
    const bytes = Buffer.from(text, "utf8");
    this.int(bytes.length);
    this.#parts.push(bytes, Buffer.alloc(-bytes.length & 3));
    return this;
  }

  /** Optional data that is there. */
  optionalString(text: string): this {
    return this.int(1).string(text);
  }

  /** Optional data that is not there. */
  none(): this {
    return this.int(0);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/**
 * Reads External Data Representation.
 * @throws RangeError from every method when the data ends too early
 */
export class XdrReader {
  readonly #data: Buffer;
  #offset = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  int(): number {
    const value = this.#data.readInt32BE(this.#offset);
    this.#offset += 4;
    return value;
  }

  opaque(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.#data.length) throw new RangeError(`message ends at ${this.#data.length}, want ${end}`);
    const bytes = this.#data.subarray(this.#offset, end);
    this.#offset = end + (-length & 3);
    return bytes;
  }

  string(): string {
    return this.opaque(this.int() >>> 0).toString("utf8");
  }

  optionalString(): string | undefined {
    return this.int() === 0 ? undefined : this.string();
  }
}
