/** Codes of cells beside their numbers. */
export const noText = -1;
/** a text that came after the dictionary was full */
export const textOverflow = -2;

/** Different texts that one column may have before it counts as free text. */
export const maxTexts = 65_536;
/** Bytes of text that the dictionaries of a table hold, so that long texts cannot fill the memory. */
export const maxDictionaryBytes = 64 * 2 ** 20;
const maxNumbers = 1_024;
/** Whole numbers from 0 on that are counted by their place rather than looked up. */
const placedNumbers = 1_024;
/** Texts that are recognised by their bytes, without being decoded again. */
const mostKnownBytes = 32;
const mostKnownTexts = 4_096;

interface KnownText {
  bytes: Uint8Array;
  /** its place in the dictionary */
  code: number;
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash >>> 0;
}

const isoDate = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
const dayMs = 86_400_000;

/** Days since 1970-01-01 of an ISO date, midnight and UTC where it says no other; NaN for other text. */
export function dateInDays(text: string): number {
  if (!isoDate.test(text)) return Number.NaN;
  const hasTime = text.length > 10;
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10));
  return Date.parse(text.replace(' ', 'T') + (hasTime && !hasZone ? 'Z' : '')) / dayMs;
}

/**
 * One column of a table while it is read. A cell is a number (its code is `noText`), missing (NaN with `noText`), or a
 * text: then its code is its place in `texts`, and its number is the date it writes, if any.
 */
export class TableColumn {
  readonly name: string;
  values: Float64Array;
  codes: Int32Array | null = null;
  readonly texts: string[] = [];
  readonly textCounts: number[] = [];
  missing = 0;
  infinite = 0;
  numbers = 0;
  textCells = 0;
  dateCells = 0;
  isTextOverflown = false;
  /** line of the first text and of the first infinite value, for messages */
  firstText: { row: number; text: string } | null = null;
  firstInfinite: number | null = null;
  firstMissing: number | null = null;
  isInteger = true;
  /** every number is the one before plus one */
  isSequence = true;
  minimum = Infinity;
  maximum = -Infinity;
  sum = 0;
  /** counts of numbers; null once there are too many different ones */
  numberCounts: Map<number, number> | null = new Map();
  private readonly places = new Map<string, number>();
  /** the date that each text writes, in days; NaN for the others */
  private readonly days: number[] = [];
  private readonly known = new Map<number, KnownText>();
  private last = Number.NaN;

  constructor(name: string, blockRows: number) {
    this.name = name;
    this.values = new Float64Array(blockRows);
  }

  setMissing(at: number, row: number): void {
    this.values[at] = Number.NaN;
    if (this.codes) this.codes[at] = noText;
    this.missing++;
    this.firstMissing ??= row;
  }

  setInfinite(at: number, row: number): void {
    this.setMissing(at, row);
    this.missing--;
    this.infinite++;
    this.firstInfinite ??= row;
  }

  /** Keeps a text; answers the bytes by which the dictionaries grew. */
  setText(at: number, text: string, row: number, isFull: boolean): number {
    this.codes ??= new Int32Array(this.values.length).fill(noText);
    this.firstText ??= { row, text };
    const known = this.places.get(text);
    if (known !== undefined) {
      this.setCode(at, known);
      return 0;
    }
    const days = dateInDays(text);
    if (isFull || this.texts.length >= maxTexts) {
      this.textCells++;
      if (!Number.isNaN(days)) this.dateCells++;
      this.values[at] = days;
      this.isTextOverflown = true;
      this.codes[at] = textOverflow;
      return 0;
    }
    const place = this.texts.length;
    this.texts.push(text);
    this.textCounts.push(0);
    this.days.push(days);
    this.places.set(text, place);
    this.setCode(at, place);
    return 2 * text.length + 64;
  }

  /** Keeps a text that was seen before, if its bytes are those that `know` was told of. */
  setKnownText(at: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { size } = this.known;
    if (size === 0 || end - start > mostKnownBytes) return false;
    const known = this.known.get(hashOf(bytes, start, end));
    if (known === undefined || known.bytes.length !== end - start) return false;
    for (let i = 0; i < known.bytes.length; i++) if (known.bytes[i] !== bytes[start + i]) return false;
    this.codes ??= new Int32Array(this.values.length).fill(noText);
    this.setCode(at, known.code);
    return true;
  }

  /** Remembers the bytes of the text that was kept last, in cell `at`. */
  know(at: number, bytes: Uint8Array, start: number, end: number): void {
    const code = this.codes![at]!;
    if (code < 0 || end - start > mostKnownBytes || this.known.size >= mostKnownTexts) return;
    this.known.set(hashOf(bytes, start, end), { bytes: bytes.slice(start, end), code });
  }

  private setCode(at: number, code: number): void {
    const days = this.days[code]!;
    this.textCells++;
    if (days === days) this.dateCells++;
    this.textCounts[code]!++;
    this.values[at] = days;
    this.codes![at] = code;
  }

  /** Counts the numbers of the first `rows` cells of a block, then makes the block ready to be filled again. */
  closeBlock(rows: number): void {
    const { values, codes } = this;
    let { numbers, sum, minimum, maximum, isInteger, isSequence, last } = this;
    for (let i = 0; i < rows; i++) {
      const value = values[i]!;
      if (value !== value || (codes !== null && codes[i] !== noText)) continue;
      numbers++;
      sum += value;
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
      if (isInteger && Math.floor(value) !== value) isInteger = false;
      if (isSequence) {
        isSequence = last !== last || value === last + 1;
        last = value;
      }
    }
    Object.assign(this, { numbers, sum, minimum, maximum, isInteger, isSequence, last });
    this.countNumbers(rows);
  }

  private countNumbers(rows: number): void {
    const { values, codes, numberCounts } = this;
    if (numberCounts === null) return;
    const placed = new Uint32Array(placedNumbers);
    const count = (value: number, more: number): void => {
      numberCounts.set(value, (numberCounts.get(value) ?? 0) + more);
    };
    for (let i = 0; i < rows && numberCounts.size <= maxNumbers; i++) {
      const value = values[i]!;
      if (value !== value || (codes !== null && codes[i] !== noText)) continue;
      const place = value | 0;
      if (place === value && place >= 0 && place < placedNumbers) placed[place]!++;
      else count(value, 1);
    }
    placed.forEach((more, value) => more > 0 && count(value, more));
    if (numberCounts.size > maxNumbers) this.numberCounts = null;
  }

  clearCodes(): void {
    this.codes = null;
  }
}
