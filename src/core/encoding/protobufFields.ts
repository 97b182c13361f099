import { AppError } from '../errors.ts';

/** One field of a protocol buffer message as it lies there. */
export interface ProtobufField {
  field: number;
  /** 0 varint, 1 eight bytes, 2 bytes with a length, 5 four bytes */
  wireType: 0 | 1 | 2 | 5;
  /** of a varint, as signed 64 bits */
  integer: bigint;
  /** of the other types; shares memory with the message */
  bytes: Uint8Array;
}

const none = new Uint8Array(0);

function malformed(why: string): AppError {
  return new AppError('fileUnreadable', `A message is damaged: ${why}.`);
}

/** The fields of a message in their order. Throws AppError `fileUnreadable` where it is not one. */
export function* protobufFields(message: Uint8Array): Generator<ProtobufField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw malformed('it ends within a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw malformed('a number in it is too long');
  };
  const take = (length: number): Uint8Array => {
    if (length < 0 || at + length > message.length) throw malformed('it ends within a field');
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = Number(BigInt.asUintN(64, varint()));
    const field = Math.floor(tag / 8);
    if (field < 1) throw malformed('a field has no number');
    switch (tag % 8) {
      case 0:
        yield { field, wireType: 0, integer: varint(), bytes: none };
        break;
      case 1:
        yield { field, wireType: 1, integer: 0n, bytes: take(8) };
        break;
      case 2:
        yield { field, wireType: 2, integer: 0n, bytes: take(Number(BigInt.asUintN(64, varint()))) };
        break;
      case 5:
        yield { field, wireType: 5, integer: 0n, bytes: take(4) };
        break;
      default:
        throw malformed('a field is of an unknown type');
    }
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const floatOf = ({ bytes }: ProtobufField): number => viewOf(bytes).getFloat32(0, true);
export const doubleOf = ({ bytes }: ProtobufField): number => viewOf(bytes).getFloat64(0, true);
export const textOf = ({ bytes }: ProtobufField): string => new TextDecoder().decode(bytes);
