/**
 * 95 % interval of a share: `right` of `total` rows (E. B. Wilson, 1927), with z = 1.959964:
 *   (s + z^2/2n +- z sqrt(s (1 - s) / n + z^2 / 4n^2)) / (1 + z^2/n)
 * It says how much the finite test part leaves open, not how much another seed would.
 */
export function wilsonInterval(right: number, total: number): { low: number; high: number } {
  const z = 1.959963984540054;
  const share = right / total;
  const center = share + (z * z) / (2 * total);
  const half = z * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total));
  const scale = 1 + (z * z) / total;
  return { low: Math.max(0, (center - half) / scale), high: Math.min(1, (center + half) / scale) };
}
