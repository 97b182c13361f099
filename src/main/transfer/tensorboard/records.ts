import { AppError } from '../../../core/errors.ts';
import { maskedCrc32c } from './crc32c.ts';

const headBytes = 12;
const footBytes = 4;
const maxRecordBytes = 256 * 2 ** 20;

/** A record: 8 bytes length, its masked CRC-32C, the data, the data's masked CRC-32C; all little-endian. */
export function encodeRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(headBytes + data.length + footBytes);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, headBytes);
  view.setUint32(headBytes + data.length, maskedCrc32c(data), true);
  return record;
}

/**
 * The records of a file in pieces. A last record that is cut off ends them, and `onCut` hears of it: a file that is
 * still being written ends so. Throws AppError `fileUnreadable` where a checksum is wrong.
 */
export async function* decodeRecords(
  pieces: AsyncIterable<Uint8Array>,
  file: string,
  onCut: () => void,
): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0);
  let position = 0;
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let at = 0;
    while (bytes.length - at >= headBytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + at);
      const length = Number(view.getBigUint64(0, true));
      if (view.getUint32(8, true) !== maskedCrc32c(bytes.subarray(at, at + 8)) || length > maxRecordBytes) {
        throw damaged(file, position + at, 'the length of a record is wrong');
      }
      if (bytes.length - at < headBytes + length + footBytes) break;
      const data = bytes.subarray(at + headBytes, at + headBytes + length);
      if (view.getUint32(headBytes + length, true) !== maskedCrc32c(data)) {
        throw damaged(file, position + at, 'the checksum of a record differs');
      }
      yield data;
      at += headBytes + length + footBytes;
    }
    rest = bytes.slice(at);
    position += at;
  }
  if (rest.length > 0) onCut();
}

function damaged(file: string, at: number, why: string): AppError {
  return new AppError('fileUnreadable', `${file} is damaged at byte ${at}: ${why}. Nothing of it was imported.`, {
    details: { path: file, position: at },
  });
}
