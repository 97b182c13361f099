import { nearestName } from '../text/nearestName.ts';
import type { FilterField } from './filterFields.ts';
import { FilterError, type ValueToken } from './filterSyntax.ts';

const numberPattern = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)([%kKMG]?)$/i;
const factors: Readonly<Record<string, number>> = { '': 1, '%': 0.01, k: 1e3, K: 1e3, M: 1e6, G: 1e9 };

const durationPattern = /^(\d+\.?\d*|\.\d+)\s*(s|m|min|h|d|w)?$/;
const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3_600, d: 86_400, w: 604_800 };

const datePattern = /^(\d{4})-(\d{1,2})(?:-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?)?)?$/;

/** `0.95`, `95%`, `1e-3`, `1.5M`. Throws FilterError. */
export function numberValue(field: FilterField, value: ValueToken): number {
  const [, digits, suffix = ''] = numberPattern.exec(value.text) ?? [];
  const factor = factors[suffix];
  if (digits !== undefined && factor !== undefined) {
    // 95 / 100 is 0.95 where 95 * 0.01 is not
    return suffix === '%' ? Number(digits) / 100 : Number(digits) * factor;
  }
  throw new FilterError(value.span, `${field.name} is a number, as in 0.01, 95% or 1e-3; got "${value.text}".`);
}

/** Seconds of `90`, `90s`, `10m`, `2h`, `7d`, `2w`. Throws FilterError. */
export function durationValue(field: FilterField, value: ValueToken): number {
  const [, digits, unit = 's'] = durationPattern.exec(value.text) ?? [];
  if (digits !== undefined) return Number(digits) * secondsOf[unit]!;
  throw new FilterError(
    value.span,
    `${field.name} is a length of time, as in 30s, 10m, 2h or 7d; got "${value.text}".`,
  );
}

/** A stretch of time in milliseconds since 1970: a whole day, month or minute, as far as the text is exact. */
export interface TimeSpan {
  startMs: number;
  /** the first moment after it */
  endMs: number;
}

/** `2026-01-31`, `2026-01`, `2026-01-31T14:05`, `today`, `yesterday`, in local time. Throws FilterError. */
export function timeValue(field: FilterField, value: ValueToken, nowMs: number): TimeSpan {
  const word = value.text.toLowerCase();
  if (word === 'today') return day(nowMs, 0);
  if (word === 'yesterday') return day(nowMs, -1);
  const match = datePattern.exec(value.text);
  const span = match
    ? dateSpan(match.slice(1).map((part) => (part === undefined ? undefined : Number(part))))
    : undefined;
  if (span) return span;
  throw new FilterError(
    value.span,
    `${field.name} is a date, as in 2026-01-31, "2026-01-31 14:05", today or yesterday; got "${value.text}".`,
  );
}

function day(nowMs: number, offset: number): TimeSpan {
  const now = new Date(nowMs);
  const at = (days: number): number => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days).getTime();
  return { startMs: at(offset), endMs: at(offset + 1) };
}

function dateSpan(parts: (number | undefined)[]): TimeSpan | undefined {
  const [year = 0, month = 0, date, hour, minute, second] = parts;
  if (month < 1 || month > 12) return undefined;
  if (date === undefined) {
    return { startMs: new Date(year, month - 1, 1).getTime(), endMs: new Date(year, month, 1).getTime() };
  }
  // Date takes 31 February for 3 March
  if (date < 1 || date > new Date(year, month, 0).getDate()) return undefined;
  if (hour === undefined || minute === undefined) {
    return {
      startMs: new Date(year, month - 1, date).getTime(),
      endMs: new Date(year, month - 1, date + 1).getTime(),
    };
  }
  if (hour > 23 || minute > 59 || (second ?? 0) > 59) return undefined;
  const startMs = new Date(year, month - 1, date, hour, minute, second ?? 0).getTime();
  return { startMs, endMs: startMs + (second === undefined ? 60_000 : 1_000) };
}

const switchWords: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

/** Throws FilterError. */
export function switchValue(field: FilterField, value: ValueToken): boolean {
  const found = switchWords[value.text.toLowerCase()];
  if (found !== undefined) return found;
  throw new FilterError(value.span, `${field.name} is yes or no; got "${value.text}".`);
}

/** A text in small letters. Throws FilterError for a word that a closed list does not have. */
export function textValue(field: FilterField, value: ValueToken, isWhole: boolean): string {
  const text = value.text.toLowerCase();
  const { choices } = field;
  if (!isWhole || !choices || choices.some((choice) => choice.toLowerCase() === text)) return text;
  const near = nearestName(value.text, choices);
  const hint = near ? `did you mean "${near}"? Known` : 'known';
  throw new FilterError(value.span, `${field.name} is never "${value.text}"; ${hint}: ${choices.join(', ')}.`);
}
