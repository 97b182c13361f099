import type { ComputedRef, InjectionKey } from 'vue';
import type { ConfigWarning } from '../../../core/runs/configWarnings.ts';

/** What there is to say about the configuration in the form. */
export const warningsKey: InjectionKey<ComputedRef<readonly ConfigWarning[]>> = Symbol('warnings');

/**
 * What a number field takes for a text: null for nothing, the number for a number or a percentage, and anything else
 * unchanged, so that the check of the configuration can say what is wrong with it.
 */
export function readNumber(text: string): number | string | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const percent = /^(.*\S)\s*%$/.exec(trimmed)?.[1];
  const value = Number(percent ?? trimmed);
  if (!Number.isFinite(value)) return trimmed;
  return percent === undefined ? value : value / 100;
}

/** The text of a number as people write it: 0.0005, 1e-8. */
export function writeNumber(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'number') return String(value);
  const size = Math.abs(value);
  return size !== 0 && size < 1e-4 ? value.toExponential().replace('e+', 'e') : String(value);
}

/** The next of 1, 2, 5, 10, 20, 50, ... above or below a number; for fields whose values spread over decades. */
export function nextOnLogScale(value: number, direction: 1 | -1): number {
  if (value <= 0) return direction > 0 ? 1e-5 : 0;
  const decade = Math.floor(Math.log10(value) + 1e-9);
  const above = [1, 2, 5, 10, 20].map((digit) => Number(`${digit}e${decade}`));
  const below = [5, 10, 20, 50].map((digit) => Number(`${digit}e${decade - 1}`));
  const tolerance = 1e-9 * value;
  return direction > 0
    ? above.find((candidate) => candidate > value + tolerance)!
    : below.findLast((candidate) => candidate < value - tolerance)!;
}
