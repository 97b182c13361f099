/** Powers of ten that a float64 holds exactly. */
const exactPowers = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const splitter = 2 ** 27 + 1;
const maxExact = 2 ** 53;

const zero = 0x30;
const decoder = new TextDecoder('latin1');

/** What `parseNumber` answers for text that is no number; told apart from a written NaN by the caller's missing words. */
export const notANumber = Number.NaN;

/** high + low, divided by an exact power, rounded once: Dekker's product gives the remainder exactly. */
function divide(high: number, low: number, power: number): number {
  const quotient = (high + low) / power;
  const a = splitter * quotient;
  const quotientHigh = a - (a - quotient);
  const quotientLow = quotient - quotientHigh;
  const b = splitter * power;
  const powerHigh = b - (b - power);
  const powerLow = power - powerHigh;
  const product = quotient * power;
  const error =
    quotientLow * powerLow - (product - quotientHigh * powerHigh - quotientLow * powerHigh - quotientHigh * powerLow);
  const remainder = high - product - error + low;
  return quotient + remainder / power;
}

/**
 * The number that bytes `start` to `end` write in decimal, as near as `Number()` comes; NaN when they write none. Common
 * forms are read without making a string. `decimal` is the byte of the decimal mark.
 */
export function parseNumber(bytes: Uint8Array, start: number, end: number, decimal: number): number {
  let at = start;
  let stop = end;
  while (at < stop && (bytes[at] === 0x20 || bytes[at] === 0x09)) at++;
  while (stop > at && (bytes[stop - 1] === 0x20 || bytes[stop - 1] === 0x09)) stop--;
  const first = at;
  const isNegative = bytes[at] === 0x2d;
  if (isNegative || bytes[at] === 0x2b) at++;
  let high = 0;
  let low = 0;
  let lowScale = 1;
  let digits = 0;
  let seen = 0;
  let scale = 0;
  let isFraction = false;
  for (; at < stop; at++) {
    const digit = bytes[at]! - zero;
    if (digit >= 0 && digit <= 9) {
      seen++;
      if (isFraction) scale--;
      if (digits === 0 && digit === 0) continue;
      if (digits < 15) high = high * 10 + digit;
      else {
        low = low * 10 + digit;
        lowScale *= 10;
      }
      digits++;
    } else if (bytes[at] === decimal && !isFraction) isFraction = true;
    else break;
  }
  if (seen === 0) return notANumber;
  if (at < stop) {
    if (bytes[at] !== 0x65 && bytes[at] !== 0x45) return notANumber;
    let place = at + 1;
    const isDown = bytes[place] === 0x2d;
    if (isDown || bytes[place] === 0x2b) place++;
    if (place >= stop || stop - place > 5) return notANumber;
    let exponent = 0;
    for (; place < stop; place++) {
      const digit = bytes[place]! - zero;
      if (digit < 0 || digit > 9) return notANumber;
      exponent = exponent * 10 + digit;
    }
    scale += isDown ? -exponent : exponent;
  }
  let value: number;
  if (digits <= 15) {
    if (scale === 0 || high === 0) value = high;
    else if (scale < 0 && scale >= -22) value = high / exactPowers[-scale]!;
    else if (scale > 0 && scale <= 22) value = high * exactPowers[scale]!;
    else return slow(bytes, first, stop, decimal);
  } else if (digits <= 19 && scale <= 0 && scale >= -22) {
    // two halves whose exact sum is the number written, then one rounding
    const top = high * lowScale;
    const sum = top + low;
    if (top < maxExact) value = divide(sum, 0, exactPowers[-scale]!);
    else return widePart(high, low, lowScale, scale, isNegative);
  } else return slow(bytes, first, stop, decimal);
  return isNegative ? -value : value;
}

function widePart(high: number, low: number, lowScale: number, scale: number, isNegative: boolean): number {
  // exact product of two whole numbers as a sum of two floats
  const product = high * lowScale;
  const a = splitter * high;
  const highHigh = a - (a - high);
  const highLow = high - highHigh;
  // lowScale is at most 10^4, so these products are exact
  const error = highHigh * lowScale - product + highLow * lowScale;
  const sum = product + low;
  const rest = low - (sum - product) + error;
  const value = scale === 0 ? sum + rest : divide(sum, rest, exactPowers[-scale]!);
  return isNegative ? -value : value;
}

function slow(bytes: Uint8Array, start: number, end: number, decimal: number): number {
  const text = decoder.decode(bytes.subarray(start, end));
  return Number(decimal === 0x2e ? text : text.replace(String.fromCharCode(decimal), '.'));
}
