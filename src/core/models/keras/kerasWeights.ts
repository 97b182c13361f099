import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { importKeras } from './importKeras.ts';

const manifestSchema = z
  .array(
    z.looseObject({
      paths: z
        .array(z.string().regex(/^[^/\\]+$/, 'weights lie in files beside model.json, not in folders'))
        .min(1)
        .max(10_000),
      weights: z.array(z.looseObject({ name: z.string(), shape: z.array(z.int().min(0)), dtype: z.string() })),
    }),
  )
  .min(1);

/** Files of weights and what they hold, one after the other. */
export type WeightsManifest = z.output<typeof manifestSchema>;

/** Whether a parsed file names weights that lie in files beside it, as the model.json of tfjs does. */
export const namesWeights = (file: unknown): boolean =>
  typeof file === 'object' && file !== null && Array.isArray((file as { weightsManifest?: unknown }).weightsManifest);

/** The weights that the model.json of tfjs names. Throws AppError `badConfig`. */
export function weightsManifest(file: unknown): WeightsManifest {
  const parsed = namesWeights(file)
    ? manifestSchema.safeParse((file as { weightsManifest: unknown }).weightsManifest)
    : null;
  if (parsed?.success) return parsed.data;
  const why = parsed ? ` (${parsed.error.issues[0]!.message})` : '';
  throw new AppError(
    'badConfig',
    `The file names no weights that can be read${why}: they come from the model.json that tfjs saves, with its .bin files.`,
  );
}

/** What weights are called here, by what Keras calls them. */
const variableNames: Readonly<Record<string, string>> = {
  kernel: 'kernel',
  bias: 'bias',
  gamma: 'gamma',
  beta: 'beta',
  moving_mean: 'runningMean',
  moving_variance: 'runningVariance',
};

/** Names of the file's weights by the names of variables here, and those of its last dense layer. */
export interface KerasWeightNames {
  variables: ReadonlyMap<string, string>;
  output: ReadonlyMap<string, string>;
}

/**
 * Which weight of a tfjs model.json belongs to which variable of the model that is imported from it. Kernels have the
 * same shapes and orders in both. Throws AppError `badConfig`.
 */
export function kerasWeightNames(file: unknown): KerasWeightNames {
  const { sources, outputSource } = importKeras(file);
  const byLayer = new Map<string, [variable: string, name: string][]>();
  for (const { name } of weightsManifest(file).flatMap(({ weights }) => weights)) {
    const parts = name.replace(/:\d+$/, '').split('/');
    const variable = variableNames[parts.pop() ?? ''];
    if (variable === undefined) continue;
    // a model within a model may stand before the name of a layer, in the file or in its list of weights
    for (const layer of new Set([parts.join('/'), parts.at(-1) ?? ''])) {
      byLayer.set(layer, [...(byLayer.get(layer) ?? []), [variable, name]]);
    }
  }
  const weightsOf = (layer: string): [string, string][] =>
    byLayer.get(layer) ?? byLayer.get(layer.split('/').at(-1) ?? '') ?? [];
  const variables = new Map(
    [...sources].flatMap(([path, layer]) =>
      weightsOf(layer).map(([variable, name]) => [`${path}/${variable}`, name] as const),
    ),
  );
  return { variables, output: new Map(outputSource === null ? [] : weightsOf(outputSource)) };
}
