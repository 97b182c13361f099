/** Codes of cells beside their numbers. */
export const noText = -1;
/** a text that came after the dictionary was full */
export const textOverflow = -2;

/** Different texts that one column may have before it counts as free text. */
export const maxTexts = 65_536;
/** Bytes of text that the dictionaries of a table hold, so that long texts cannot fill the memory. */
export const maxDictionaryBytes = 64 * 2 ** 20;
const maxNumbers = 1_024;

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
    this.textCells++;
    const days = dateInDays(text);
    if (!Number.isNaN(days)) this.dateCells++;
    this.values[at] = days;
    const known = this.places.get(text);
    if (known !== undefined) {
      this.codes[at] = known;
      this.textCounts[known]!++;
      return 0;
    }
    if (isFull || this.texts.length >= maxTexts) {
      this.isTextOverflown = true;
      this.codes[at] = textOverflow;
      return 0;
    }
    const place = this.texts.length;
    this.texts.push(text);
    this.textCounts.push(1);
    this.places.set(text, place);
    this.codes[at] = place;
    return 2 * text.length + 64;
  }

  /** Counts the numbers of the first `rows` cells of a block, then makes the block ready to be filled again. */
  closeBlock(rows: number): void {
    const { values, codes } = this;
    for (let i = 0; i < rows; i++) {
      const value = values[i]!;
      if (value !== value || (codes !== null && codes[i] !== noText)) continue;
      this.numbers++;
      this.sum += value;
      if (value < this.minimum) this.minimum = value;
      if (value > this.maximum) this.maximum = value;
      if (this.isInteger && !Number.isInteger(value)) this.isInteger = false;
      if (this.isSequence) {
        this.isSequence = this.last !== this.last || value === this.last + 1;
        this.last = value;
      }
      if (this.numberCounts !== null) {
        this.numberCounts.set(value, (this.numberCounts.get(value) ?? 0) + 1);
        if (this.numberCounts.size > maxNumbers) this.numberCounts = null;
      }
    }
  }

  clearCodes(): void {
    this.codes = null;
  }
}
