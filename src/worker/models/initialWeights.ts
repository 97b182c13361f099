import fs from 'node:fs';
import path from 'node:path';
import type * as tfjs from '@tensorflow/tfjs';
import { AppError } from '../../core/errors.ts';
import { kerasWeightNames, weightsManifest } from '../../core/models/keras/kerasWeights.ts';
import type { ModelPlan } from '../../core/models/modelPlan.ts';
import type { Tf } from '../backends/device.ts';

/** Weights that a run begins with, by the names of its variables. Tensors belong to the caller. */
export interface InitialWeights {
  tensors: Record<string, tfjs.Tensor>;
  /** the output layer of the file has other sizes than the run's, which therefore begins anew */
  isOutputNew: boolean;
}

/**
 * Reads the weights of a tfjs model: a folder of model.json and its files, as `transfers.importWeights` keeps it.
 * Throws AppError `fileUnreadable`, and `shapeMismatch` when the run's layers are not those of the file.
 */
export function readInitialWeights(tf: Tf, dir: string, plan: ModelPlan): InitialWeights {
  const model = JSON.parse(read(dir, 'model.json').toString('utf8')) as unknown;
  const names = kerasWeightNames(model);
  const found: Record<string, tfjs.Tensor> = {};
  for (const { paths, weights } of weightsManifest(model)) {
    const bytes = Buffer.concat(paths.map((file) => read(dir, file)));
    const content = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    Object.assign(found, tf.io.decodeWeights(content, weights as unknown as tfjs.io.WeightsManifestEntry[]));
  }
  try {
    const outputPath = plan.layers.at(-1)?.path ?? '';
    const isOutput = (name: string): boolean => name.startsWith(`${outputPath}/`);
    const sourceOf = (name: string): tfjs.Tensor | undefined =>
      found[(isOutput(name) ? names.output.get(name.slice(outputPath.length + 1)) : names.variables.get(name)) ?? ''];
    const fits = ({ name, shape }: ModelPlan['variables'][number]): boolean =>
      sourceOf(name)?.shape.join() === shape.join();
    const wrong = plan.variables.find((variable) => !isOutput(variable.name) && !fits(variable));
    if (wrong) {
      throw new AppError(
        'shapeMismatch',
        `The imported weights do not fit the layers of this run: they have no ${wrong.name} of shape [${wrong.shape.join(', ')}]. ` +
          'Take the layers as they were imported, or begin with new weights.',
      );
    }
    const isOutputNew = plan.variables.some((variable) => isOutput(variable.name) && !fits(variable));
    const taken = plan.variables.filter(({ name }) => !(isOutputNew && isOutput(name)));
    const tensors = Object.fromEntries(taken.map(({ name }) => [name, tf.cast(sourceOf(name)!, 'float32')]));
    return { tensors, isOutputNew };
  } finally {
    tf.dispose(found);
  }
}

function read(dir: string, file: string): Buffer {
  try {
    return fs.readFileSync(path.join(dir, file));
  } catch (error) {
    throw new AppError(
      'fileUnreadable',
      `The weights this run is to begin with cannot be read: ${(error as Error).message}. Import the model with its weights again, or begin with new ones.`,
      { cause: error },
    );
  }
}
