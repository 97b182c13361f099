import { z } from 'zod';
import { findOptimizer } from '../optimizers/catalogue.ts';
import { createGenerator } from '../random/generator.ts';

/** A value that a study may put into a run configuration. */
export const settingValueSchema = z.union([z.number(), z.string(), z.boolean(), z.array(z.number())]);
export type SettingValue = z.output<typeof settingValueSchema>;

const path = z
  .string()
  .regex(/^[A-Za-z][\w]*(\.[A-Za-z][\w]*)*$/, 'an axis names a setting by its dotted path, like learningRate.base');
/** labels of the optimizers that the axis is for; all that have the setting when left out */
const only = z.array(z.string()).min(1).optional();

export const listAxisSchema = z.strictObject({
  path,
  values: z.array(settingValueSchema).min(1, 'an axis needs at least one value').max(100),
  only,
});
export const rangeAxisSchema = z
  .strictObject({
    path,
    min: z.number(),
    max: z.number(),
    /** log draws every decade as often as the next */
    scale: z.enum(['linear', 'log']).default('linear'),
    isInteger: z.boolean().default(false),
    only,
  })
  .refine(({ min, max }) => min < max, { path: ['max'], error: 'the maximum of an axis must be above its minimum' })
  .refine(({ min, scale }) => scale === 'linear' || min > 0, {
    path: ['min'],
    error: 'a logarithmic axis begins above 0',
  });

export const searchSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('grid'), axes: z.array(listAxisSchema).min(1).max(8) }),
  z.strictObject({
    kind: z.literal('random'),
    axes: z
      .array(z.union([rangeAxisSchema, listAxisSchema]))
      .min(1)
      .max(16),
    /** points per optimizer */
    trials: z.int().min(1, 'a random search needs at least one trial').max(500),
    seed: z.int().min(0).default(0),
  }),
]);
export type Search = z.output<typeof searchSchema>;
export type Axis = z.output<typeof listAxisSchema> | z.output<typeof rangeAxisSchema>;

/** Values by path: one place in the space that a study searches. */
export type Point = Readonly<Record<string, SettingValue>>;

/** Whether an axis changes anything for an optimizer: p only where p is read, a hyperparameter only where it exists. */
export function isAxisOf(axis: Axis, optimizer: { label: string; id: string }): boolean {
  if (axis.only && !axis.only.includes(optimizer.label)) return false;
  const spec = findOptimizer(optimizer.id);
  if (axis.path.startsWith('pSchedule.')) return spec.usesPSchedule;
  const hyperparameter = /^optimizer\.hyperparameters\.(.+)$/.exec(axis.path)?.[1];
  return hyperparameter === undefined || spec.hyperparameters.some(({ key }) => key === hyperparameter);
}

/** The points of a search for one optimizer, each once, in a fixed order. */
export function pointsOf(search: Search, optimizer: { label: string; id: string }): Point[] {
  if (search.kind === 'none') return [{}];
  if (search.kind === 'grid') {
    return search.axes
      .filter((axis) => isAxisOf(axis, optimizer))
      .reduce<Point[]>(
        (points, axis) => points.flatMap((point) => axis.values.map((value) => ({ ...point, [axis.path]: value }))),
        [{}],
      );
  }
  const axes = search.axes.filter((axis) => isAxisOf(axis, optimizer));
  if (axes.length === 0) return [{}];
  // a generator for each axis, so that a further axis leaves the draws of the others alone
  const draws = axes.map((axis) => {
    const generator = createGenerator(search.seed, `study/${optimizer.label}/${axis.path}`);
    return Array.from({ length: search.trials }, () => drawn(axis, generator.nextFloat()));
  });
  return Array.from({ length: search.trials }, (_, trial) =>
    Object.fromEntries(axes.map((axis, i) => [axis.path, draws[i]![trial]!])),
  );
}

function drawn(axis: Axis, share: number): SettingValue {
  if ('values' in axis) return axis.values[Math.floor(share * axis.values.length)]!;
  const { min, max, scale, isInteger } = axis;
  if (isInteger) {
    const value = scale === 'log' ? min * (max / min) ** share : min + (max - min + 1) * share;
    return Math.min(max, Math.floor(value));
  }
  const value = scale === 'log' ? min * (max / min) ** share : min + (max - min) * share;
  return Number(value.toPrecision(6));
}
