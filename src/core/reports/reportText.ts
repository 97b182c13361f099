/** Characters that turn the direction of text around them, which a name must not do to its neighbours. */
const directionMarks = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const controls = /[^\P{Cc}\t\n\r]/gu;

/** A text of a user without what could disturb the text around it. */
export const plainText = (text: string): string => text.replaceAll(directionMarks, '').replaceAll(controls, '');

/** A text as Markdown shows it letter by letter, on one line. */
export function markdownText(text: string): string {
  return plainText(text)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_{}[\]()<>#+\-.!|~&$:@^=]/g, (letter) => `\\${letter}`);
}

/** 98.33 %, 0.0412: a metric with as many digits as make sense. */
export function valueText(metric: string, value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (metric.endsWith('Accuracy')) return `${(100 * value).toFixed(2)} %`;
  return numberText(value);
}

/** A difference of two values of a metric, always with its sign. */
export function signedValueText(metric: string, value: number): string {
  const text = valueText(metric, Math.abs(value));
  return value < 0 ? `−${text}` : `+${text}`;
}

/** Mean ± spread with as many digits as the spread has a say in: two of its own. */
export function meanText(metric: string, mean: number, spread: number | null): string {
  if (spread === null) return valueText(metric, mean);
  if (metric.endsWith('Accuracy')) return `${(100 * mean).toFixed(2)} ± ${(100 * spread).toFixed(2)} %`;
  const decimals = 1 - Math.floor(Math.log10(spread));
  const isPlain = spread > 0 && decimals <= mostDecimals && Math.abs(mean) < 1e5;
  if (!isPlain) return `${numberText(mean)} ± ${numberText(spread)}`;
  const digits = Math.max(0, decimals);
  return `${mean.toFixed(digits)} ± ${spread.toFixed(digits)}`;
}
const mostDecimals = 6;

export function numberText(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return value.toExponential(3);
  return String(Number(value.toPrecision(5)));
}

export function durationText(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${rest} s`;
}
