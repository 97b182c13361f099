import type { KernelThreads } from './kernelThreads.ts';

/** A size is split into its head, exponent and first four digits, and the rest; see lpDirection in optimizers.h. */
const headDigits = 16;
const exponents = 256;
const exponentBias = 127;

export interface PowerTable {
  /** of the table of head^-rho on the heap */
  pointer: number;
  /** c1 to c4 of (1 + d)^-rho = 1 + c1 d + ... + c4 d^4 for 0 <= d < 1/16, within 3e-9 */
  polynomial: readonly number[];
}

/** Gives what the kernels need for powers of -rho; made anew when rho changes, the same for all variables of a step. */
export function createPowerTables(kernels: KernelThreads): (rho: number) => PowerTable {
  let table: ReturnType<KernelThreads['keep']> | undefined;
  let known: { rho: number; polynomial: PowerTable['polynomial'] } | undefined;
  return (rho) => {
    table ??= kernels.keep(exponents * headDigits);
    if (known?.rho !== rho) {
      fillTable(table.values, rho);
      known = { rho, polynomial: fitPolynomial(rho) };
    }
    return { pointer: table.pointer, polynomial: known.polynomial };
  };
}

function fillTable(values: Float32Array, rho: number): void {
  const digits = Float64Array.from({ length: headDigits }, (_, digit) => (1 + digit / headDigits) ** -rho);
  for (let exponent = 0; exponent < exponents; exponent++) {
    const power = 2 ** (-rho * (exponent - exponentBias));
    for (let digit = 0; digit < headDigits; digit++) values[exponent * headDigits + digit] = power * digits[digit]!;
  }
}

/** ((1 + d)^-rho - 1) / d through its values at the Chebyshev points of [0, 1/16], as a polynomial in d. */
function fitPolynomial(rho: number): number[] {
  const half = 1 / (2 * headDigits);
  const points = [1, 3, 5, 7].map((k) => half + half * Math.cos((k * Math.PI) / 8));
  // Newton's divided differences, then Horner's scheme from the innermost bracket outwards
  const differences = points.map((d) => Math.expm1(-rho * Math.log1p(d)) / d);
  for (let order = 1; order < points.length; order++) {
    for (let i = points.length - 1; i >= order; i--) {
      differences[i] = (differences[i]! - differences[i - 1]!) / (points[i]! - points[i - order]!);
    }
  }
  let coefficients: number[] = [];
  for (let i = points.length - 1; i >= 0; i--) {
    const shifted = [0, ...coefficients];
    coefficients = shifted.map((each, power) => each - points[i]! * (coefficients[power] ?? 0));
    coefficients[0]! += differences[i]!;
  }
  return coefficients;
}
