import { z } from 'zod';
import { AppError } from '../errors.ts';
import { namesWeights } from './keras/kerasWeights.ts';
import { importKeras, looksLikeKeras, type ImportedModel } from './keras/importKeras.ts';
import { modelConfigSchema, type ModelConfig } from './modelConfig.ts';

/** A model from a file. */
export interface ReadModel extends Omit<ImportedModel, 'layers'> {
  model: ModelConfig;
  /** it names weights in files beside it, which are read apart from it */
  hasWeights: boolean;
}

/**
 * A model from the parsed JSON of a file: a list of layers, a model of a run configuration ({"layers": ...} or
 * {"preset": ...}), a whole run configuration, or a model of Keras or tfjs. Throws AppError `badConfig`, which says what
 * is wrong and where.
 */
export function readModelFile(file: unknown): ReadModel {
  if (looksLikeKeras(file)) {
    const { layers, inputShape, notes } = importKeras(file);
    return { model: { layers }, inputShape, notes, hasWeights: namesWeights(file) };
  }
  const model = Array.isArray(file) ? { layers: file } : modelOfConfig(file);
  const parsed = z.object({ model: modelConfigSchema }).safeParse({ model });
  if (parsed.success) return { model: parsed.data.model, inputShape: null, notes: [], hasWeights: false };
  throw new AppError('badConfig', `The model is not valid: ${problemsOf(model).join('; ')}.`);
}

const modelOfConfig = (file: unknown): unknown =>
  typeof file === 'object' && file !== null && 'model' in file ? file.model : file;

/** A union says little about what is wrong with the branch that was meant, so the issues of that branch are taken. */
function problemsOf(model: unknown): string[] {
  const isObject = typeof model === 'object' && model !== null;
  if (!isObject || !('layers' in model || 'preset' in model)) {
    return [
      'it must be a list of layers, {"layers": [...]}, {"preset": "resnet18"} or the model.json of Keras or tfjs',
    ];
  }
  const issues = modelConfigSchema.safeParse(model).error?.issues ?? [];
  const meant = issues.flatMap((issue) =>
    issue.code === 'invalid_union' && issue.path.length === 0
      ? (issue.errors['layers' in model ? 1 : 0] ?? [])
      : [issue],
  );
  return meant.map(({ path, message }) => `${path.join('.')}: ${message}`);
}
