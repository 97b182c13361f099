import { z } from 'zod';

/** Fields of a schedule, with messages that begin with the field's place in a run configuration. */

/** A bound that fails ends the check, so that rules between fields see valid numbers only. */
export function boundedNumber(name: string, { min, above, max }: { min?: number; above?: number; max?: number }) {
  const must = (what: string) => ({
    error: (issue: { input?: unknown }) => `${name} must be ${what}, got ${shown(issue.input)}`,
    abort: true,
  });
  let schema = z.number(must('a number'));
  if (min !== undefined) schema = schema.min(min, must(`at least ${min}`));
  if (above !== undefined) schema = schema.gt(above, must(`above ${above}`));
  if (max !== undefined) schema = schema.max(max, must(`at most ${max}`));
  return schema;
}

export function choice<const Names extends readonly [string, ...string[]]>(name: string, names: Names) {
  return z.enum(names, { error: (issue) => `${name} must be one of ${names.join(', ')}, got ${shown(issue.input)}` });
}

/** epoch: the value changes between epochs only; step: it changes with every step */
export const perUnit = ['epoch', 'step'] as const;

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
}
