import type { KernelThreads } from './kernelThreads.ts';

/** Sizes share a line where their exponents and first eight binary digits are equal; see lpDirection in optimizers.h. */
const headDigits = 256;
const exponentBias = 127;
const infinity = 255;
/** The slope of a line is a float32 for exponents up to this; above it a line is level. */
const lastSloped = 60;

/** Smallest epsilon whose lines float32 can state. */
export const smallestEpsilon = 2 ** -62;
const firstExponent = -62;

/** of a line: its value at size 0, its slope */
const numbersPerLine = 2;
const bytesPerLine = numbersPerLine * Float32Array.BYTES_PER_ELEMENT;
/** integers that each thread needs room for: BLOCK in optimizers.h */
const placesPerThread = 256;

/** Gives what the kernels need for powers of -rho: pointer of the lines, two masks, pointer of room for the threads. */
export type PowerTables = (rho: number) => [lines: number, placeMask: number, signMask: number, room: number];

/** The lines are made anew when rho changes; they are the same for all variables of a step. */
export function createPowerTables(kernels: KernelThreads): PowerTables {
  let kept: { lines: ReturnType<KernelThreads['keep']>; room: number } | undefined;
  let known: number | undefined;
  return (rho) => {
    kept ??= {
      lines: kernels.keep((infinity + 1) * headDigits * numbersPerLine),
      room: kernels.keep(kernels.threads * placesPerThread).pointer,
    };
    if (known === undefined) kept.lines.values.fill(0);
    if (known !== rho) {
      fillLines(kept.lines.values, rho);
      known = rho;
    }
    const lines = (infinity + 1) * headDigits;
    return [kept.lines.pointer, (lines - 1) * bytesPerLine, 1 << 31, kept.room];
  };
}

/** Of all lines that are near size^-rho between two heads, the one whose largest relative difference is least. */
function fillLines(values: Float32Array, rho: number): void {
  const width = 1 / headDigits;
  const powers = Float64Array.from({ length: headDigits + 1 }, (_, digits) => (1 + digits * width) ** -rho);
  const middles = powers.subarray(1).map((next, digits) => (powers[digits]! + next) / 2);
  const slopes = powers.subarray(1).map((next, digits) => (next - powers[digits]!) / width);
  const starts = slopes.map((slope, digits) => {
    const head = 1 + digits * width;
    // a chord lies above the curve by up to curvature width^2 / 8
    const curvature = (rho * (rho + 1) * middles[digits]!) / (head + width / 2) ** 2;
    return powers[digits]! - slope * head - (curvature * width * width) / 16;
  });
  for (let exponent = firstExponent; exponent + exponentBias < infinity; exponent++) {
    const power = 2 ** (-rho * exponent);
    const isSloped = exponent <= lastSloped;
    const [offsets, slopeScale] = isSloped ? [starts, power * 2 ** -exponent] : [middles, 0];
    let at = (exponent + exponentBias) * headDigits * numbersPerLine;
    for (let digits = 0; digits < headDigits; digits++) {
      values[at++] = power * offsets[digits]!;
      values[at++] = slopeScale * slopes[digits]!;
    }
  }
}
