const digits = '0123456789abcdefghjkmnpqrstvwxyz';

function inBase32(value: number, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) text = digits[rest % 32]! + text;
  return text;
}

/**
 * Makes run ids: 9 characters of time in milliseconds and 3 of chance, lower-case, without letters that look like
 * digits. Ids sort by age, also several of one millisecond. `randomFloat` is uniform over [0, 1).
 */
export function createRunIds(nowMs: () => number, randomFloat: () => number): () => string {
  let lastMs = 0;
  return () => {
    lastMs = Math.max(Math.floor(nowMs()), lastMs + 1);
    return inBase32(lastMs, 9) + inBase32(Math.floor(randomFloat() * 32 ** 3), 3);
  };
}
