import { AppError } from '../../errors.ts';
import { layerSpecSchema, type LayerSpec, type LeafLayerSpec } from '../layerSpec.ts';
import { readKerasModel, type KerasLayer } from './kerasGraph.ts';
import { symmetricPadding, translateLayer } from './kerasLayers.ts';

export { looksLikeKeras } from './kerasGraph.ts';

export interface ImportedModel {
  layers: LayerSpec[];
  /** shape of one sample, where the file says it */
  inputShape: number[] | null;
  /** what is different here and why, one sentence each */
  notes: string[];
}

/** A model with where its layers come from. */
export interface KerasImport extends ImportedModel {
  /** names that layers with weights have in the file, by their path here ("0.conv2d") */
  sources: ReadonlyMap<string, string>;
  /** the last dense layer of the file, which is left out here; null if it has none */
  outputSource: string | null;
}

/** The layers that a translation was made of; a layer keeps its object on its way into the model. */
type Sources = Map<LayerSpec, string>;

/**
 * The layers of a Keras or tfjs model (`model.to_json()`, `model.json`): a Sequential one, or a Functional one that is a
 * chain with residual blocks of two branches. Its last dense layer is left out, because the task decides on the output
 * layer. Throws AppError `badConfig`, which names every layer that does not exist here.
 */
export function importKeras(file: unknown): KerasImport {
  const notes: string[] = [];
  const graph = readKerasModel(file);
  const unsupported: string[] = [];
  const sources: Sources = new Map();
  const translation = { unsupported, notes, sources };
  const whole = segmentsOf(chainOf(graph)).flatMap((segment) => translateSegment(segment, translation));
  if (unsupported.length > 0) {
    throw new AppError('badConfig', `Layers that cannot be read: ${unsupported.join('; ')}.`, {
      details: { unsupported },
    });
  }
  const joined = joinActivations(whole);
  const layers = withoutOutput(joined, notes);
  const output = layers.length < joined.length ? joined[layers.length] : undefined;
  return {
    layers: layers.map(checked),
    inputShape: inputShapeOf(graph),
    notes,
    sources: sourcesByPath(layers, '', sources),
    outputSource: (output && sources.get(output)) ?? null,
  };
}

function sourcesByPath(layers: readonly LayerSpec[], prefix: string, sources: Sources): Map<string, string> {
  return new Map(
    layers.flatMap((layer, index) => {
      const path = `${prefix}${index}.${layer.type}`;
      if (layer.type === 'residual') {
        return [
          ...sourcesByPath(layer.body, `${path}.body.`, sources),
          ...sourcesByPath(layer.shortcut, `${path}.shortcut.`, sources),
        ];
      }
      const source = sources.get(layer);
      return source === undefined ? [] : [[path, source] as const];
    }),
  );
}

const checked = (layer: LayerSpec): LayerSpec => {
  const parsed = layerSpecSchema.safeParse(layer);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new AppError('badConfig', `A ${layer.type} layer of the file is not valid: ${path.join('.')}: ${message}.`);
};

/** A layer of a chain: plain, or an addition of two branches. */
type Link = KerasLayer | { name: string; body: readonly KerasLayer[]; shortcut: readonly KerasLayer[] };
const isPlain = (link: Link): link is KerasLayer => 'className' in link;

/** The model as a chain of links from its input to its output. Throws AppError `badConfig` for any other graph. */
function chainOf(graph: readonly KerasLayer[]): Link[] {
  const byName = new Map(graph.map((layer) => [layer.name, layer]));
  const readers = new Map<string, KerasLayer[]>();
  for (const layer of graph) {
    for (const input of layer.inputs) readers.set(input, [...(readers.get(input) ?? []), layer]);
  }
  const starts = graph.filter(({ inputs }) => inputs.length === 0);
  if (starts.length !== 1) fail(`The model has ${starts.length} inputs; models with one can be read.`);
  const chain: Link[] = [];
  let current = starts[0]!;
  chain.push(current);
  for (;;) {
    const next = readers.get(current.name) ?? [];
    if (next.length === 0) return chain;
    if (next.length === 1) {
      if (next[0]!.inputs.length !== 1)
        fail(`The layer ${next[0]!.name} reads the same layer more than once, or another input.`);
      current = next[0]!;
      chain.push(current);
      continue;
    }
    const { sum, paths } = branchesFrom(current, next, readers);
    const [shortcut, body] = paths.toSorted((a, b) => a.length - b.length) as [KerasLayer[], KerasLayer[]];
    chain.push({ name: sum.name, body, shortcut });
    current = byName.get(sum.name)!;
  }
}

/** The two branches from a layer to the addition that joins them. */
function branchesFrom(
  from: KerasLayer,
  next: readonly KerasLayer[],
  readers: ReadonlyMap<string, readonly KerasLayer[]>,
): { sum: KerasLayer; paths: KerasLayer[][] } {
  if (next.length !== 2) fail(`The layer ${from.name} feeds ${next.length} others; residual blocks have two branches.`);
  const paths: KerasLayer[][] = [];
  const ends: KerasLayer[] = [];
  for (const first of next) {
    const path: KerasLayer[] = [];
    let current = first;
    while (current.inputs.length === 1) {
      path.push(current);
      const after = readers.get(current.name) ?? [];
      if (after.length !== 1)
        fail(
          `Behind ${from.name} the layer ${current.name} branches again; branches within residual blocks cannot be read.`,
        );
      current = after[0]!;
    }
    paths.push(path);
    ends.push(current);
  }
  const [sum, other] = ends as [KerasLayer, KerasLayer];
  if (sum !== other) fail(`The branches behind ${from.name} do not meet.`);
  if (sum.className !== 'Add' || sum.inputs.length !== 2)
    fail(`The branches behind ${from.name} meet in ${sum.name} (${sum.className}); only additions of two can be read.`);
  return { sum, paths };
}

function fail(message: string): never {
  throw new AppError('badConfig', message);
}

/** Plain layers in a row, or the two branches of a block. */
type Segment = readonly KerasLayer[] | Exclude<Link, KerasLayer>;

function segmentsOf(chain: readonly Link[]): Segment[] {
  const segments: Segment[] = [];
  let plain: KerasLayer[] = [];
  for (const link of chain) {
    if (isPlain(link)) {
      plain.push(link);
      continue;
    }
    segments.push(plain, link);
    plain = [];
  }
  return [...segments, plain];
}

/** What a translation finds on its way. */
interface Translation {
  unsupported: string[];
  notes: string[];
  sources: Sources;
}

function translateSegment(segment: Segment, translation: Translation): LayerSpec[] {
  if (!('body' in segment)) return translateChain(segment, translation);
  const [body, shortcut] = [segment.body, segment.shortcut].map((path) => translateChain(path, translation));
  return [{ type: 'residual', body: body!, shortcut: shortcut!, activation: 'linear' }];
}

function translateChain(chain: readonly KerasLayer[], { unsupported, notes, sources }: Translation): LeafLayerSpec[] {
  return paddedWindows(chain, unsupported, notes).flatMap((layer) => {
    const hasSoftmax = layer.className === 'Softmax' || layer.config['activation'] === 'softmax';
    if (hasSoftmax) notes.push(`The softmax of ${layer.name} is part of the loss here.`);
    if (hasSoftmax && layer.className !== 'Dense') return [];
    const plain = hasSoftmax ? { ...layer, config: { ...layer.config, activation: 'linear' } } : layer;
    const translated = translateLayer(plain);
    if ('spec' in translated) {
      if (!translated.spec) return [];
      sources.set(translated.spec, layer.name);
      return [translated.spec];
    }
    unsupported.push(`${layer.name} (${layer.className}): ${translated.unsupported}`);
    return [];
  });
}

/** Gives the window behind a ZeroPadding2D its padding, since here padding belongs to windows. */
function paddedWindows(chain: readonly KerasLayer[], unsupported: string[], notes: string[]): KerasLayer[] {
  let waiting: number | [number, number] | null = null;
  return chain.flatMap((layer, index) => {
    if (layer.className === 'ZeroPadding2D') {
      const next = chain[index + 1];
      const takesPadding = next?.className === 'Conv2D' || next?.className === 'MaxPooling2D';
      waiting = symmetricPadding(layer);
      const why =
        waiting === null
          ? 'its sides differ'
          : takesPadding && next.config['padding'] !== 'same'
            ? null
            : 'no convolution or max pooling without padding follows it';
      if (why !== null) unsupported.push(`${layer.name} (ZeroPadding2D): ${why}`);
      if (why === null && next?.className === 'MaxPooling2D')
        notes.push(`The zeros of ${layer.name} never win the pooling here, which is the same behind a ReLU.`);
      return [];
    }
    if (waiting === null) return [layer];
    const padded = { ...layer, config: { ...layer.config, padding: waiting } };
    waiting = null;
    return [padded];
  });
}

/** An activation behind a block is the block's own. */
function joinActivations(layers: readonly LayerSpec[]): LayerSpec[] {
  const joined: LayerSpec[] = [];
  for (const layer of layers) {
    const before = joined.at(-1);
    if (layer.type === 'activation' && before?.type === 'residual' && before.activation === 'linear') {
      joined[joined.length - 1] = { ...before, activation: layer.activation };
    } else joined.push(layer);
  }
  return joined;
}

/** Without the last dense layer, which the task brings itself. */
function withoutOutput(layers: readonly LayerSpec[], notes: string[]): LayerSpec[] {
  const last = layers.findLastIndex((layer) => layer.type !== 'activation');
  const output = layers[last];
  if (output?.type !== 'dense') return [...layers];
  const left = layers.slice(last + 1).map((layer) => (layer.type === 'activation' ? layer.activation : layer.type));
  const activation = [output.activation, ...left].filter((name) => name !== 'linear');
  const also = activation.length > 0 ? `, with its ${activation.join(' and ')},` : '';
  notes.push(
    `The last dense layer, of ${output.units} units,${also} is left out: the dataset decides on the output layer.`,
  );
  return layers.slice(0, last);
}

function inputShapeOf([first]: readonly KerasLayer[]): number[] | null {
  const shape = first?.config['batch_input_shape'] ?? first?.config['batch_shape'];
  if (!Array.isArray(shape)) return null;
  const sizes = shape.slice(1).map(Number);
  return sizes.every((size) => Number.isInteger(size) && size > 0) ? sizes : null;
}
