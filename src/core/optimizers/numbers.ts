import { AppError } from '../errors.ts';

/**
 * The named number of a step or slot. Callers pass complete records (see `hyperparameterNumbers`), so a gap is a
 * programming error: throws AppError `internal`.
 */
export function numberNamed(numbers: Readonly<Record<string, number>>, name: string): number {
  const value = numbers[name];
  if (value === undefined) throw new AppError('internal', `An optimizer step was not given its number "${name}".`);
  return value;
}
