/** Numbers and times as a terminal shows them. A value that is missing or not finite shows as a dash. */

const missing = '-';

const two = (n: number): string => String(n).padStart(2, '0');

/** About four significant digits. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return missing;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

/** A share as percent with two decimals: 0.985 -> 98.50 % */
export function formatPercent(share: number | null | undefined, decimals = 2): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return missing;
  return `${(100 * share).toFixed(decimals)} %`;
}

/** 42s, 3m 05s, 2h 07m */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return missing;
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours}h ${two(minutes)}m`;
  return minutes > 0 ? `${minutes}m ${two(whole % 60)}s` : `${whole}s`;
}

/** 2026-01-31 14:05 in local time */
export function formatDate(atMs: number | null): string {
  if (atMs === null) return missing;
  const date = new Date(atMs);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
