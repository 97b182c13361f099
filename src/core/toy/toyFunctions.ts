import { AppError } from '../errors.ts';
import { nearestName } from '../text/nearestName.ts';

export type Point = readonly [a: number, b: number];

/** A function of two variables, in float64. */
export interface ToyFunction {
  value(point: Point): number;
  gradient(point: Point): [number, number];
}

/** f = curvatures[0] / 2 (a - centre[0])^2 + curvatures[1] / 2 (b - centre[1])^2 */
export function quadratic(curvatures: Point, centre: Point): ToyFunction {
  return {
    value: ([a, b]) => (curvatures[0] / 2) * (a - centre[0]) ** 2 + (curvatures[1] / 2) * (b - centre[1]) ** 2,
    gradient: ([a, b]) => [curvatures[0] * (a - centre[0]), curvatures[1] * (b - centre[1])],
  };
}

/** f = (1 - a)^2 + 100 (b - a^2)^2, least 0 at (1, 1) at the end of a curved valley. */
export const rosenbrock: ToyFunction = {
  value: ([a, b]) => (1 - a) ** 2 + 100 * (b - a * a) ** 2,
  gradient: ([a, b]) => [-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)],
};

/** The paper's figure 3: strongly (200 against 0.05) and weakly (1.2 against 0.8) anisotropic curvature around (1, 4). */
export const namedToyFunctions: Readonly<Record<string, ToyFunction>> = {
  strong: quadratic([200, 0.05], [1, 4]),
  weak: quadratic([1.2, 0.8], [1, 4]),
  rosenbrock,
};

export const toyFunctionNames: readonly string[] = [...Object.keys(namedToyFunctions), 'quadratic'];

/** A named function, or a diagonal quadratic of one's own (both curvatures 1 and centre 0 unless given). */
export type ToyFunctionChoice = string | { kind: 'quadratic'; curvatures: Point; centre: Point };

/** Throws AppError `unknownFunction`, which names the nearest one. */
export function toyFunction(choice: ToyFunctionChoice): ToyFunction {
  if (typeof choice !== 'string') return quadratic(choice.curvatures, choice.centre);
  if (choice === 'quadratic') return quadratic([1, 1], [0, 0]);
  const known = Object.hasOwn(namedToyFunctions, choice) ? namedToyFunctions[choice] : undefined;
  if (known) return known;
  const near = nearestName(choice, toyFunctionNames);
  throw new AppError(
    'unknownFunction',
    `There is no function "${choice}"${near ? `; did you mean "${near}"?` : '.'} Known: ${toyFunctionNames.join(', ')}.`,
    { details: { function: choice, known: [...toyFunctionNames] } },
  );
}
