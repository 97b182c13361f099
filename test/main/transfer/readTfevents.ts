/**
 * A second reader of event files, written from the format's description and sharing nothing with the program's own: it
 * computes checksums bit by bit and walks fields with plain numbers.
 */
export interface PlainEvent {
  wallSeconds: number;
  step: number;
  fileVersion?: string;
  scalars: Record<string, number>;
  histograms: Record<
    string,
    { minimum: number; maximum: number; count: number; sum: number; limits: number[]; counts: number[] }
  >;
  plugins: Record<string, { plugin: string; content: Uint8Array; text: string | null }>;
}

function crc(bytes: Uint8Array): number {
  let register = 0xffffffff;
  for (const byte of bytes) {
    register ^= byte;
    for (let bit = 0; bit < 8; bit++) register = register & 1 ? (register >>> 1) ^ 0x82f63b78 : register >>> 1;
  }
  return ~register >>> 0;
}

const masked = (bytes: Uint8Array): number => {
  const plain = BigInt(crc(bytes));
  return Number((((plain >> 15n) | (plain << 17n)) + 0xa282ead8n) & 0xffffffffn);
};

type Field = [number: number, value: number | Uint8Array];

export function fields(bytes: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  const number = (): number => {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = bytes[at++]!;
      value += (byte & 127) * factor;
      factor *= 128;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = number();
    const kind = tag & 7;
    if (kind === 0) found.push([tag >>> 3, number()]);
    else {
      const length = kind === 1 ? 8 : kind === 5 ? 4 : number();
      found.push([tag >>> 3, bytes.slice(at, at + length)]);
      at += length;
    }
  }
  return found;
}

const doubleIn = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
const doublesIn = (bytes: Uint8Array): number[] =>
  Array.from({ length: bytes.length / 8 }, (_, i) => doubleIn(bytes.slice(8 * i, 8 * i + 8)));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const only = (all: Field[], wanted: number): Uint8Array => all.find(([number]) => number === wanted)![1] as Uint8Array;

export function readTfevents(file: Uint8Array): PlainEvent[] {
  const events: PlainEvent[] = [];
  let at = 0;
  while (at < file.length) {
    const view = new DataView(file.buffer, file.byteOffset + at);
    const length = Number(view.getBigUint64(0, true));
    if (view.getUint32(8, true) !== masked(file.slice(at, at + 8))) throw new Error(`bad length at ${at}`);
    const data = file.slice(at + 12, at + 12 + length);
    if (view.getUint32(12 + length, true) !== masked(data)) throw new Error(`bad data at ${at}`);
    events.push(readEvent(data));
    at += 16 + length;
  }
  return events;
}

function readEvent(data: Uint8Array): PlainEvent {
  const event: PlainEvent = { wallSeconds: 0, step: 0, scalars: {}, histograms: {}, plugins: {} };
  for (const [number, value] of fields(data)) {
    if (number === 1) event.wallSeconds = doubleIn(value as Uint8Array);
    if (number === 2) event.step = value as number;
    if (number === 3) event.fileVersion = text(value as Uint8Array);
    if (number === 5) {
      for (const [, summary] of fields(value as Uint8Array)) {
        const parts = fields(summary as Uint8Array);
        const tag = text(only(parts, 1));
        for (const [part, content] of parts) {
          if (part === 2) {
            const bytes = content as Uint8Array;
            event.scalars[tag] = new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
          }
          if (part === 5) {
            const histogram = fields(content as Uint8Array);
            const [minimum, maximum, count, sum] = [1, 2, 3, 4].map((field) => doubleIn(only(histogram, field)));
            const [limits, counts] = [6, 7].map((field) => doublesIn(only(histogram, field)));
            event.histograms[tag] = {
              minimum: minimum!,
              maximum: maximum!,
              count: count!,
              sum: sum!,
              limits: limits!,
              counts: counts!,
            };
          }
          if (part === 9) {
            const plugin = fields(only(fields(content as Uint8Array), 1));
            const tensor = parts.find(([field]) => field === 8)?.[1] as Uint8Array | undefined;
            event.plugins[tag] = {
              plugin: text(only(plugin, 1)),
              content: only(plugin, 2),
              text: tensor ? text(only(fields(tensor), 8)) : null,
            };
          }
        }
      }
    }
  }
  return event;
}
