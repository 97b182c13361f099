import { readNumber, writeNumber } from '../newRun/runForm.ts';

/** What a text field shows of a setting: 3, or 3, 5 for a pair. */
export function writeSetting(value: unknown): string {
  return Array.isArray(value) ? value.map(writeNumber).join(', ') : writeNumber(value);
}

/**
 * What a text means for a setting: a number, two numbers (3, 5 or 3x5) as a pair, nothing for an empty field, and any
 * other text unchanged, so that the check of the layer can say what is wrong with it.
 */
export function readSetting(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const parts = trimmed.split(/\s*[,;×x]\s*|\s+/);
  const numbers = parts.map(readNumber);
  if (numbers.every((part) => typeof part === 'number')) return numbers.length === 1 ? numbers[0] : numbers;
  return trimmed;
}
