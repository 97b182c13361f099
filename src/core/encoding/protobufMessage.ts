/** Writes protocol buffer messages: fields in the order of the calls, nested messages as bytes. */
export class ProtobufMessage {
  readonly #parts: Uint8Array[] = [];

  /** int32, int64, enum and bool; negative numbers as two's complement of 64 bits. */
  integer(field: number, value: number | bigint): this {
    this.#parts.push(varint(BigInt(field << 3)), varint(BigInt(value)));
    return this;
  }

  float(field: number, value: number): this {
    this.#parts.push(varint(BigInt((field << 3) | 5)), new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  double(field: number, value: number): this {
    this.#parts.push(varint(BigInt((field << 3) | 1)), new Uint8Array(Float64Array.of(value).buffer));
    return this;
  }

  /** A repeated double field in its packed form. */
  doubles(field: number, values: ArrayLike<number>): this {
    return this.bytes(field, new Uint8Array(Float64Array.from(values).buffer));
  }

  bytes(field: number, value: Uint8Array | string | ProtobufMessage): this {
    const bytes = encoded(value);
    this.#parts.push(varint(BigInt((field << 3) | 2)), varint(BigInt(bytes.length)), bytes);
    return this;
  }

  encode(): Uint8Array {
    const whole = new Uint8Array(this.#parts.reduce((length, part) => length + part.length, 0));
    let position = 0;
    for (const part of this.#parts) {
      whole.set(part, position);
      position += part.length;
    }
    return whole;
  }
}

function encoded(value: Uint8Array | string | ProtobufMessage): Uint8Array {
  if (typeof value === 'string') return new TextEncoder().encode(value);
  return value instanceof ProtobufMessage ? value.encode() : value;
}

/** Seven bits a byte, the lowest first; all but the last byte have the top bit set. */
function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
}
