/** The first index in [0, length) whose value is at least `wanted`; `length` when there is none. Values ascend. */
export function lowerBound(values: ArrayLike<number>, length: number, wanted: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the value nearest to `wanted`, the earlier of two equally near; -1 without values. Values ascend. */
export function nearestIndex(values: ArrayLike<number>, length: number, wanted: number): number {
  if (length === 0) return -1;
  const after = Math.min(lowerBound(values, length, wanted), length - 1);
  const before = Math.max(0, after - 1);
  return wanted - values[before]! <= values[after]! - wanted ? before : after;
}
