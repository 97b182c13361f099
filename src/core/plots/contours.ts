/** Line pieces as columns x1, y1, x2, y2 in the coordinates of the domain. */
export type Segment = readonly [number, number, number, number];

/**
 * The lines on which a function has a value, by marching squares over a grid of `cells` by `cells`; a saddle is cut by the
 * mean of its corners.
 */
export function contourSegments(
  value: (x: number, y: number) => number,
  level: number,
  domain: { x: readonly [number, number]; y: readonly [number, number] },
  cells: number,
): Segment[] {
  const xs = Array.from({ length: cells + 1 }, (_, i) => domain.x[0] + (i * (domain.x[1] - domain.x[0])) / cells);
  const ys = Array.from({ length: cells + 1 }, (_, i) => domain.y[0] + (i * (domain.y[1] - domain.y[0])) / cells);
  const heights = ys.map((y) => xs.map((x) => value(x, y) - level));
  const segments: Segment[] = [];
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      const corners = [
        [xs[column]!, ys[row]!, heights[row]![column]!],
        [xs[column + 1]!, ys[row]!, heights[row]![column + 1]!],
        [xs[column + 1]!, ys[row + 1]!, heights[row + 1]![column + 1]!],
        [xs[column]!, ys[row + 1]!, heights[row + 1]![column]!],
      ] as const;
      const crossings = corners.flatMap((from, i) => {
        const to = corners[(i + 1) % 4]!;
        if (from[2] < 0 === to[2] < 0) return [];
        const share = from[2] / (from[2] - to[2]);
        return [[from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])] as const];
      });
      const [a, b, c, d] = crossings;
      if (!a || !b) continue;
      if (!c || !d) {
        segments.push([a[0], a[1], b[0], b[1]]);
        continue;
      }
      const centre = corners.reduce((sum, corner) => sum + corner[2], 0);
      const isJoined = centre < 0 === corners[0][2] < 0;
      const pairs = isJoined
        ? ([
            [a, b],
            [c, d],
          ] as const)
        : ([
            [d, a],
            [b, c],
          ] as const);
      for (const [from, to] of pairs) segments.push([from[0], from[1], to[0], to[1]]);
    }
  }
  return segments;
}
