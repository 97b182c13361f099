import type { RunConfig } from '../contract/runConfig.ts';
import { findOptimizer } from '../optimizers/catalogue.ts';

/** A setting as a table shows it: a number, a word or a switch. */
export type FieldValue = string | number | boolean;

/** Paths that people call by a shorter name, in tables and in the filter. */
const shortNames: Readonly<Record<string, string>> = {
  'dataset.id': 'dataset',
  'model.preset': 'model',
  'model.layers': 'layers',
  'optimizer.id': 'optimizer',
  'learningRate.base': 'learningRate',
  'learningRate.kind': 'learningRateSchedule',
  'pSchedule.kind': 'pSchedule',
  'pSchedule.pMax': 'pMax',
  'pSchedule.pEnd': 'pEnd',
};

const ownPrefixes = ['optimizer.hyperparameters.', 'model.options.'] as const;

/** `optimizer.hyperparameters.weightDecay` -> `weightDecay`, `learningRate.base` -> `learningRate`. */
export function fieldName(path: string): string {
  const prefix = ownPrefixes.find((candidate) => path.startsWith(candidate));
  return prefix ? path.slice(prefix.length) : (shortNames[path] ?? path);
}

function leafValue(value: unknown): FieldValue {
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === 'number') ? value.join(',') : JSON.stringify(value);
  }
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
}

function collect(value: unknown, path: string, into: Map<string, FieldValue>): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    if (value !== undefined && value !== null) into.set(path, leafValue(value));
    return;
  }
  for (const [key, inner] of Object.entries(value)) collect(inner, path === '' ? key : `${path}.${key}`, into);
}

/**
 * Every setting of a configuration by its dotted path, without those that are null. Lists become text (`128,64`). The p
 * schedule is left out where the optimizer does not read it: it decides nothing there.
 */
export function configFields(config: RunConfig): Map<string, FieldValue> {
  const { version: _, pSchedule, ...rest } = config;
  const fields = new Map<string, FieldValue>();
  collect(findOptimizer(config.optimizer.id).usesPSchedule ? { ...rest, pSchedule } : rest, '', fields);
  return fields;
}

/** The value at a dotted path of any plain object; undefined where the path leaves it. */
export function valueAt(object: unknown, path: readonly string[]): unknown {
  let value: unknown = object;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}
