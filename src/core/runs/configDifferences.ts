import type { RunConfig } from '../contract/runConfig.ts';
import { configFields, fieldName, type FieldValue } from './configFields.ts';

export interface ConfigDifference {
  /** dotted path in a run configuration */
  path: string;
  /** what people call it */
  name: string;
  /** one value per configuration, in their order; undefined where a configuration lacks the setting */
  values: (FieldValue | undefined)[];
}

/** The settings in which configurations differ, in the order of a configuration; empty for equal ones. */
export function configDifferences(configs: readonly RunConfig[]): ConfigDifference[] {
  const fields = configs.map(configFields);
  const paths = new Set(fields.flatMap((map) => [...map.keys()]));
  return [...paths]
    .map((path) => ({ path, name: fieldName(path), values: fields.map((map) => map.get(path)) }))
    .filter(({ values }) => values.some((value) => value !== values[0]));
}
