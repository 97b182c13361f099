/** A value of a typed file as a preview shows it. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) return '';
    const text = value.toISOString();
    return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text;
  }
  return typeof value === 'object' ? JSON.stringify(value, plainNumbers) : String(value);
}

/** Whole numbers of 64 bits have no JSON. */
export const plainNumbers = (_: string, part: unknown): unknown => (typeof part === 'bigint' ? Number(part) : part);
