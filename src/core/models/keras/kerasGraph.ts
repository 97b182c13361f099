import { z } from 'zod';
import { AppError } from '../../errors.ts';

/** A layer of a Keras model and the layers it reads. */
export interface KerasLayer {
  className: string;
  name: string;
  config: Readonly<Record<string, unknown>>;
  inputs: readonly string[];
}

const layerSchema = z.looseObject({
  class_name: z.string(),
  name: z.string().optional(),
  config: z.looseObject({ name: z.string().optional() }).default({}),
  inbound_nodes: z.array(z.unknown()).default([]),
});
const modelSchema = z.looseObject({
  class_name: z.string(),
  config: z.union([z.array(layerSchema), z.looseObject({ layers: z.array(layerSchema) })]),
});
type RawLayer = z.output<typeof layerSchema>;

/** The model inside a file: of Keras' `to_json`, or the `modelTopology` of a tfjs `model.json`. */
function modelIn(file: unknown): unknown {
  if (typeof file !== 'object' || file === null) return file;
  const { modelTopology, model_config: config } = file as Record<string, unknown>;
  if (modelTopology !== undefined) return modelIn(modelTopology);
  return config !== undefined ? modelIn(typeof config === 'string' ? JSON.parse(config) : config) : file;
}

/** Whether a parsed JSON file looks like a model of Keras or of tfjs, valid or not. */
export function looksLikeKeras(file: unknown): boolean {
  const model = modelIn(file);
  return typeof model === 'object' && model !== null && 'class_name' in model;
}

/** The layers of a Keras or tfjs model with what each reads. Throws AppError `badConfig`. */
export function readKerasModel(file: unknown): KerasLayer[] {
  if (typeof file === 'object' && file !== null && (file as { format?: unknown }).format === 'graph-model') {
    throw new AppError(
      'badConfig',
      'This is a tfjs graph model, which holds operations in place of layers and cannot be trained further; export the Keras model as a layers model.',
    );
  }
  const parsed = modelSchema.safeParse(modelIn(file));
  if (!parsed.success) {
    throw new AppError(
      'badConfig',
      'This is no model of Keras: it needs a class_name (Sequential, Functional) and a config with layers. Save it with model.to_json() or with tfjs.',
    );
  }
  const { class_name: className, config } = parsed.data;
  const layers = Array.isArray(config) ? config : config.layers;
  if (className === 'Sequential') return inSequence(layers);
  if (className === 'Functional' || className === 'Model') return layers.map(withInputs);
  throw new AppError(
    'badConfig',
    `Models of the kind ${className} cannot be read; Sequential and Functional ones can.`,
  );
}

const nameOf = ({ name, config, class_name: className }: RawLayer): string => name ?? config.name ?? className;

/** Every layer reads the one before; a Sequential inside stands for its layers. */
function inSequence(layers: readonly RawLayer[]): KerasLayer[] {
  const flat = flattened(layers, '');
  return flat.map((layer, index) => ({ ...layer, inputs: index === 0 ? [] : [flat[index - 1]!.name] }));
}

function flattened(layers: readonly RawLayer[], prefix: string): Omit<KerasLayer, 'inputs'>[] {
  return layers.flatMap((layer) => {
    const name = `${prefix}${nameOf(layer)}`;
    const inner = layer.class_name === 'Sequential' ? z.array(layerSchema).safeParse(layer.config['layers']) : null;
    if (inner?.success) return flattened(inner.data, `${name}/`);
    return [{ className: layer.class_name, name, config: layer.config }];
  });
}

function withInputs(layer: RawLayer): KerasLayer {
  const name = nameOf(layer);
  if (layer.inbound_nodes.length > 1) {
    throw new AppError(
      'badConfig',
      `The layer ${name} (${layer.class_name}) is used ${layer.inbound_nodes.length} times; layers that share weights cannot be read.`,
    );
  }
  return { className: layer.class_name, name, config: layer.config, inputs: tensorSources(layer.inbound_nodes) };
}

/**
 * Names of the layers that tensors in an `inbound_nodes` come from. Keras 2 and tfjs write [name, node, tensor, {}],
 * Keras 3 writes {class_name: "__keras_tensor__", config: {keras_history: [name, node, tensor]}}.
 */
function tensorSources(node: unknown): string[] {
  if (Array.isArray(node)) {
    if (typeof node[0] === 'string' && typeof node[1] === 'number') return [node[0]];
    return node.flatMap(tensorSources);
  }
  if (typeof node !== 'object' || node === null) return [];
  const { keras_history: history } = node as { keras_history?: unknown };
  if (Array.isArray(history) && typeof history[0] === 'string') return [history[0]];
  return Object.values(node).flatMap(tensorSources);
}
