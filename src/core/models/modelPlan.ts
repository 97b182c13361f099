import { AppError } from '../errors.ts';
import type { Task } from '../contract/datasets.ts';
import { modelCatalogue } from './catalogue.ts';
import type { LayerSpec } from './layerSpec.ts';
import type { ModelConfig } from './modelConfig.ts';
import { elements, planLayers, type PlannedLayer, type VariablePlan } from './planLayer.ts';

export { asPair } from './planLayer.ts';
export type { Initializer, PlannedLayer, VariablePlan } from './planLayer.ts';

/** What surrounds a model: the shape of one sample and what it must answer. */
export interface ModelSurroundings {
  /** [height, width, channels] or [features] */
  inputShape: readonly number[];
  task: Task;
  /** classes to tell apart; ignored for regression */
  classCount: number;
  /** targets per row of a regression; 1 by default */
  targetCount?: number;
}

/** A model made concrete for one dataset: every shape and every variable known. */
export interface ModelPlan {
  inputShape: number[];
  layers: PlannedLayer[];
  outputSize: number;
  /** all variables in the order of the layers */
  variables: VariablePlan[];
  /** trainable numbers */
  parameterCount: number;
}

const variablesOf = (layer: PlannedLayer): VariablePlan[] => [
  ...layer.variables,
  ...layer.body.flatMap(variablesOf),
  ...layer.shortcut.flatMap(variablesOf),
];

/**
 * Lays out a model: the chosen layers, then a dense output layer of one unit per class or per target. Throws
 * AppError `shapeMismatch` naming the layer that does not fit.
 */
export function planModel(model: ModelConfig, surroundings: ModelSurroundings): ModelPlan {
  const inputShape = [...surroundings.inputShape];
  const hidden = layersOf(model, inputShape);
  const shapeBeforeOutput = planLayers('', hidden, inputShape).at(-1)?.outputShape ?? inputShape;
  const layers = planLayers('', [...hidden, ...outputLayers(shapeBeforeOutput, surroundings)], inputShape);
  const variables = layers.flatMap(variablesOf);
  return {
    inputShape,
    layers,
    outputSize: outputSizeOf(surroundings),
    variables,
    parameterCount: variables.filter((v) => v.trainable).reduce((sum, v) => sum + elements(v.shape), 0),
  };
}

/** What the task puts behind a model whose last layer has this shape: a dense layer, flattened before where need be. */
export function outputLayers(shape: readonly number[], surroundings: ModelSurroundings): LayerSpec[] {
  const output: LayerSpec = {
    type: 'dense',
    units: outputSizeOf(surroundings),
    activation: 'linear',
    useBias: true,
    initializer: 'glorot',
  };
  return shape.length === 1 ? [output] : [{ type: 'flatten' }, output];
}

const outputSizeOf = ({ task, classCount, targetCount = 1 }: ModelSurroundings): number =>
  task === 'classes' ? classCount : targetCount;

function layersOf(model: ModelConfig, inputShape: readonly number[]): readonly LayerSpec[] {
  if ('layers' in model) return model.layers;
  const entry = modelCatalogue.find((candidate) => candidate.id === model.preset);
  if (!entry) throw new AppError('unknownModel', `There is no model "${model.preset}".`);
  if (entry.needsImages && inputShape.length !== 3) {
    throw new AppError(
      'shapeMismatch',
      `${entry.name} needs images, but the samples of this dataset have shape [${inputShape.join(', ')}]; choose mlp or softmax.`,
    );
  }
  return entry.layers(model.options, inputShape);
}
