const magic = 0x184d2204;
const blockSizes: Record<number, number> = { 4: 64 * 1_024, 5: 256 * 1_024, 6: 2 ** 20, 7: 4 * 2 ** 20 };

/** Output of an LZ4 frame, which may look back over the blocks before. */
class Output {
  bytes = new Uint8Array(64 * 1_024);
  length = 0;
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  reserve(more: number): void {
    const needed = this.length + more;
    if (needed > this.limit) throw new Error('an LZ4 block unpacks to more than it may');
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

/** One LZ4 block: sequences of literals and copies of what was written before (LZ4 block format). */
function unpackBlock(input: Uint8Array, output: Output): void {
  let at = 0;
  const longLength = (start: number): number => {
    let length = start;
    if (start !== 15) return length;
    for (let byte = 255; byte === 255;) {
      byte = input[at++] ?? 0;
      length += byte;
    }
    return length;
  };
  while (at < input.length) {
    const token = input[at++]!;
    const literals = longLength(token >> 4);
    if (at + literals > input.length) throw new Error('an LZ4 block is cut off');
    output.reserve(literals);
    output.bytes.set(input.subarray(at, at + literals), output.length);
    output.length += literals;
    at += literals;
    if (at >= input.length) return;
    const distance = input[at]! | ((input[at + 1] ?? 0) << 8);
    at += 2;
    if (distance === 0 || distance > output.length) throw new Error('an LZ4 block looks back too far');
    const copied = longLength(token & 15) + 4;
    output.reserve(copied);
    const { bytes } = output;
    for (let i = 0; i < copied; i++, output.length++) bytes[output.length] = bytes[output.length - distance]!;
  }
}

/** Unpacks an LZ4 frame (LZ4 frame format 1.6); checksums are not compared. Throws an Error for damaged data. */
export function unpackLz4Frame(input: Uint8Array, maxBytes: number): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  if (input.length < 7 || view.getUint32(0, true) !== magic) throw new Error('it is no LZ4 frame');
  const flags = input[4]!;
  if (!blockSizes[(input[5]! >> 4) & 7]) throw new Error('an LZ4 frame has an unknown block size');
  let at = 7 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0);
  const output = new Output(maxBytes);
  for (;;) {
    if (at + 4 > input.length) throw new Error('an LZ4 frame is cut off');
    const head = view.getUint32(at, true);
    at += 4;
    if (head === 0) return output.bytes.subarray(0, output.length);
    const length = head & 0x7fffffff;
    if (at + length > input.length) throw new Error('an LZ4 frame is cut off');
    const block = input.subarray(at, at + length);
    if (head & 0x80000000) {
      output.reserve(length);
      output.bytes.set(block, output.length);
      output.length += length;
    } else unpackBlock(block, output);
    at += length + (flags & 16 ? 4 : 0);
  }
}
