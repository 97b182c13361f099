/**
 * The direction of steepest descent under an lp norm, coordinate by coordinate: g / (|g| + epsilon)^rho with
 * rho = (p - 2) / (p - 1), so its size is |g|^(1/(p-1)). rho = 0 gives g, rho -> 1 the sign of g. Zero gives zero,
 * also with epsilon = 0. (Xu and Yang 2026, algorithm 1.)
 */
export function lpDirection(gradient: number, rho: number, epsilon: number): number {
  return quotient(gradient, (Math.abs(gradient) + epsilon) ** rho);
}

/** numerator / denominator, and 0 where the denominator is 0: no gradient so far means no step. */
export function quotient(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator;
}

/** beta * old + (1 - beta) * fresh */
export function average(beta: number, old: number, fresh: number): number {
  return beta * old + (1 - beta) * fresh;
}
