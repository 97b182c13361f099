/** The exponent of the lp direction, rho = (p - 2) / (p - 1): 0 at p = 2, towards 1 as p grows (paper, eq. 20). */
export function rhoOf(p: number): number {
  return (p - 2) / (p - 1);
}
