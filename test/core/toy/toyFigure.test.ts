import { describe, expect, it } from 'vitest';
import { contourSegments } from '../../../src/core/plots/contours.ts';
import { paperTheme } from '../../../src/core/plots/svg.ts';
import { paperToyFigures } from '../../../src/core/toy/paperFigures.ts';
import { runToy } from '../../../src/core/toy/runToy.ts';
import { toyFigure } from '../../../src/core/toy/toyFigure.ts';

const descentOf = (id: 'strong' | 'weak', optimizer: string) =>
  paperToyFigures.find((figure) => figure.id === id)!.descents.find(({ run }) => run.optimizer === optimizer)!.run;
const lastDistance = (id: 'strong' | 'weak', optimizer: string, count = 20): number => {
  const { trajectory } = runToy(descentOf(id, optimizer));
  const distances = trajectory.slice(-count).map(([a, b]) => Math.hypot(a - 1, b - 4));
  return Math.max(...distances);
};

describe('figure 3, as the paper describes it', () => {
  it('with strong anisotropy gradient descent crawls along the flat direction, and sign descent does not', () => {
    const gd = runToy(descentOf('strong', 'sgd')).trajectory.at(-1)!;
    // lr 0.002 takes 0.4 of the steep distance per step and 0.0001 of the flat one
    expect(Math.abs(gd[0] - 1)).toBeLessThan(1e-9);
    expect(Math.abs(gd[1] - 4)).toBeGreaterThan(4.8);
    const sign = runToy(descentOf('strong', 'signsgd')).trajectory.at(-1)!;
    expect(Math.abs(sign[1] - 4)).toBeLessThanOrEqual(0.05 + 1e-9);
  });
  it('with weak anisotropy gradient descent settles, and sign descent oscillates by its learning rate', () => {
    expect(lastDistance('weak', 'sgd')).toBeLessThan(1e-9);
    const { trajectory } = runToy(descentOf('weak', 'signsgd'));
    const moves = trajectory.slice(-20).map(([a], i, all) => (i === 0 ? 0.2 : Math.abs(a - all[i - 1]![0])));
    for (const move of moves) expect(move).toBeCloseTo(0.2, 9);
    expect(lastDistance('weak', 'signsgd')).toBeGreaterThan(0.09);
  });
});

it('contours of a bowl are its ellipses', () => {
  const segments = contourSegments((x, y) => x * x + 4 * y * y, 1, { x: [-2, 2], y: [-2, 2] }, 80);
  expect(segments.length).toBeGreaterThan(100);
  for (const [x1, y1, x2, y2] of segments) {
    expect(x1 * x1 + 4 * y1 * y1).toBeCloseTo(1, 2);
    expect(x2 * x2 + 4 * y2 * y2).toBeCloseTo(1, 2);
  }
  const length = segments.reduce((sum, [x1, y1, x2, y2]) => sum + Math.hypot(x2 - x1, y2 - y1), 0);
  // the perimeter of an ellipse with half axes 1 and 0.5
  expect(length).toBeCloseTo(4.8442, 1);
});

it.each(paperToyFigures)('the figure of $id is one well-formed drawing with every descent', (figure) => {
  const svg = toyFigure({ ...figure, title: 'a < b & "c"', theme: paperTheme });
  expect(svg.startsWith('<svg ')).toBe(true);
  expect(svg).toContain('a &lt; b &amp; &quot;c&quot;');
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  for (const { label } of figure.descents) expect(svg).toContain(label);
});
