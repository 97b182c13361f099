import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as tfjs from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importKeras } from '../../../src/core/models/keras/importKeras.ts';
import type { LayerSpec } from '../../../src/core/models/layerSpec.ts';
import { planModel, type ModelPlan } from '../../../src/core/models/modelPlan.ts';
import type { Device } from '../../../src/worker/backends/device.ts';
import { openDevice } from '../../../src/worker/backends/openDevice.ts';
import { forward } from '../../../src/worker/models/forward.ts';
import { readInitialWeights } from '../../../src/worker/models/initialWeights.ts';
import { randomTensor, wasmDir } from '../backends/comparison.ts';

let device: Device;
let tf: Device['tf'];
beforeAll(async () => {
  device = await openDevice('cpu', { wasmDir });
  tf = device.tf;
});
afterAll(() => device.close());

/** What tfjs saves as the topology in `model.json`. */
const savedBy = (model: tfjs.LayersModel): unknown => ({
  format: 'layers-model',
  modelTopology: JSON.parse(JSON.stringify(model.toJSON(null, false))) as unknown,
});

/** Both models on the same numbers, with the weights of tfjs' copied over: kernel, bias, gamma, beta, mean, variance. */
function largestDifference(
  model: tfjs.LayersModel,
  layers: LayerSpec[],
  inputShape: number[],
  classCount: number,
): number {
  const plan = planModel({ layers }, { inputShape, task: 'classes', classCount });
  // tfjs lists weights by layer in the order of the layers' making, this project by the order of the network
  const byLayer = new Map(model.layers.filter(({ weights }) => weights.length > 0).map((layer) => [layer.name, layer]));
  const order = (model as unknown as { ownOrder?: string[] }).ownOrder ?? [...byLayer.keys()];
  const weights = order.flatMap((name) => byLayer.get(name)!.getWeights());
  expect(plan.variables.map(({ shape }) => shape)).toEqual(weights.map(({ shape }) => shape));
  const variables = Object.fromEntries(plan.variables.map(({ name }, i) => [name, weights[i]!]));
  return tf.tidy(() => {
    const x = randomTensor(tf, [3, ...inputShape]);
    const own = forward(tf, plan, { variables, x, masks: {}, training: false }).output;
    const reference = model.predict(x) as tfjs.Tensor;
    expect(own.shape).toEqual(reference.shape);
    return tf.max(tf.abs(tf.sub(own, reference))).dataSync()[0]!;
  });
}

/** Gives every weight numbers that matter, running statistics included. */
function withNumbers<Model extends tfjs.LayersModel>(model: Model): Model {
  const weights = model
    .getWeights()
    .map(({ shape }, i) => tf.tidy(() => tf.add(tf.mul(randomTensor(tf, shape, i + 1), 0.05), 0.2)));
  model.setWeights(weights);
  tf.dispose(weights);
  return model;
}

test('a Sequential model of tfjs computes the same here', () => {
  const model = withNumbers(
    tf.sequential({
      layers: [
        tf.layers.zeroPadding2d({
          inputShape: [11, 10, 2],
          padding: [
            [3, 3],
            [1, 1],
          ],
        }),
        tf.layers.conv2d({ filters: 4, kernelSize: [5, 3], strides: 2, activation: 'relu', useBias: false }),
        tf.layers.batchNormalization({ momentum: 0.9, epsilon: 0.01 }),
        tf.layers.maxPooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
        tf.layers.averagePooling2d({ poolSize: [2, 1] }),
        tf.layers.flatten(),
        tf.layers.dropout({ rate: 0.3 }),
        tf.layers.dense({ units: 6, activation: 'tanh', kernelInitializer: 'heNormal' }),
        tf.layers.reLU(),
        tf.layers.dense({ units: 5 }),
      ],
    }),
  );
  const { layers, inputShape, notes } = importKeras(savedBy(model));
  expect(inputShape).toEqual([11, 10, 2]);
  expect(layers.map(({ type }) => type)).toEqual([
    'conv2d',
    'batchNorm',
    'maxPool2d',
    'averagePool2d',
    'flatten',
    'dropout',
    'dense',
    'activation',
  ]);
  expect(layers[0]).toMatchObject({ padding: [3, 1], strides: 2, kernelSize: [5, 3], useBias: false });
  expect(layers[1]).toMatchObject({ momentum: 0.1, epsilon: 0.01 });
  expect(layers[6]).toMatchObject({ initializer: 'he' });
  expect(notes).toContain('The last dense layer, of 5 units, is left out: the dataset decides on the output layer.');
  expect(largestDifference(model, layers, [11, 10, 2], 5)).toBeLessThan(1e-5);
  model.dispose();
});

test('a Functional model of tfjs with residual blocks computes the same here', () => {
  const conv = (name: string, filters: number, kernelSize: number, strides = 1) =>
    tf.layers.conv2d({ name, filters, kernelSize, strides, padding: 'same', useBias: false });
  const order: string[] = [];
  const apply = (layer: tfjs.layers.Layer, x: tfjs.SymbolicTensor): tfjs.SymbolicTensor => {
    if (!['Activation', 'GlobalAveragePooling2D'].includes(layer.getClassName())) order.push(layer.name);
    return layer.apply(x) as tfjs.SymbolicTensor;
  };
  const input = tf.input({ shape: [8, 8, 3] });
  let x = apply(conv('stem', 4, 3), input);
  // the branches are made in the other order than they are read
  for (const [index, [filters, strides]] of [
    [4, 1],
    [8, 2],
  ].entries() as ArrayIterator<[number, [number, number]]>) {
    let body = apply(conv(`b${index}a`, filters, 3, strides), x);
    body = apply(tf.layers.batchNormalization({ name: `b${index}n` }), body);
    body = apply(tf.layers.activation({ activation: 'relu' }), body);
    body = apply(conv(`b${index}b`, filters, 3), body);
    const shortcut = strides === 1 ? x : apply(conv(`b${index}s`, filters, 1, strides), x);
    const sum = tf.layers.add().apply([shortcut, body]) as tfjs.SymbolicTensor;
    x = apply(tf.layers.activation({ activation: 'relu' }), sum);
  }
  x = apply(tf.layers.globalAveragePooling2d({}), x);
  x = apply(tf.layers.dense({ name: 'logits', units: 10 }), x);
  const model = withNumbers(tf.model({ inputs: input, outputs: x }));
  (model as unknown as { ownOrder: string[] }).ownOrder = order;
  const { layers } = importKeras(savedBy(model));
  expect(layers.map(({ type }) => type)).toEqual(['conv2d', 'residual', 'residual', 'globalAveragePool']);
  expect(layers[1]).toMatchObject({ shortcut: [], activation: 'relu' });
  expect(layers[2]).toMatchObject({ shortcut: [{ type: 'conv2d', kernelSize: 1, strides: 2 }], activation: 'relu' });
  expect(largestDifference(model, layers, [8, 8, 3], 10)).toBeLessThan(1e-4);
  model.dispose();
});

/** As Keras 3 writes it. */
const keras3 = (class_name: string, name: string, config: object, from?: string | string[]): object => ({
  class_name,
  name,
  config: { name, dtype: { class_name: 'DTypePolicy', config: { name: 'float32' } }, ...config },
  inbound_nodes:
    from === undefined
      ? []
      : [
          {
            args: [from].flat().length === 1 ? [tensor([from].flat()[0]!)] : [[from].flat().map(tensor)],
            kwargs: {},
          },
        ],
});
const tensor = (name: string): object => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 4, 4, 2], dtype: 'float32', keras_history: [name, 0, 0] },
});
const functional = (layers: object[]): object => ({ class_name: 'Functional', config: { name: 'model', layers } });
const input3 = keras3('InputLayer', 'input', { batch_shape: [null, 4, 4, 2] });
const conv3 = (name: string, from: string, more = {}): object =>
  keras3('Conv2D', name, { filters: 2, kernel_size: [3, 3], padding: 'same', ...more }, from);

test('the JSON of Keras 3 is read', () => {
  const { layers, inputShape } = importKeras(
    functional([
      input3,
      conv3('conv', 'input'),
      keras3('Add', 'add', {}, ['input', 'conv']),
      keras3('GlobalAveragePooling2D', 'pool', { keepdims: false }, 'add'),
      keras3('Dense', 'dense', { units: 3, activation: 'softmax' }, 'pool'),
    ]),
  );
  expect(inputShape).toEqual([4, 4, 2]);
  expect(layers).toMatchObject([
    { type: 'residual', body: [{ type: 'conv2d' }], shortcut: [] },
    { type: 'globalAveragePool' },
  ]);
});

describe('what cannot be read is named', () => {
  test.each<[string, unknown, string]>([
    [
      'every layer that does not exist here, in one go',
      functional([
        input3,
        conv3('dilated', 'input', { dilation_rate: [2, 2] }),
        keras3('LSTM', 'memory', { units: 3 }, 'dilated'),
        keras3('Activation', 'swish', { activation: 'swish' }, 'memory'),
      ]),
      'Layers that cannot be read: dilated (Conv2D): dilation_rate [2,2] does not exist here; memory (LSTM): there is no such layer here; swish (Activation): the activation swish does not exist here.',
    ],
    [
      'branches that are concatenated',
      functional([input3, conv3('a', 'input'), conv3('b', 'input'), keras3('Concatenate', 'join', {}, ['a', 'b'])]),
      'The branches behind input meet in join (Concatenate); only additions of two can be read.',
    ],
    [
      'two inputs',
      functional([input3, keras3('InputLayer', 'second', {}), keras3('Add', 'add', {}, ['input', 'second'])]),
      'The model has 2 inputs; models with one can be read.',
    ],
    [
      'padding that differs by side',
      functional([
        input3,
        keras3(
          'ZeroPadding2D',
          'pad',
          {
            padding: [
              [0, 1],
              [0, 1],
            ],
          },
          'input',
        ),
        conv3('conv', 'pad', { padding: 'valid' }),
      ]),
      'Layers that cannot be read: pad (ZeroPadding2D): its sides differ.',
    ],
    ['a graph model', { format: 'graph-model', modelTopology: { node: [] } }, 'This is a tfjs graph model'],
    [
      'another kind of model',
      { class_name: 'MyModel', config: { layers: [] } },
      'Models of the kind MyModel cannot be read',
    ],
    ['something else', { class_name: 'Sequential' }, 'This is no model of Keras'],
  ])('%s', (_, file, message) => {
    expect(() => importKeras(file)).toThrow(message);
  });
});

describe('imported weights', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lp-weights-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  /** The folder that tfjs saves: model.json and its weights, cut into two files. */
  async function save(model: tfjs.LayersModel, name: string): Promise<string> {
    const dir = path.join(folder, name);
    mkdirSync(dir);
    const handler = tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const bytes = Buffer.from(weightData as ArrayBuffer);
      const files = ['group1-shard1of2.bin', 'group1-shard2of2.bin'];
      const cut = Math.floor(bytes.length / 2) + 1;
      writeFileSync(path.join(dir, files[0]!), bytes.subarray(0, cut));
      writeFileSync(path.join(dir, files[1]!), bytes.subarray(cut));
      const json = { format: 'layers-model', modelTopology, weightsManifest: [{ paths: files, weights: weightSpecs }] };
      writeFileSync(path.join(dir, 'model.json'), JSON.stringify(json));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    });
    await model.save(handler);
    return dir;
  }
  /** A network with everything that has weights, and a branch; the layers are made in another order than they are read. */
  function network(classCount: number): tfjs.LayersModel {
    const norm = tf.layers.batchNormalization({ name: 'norm' });
    const out = tf.layers.dense({ name: 'logits', units: classCount });
    const input = tf.input({ shape: [8, 8, 3] });
    const stem = tf.layers.conv2d({ name: 'stem', filters: 4, kernelSize: 3, padding: 'same' }).apply(input);
    const body = norm.apply(
      tf.layers.conv2d({ name: 'a', filters: 4, kernelSize: 3, padding: 'same', useBias: false }).apply(stem),
    );
    const sum = tf.layers.add().apply([body, stem] as tfjs.SymbolicTensor[]);
    const hidden = tf.layers
      .dense({ name: 'hidden', units: 6, activation: 'relu' })
      .apply(tf.layers.flatten().apply(sum));
    return withNumbers(tf.model({ inputs: input, outputs: out.apply(hidden) as tfjs.SymbolicTensor }));
  }
  const planOf = (dir: string, classCount: number): ModelPlan => {
    const { layers } = importKeras(JSON.parse(readFileSync(path.join(dir, 'model.json'), 'utf8')));
    return planModel({ layers }, { inputShape: [8, 8, 3], task: 'classes', classCount });
  };

  test('give the predictions that plain tfjs gives', async () => {
    const model = network(5);
    const dir = await save(model, 'whole');
    const plan = planOf(dir, 5);
    const before = tf.memory().numTensors;
    const { tensors, isOutputNew } = readInitialWeights(tf, dir, plan);
    expect(isOutputNew).toBe(false);
    expect(Object.keys(tensors)).toEqual(plan.variables.map(({ name }) => name));
    const difference = tf.tidy(() => {
      const x = randomTensor(tf, [7, 8, 8, 3]);
      const own = forward(tf, plan, { variables: tensors, x, masks: {}, training: false }).output;
      return tf.max(tf.abs(tf.sub(own, model.predict(x) as tfjs.Tensor))).dataSync()[0]!;
    });
    expect(difference).toBeLessThan(1e-5);
    tf.dispose(tensors);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  test('leave the output layer new where the dataset has other classes, and refuse layers that are others', async () => {
    const model = network(5);
    const dir = await save(model, 'other');
    const plan = planOf(dir, 3);
    const { tensors, isOutputNew } = readInitialWeights(tf, dir, plan);
    expect(isOutputNew).toBe(true);
    expect(plan.variables.filter(({ name }) => !(name in tensors)).map(({ shape }) => shape)).toEqual([[6, 3], [3]]);
    tf.dispose(tensors);
    const { layers } = importKeras(JSON.parse(readFileSync(path.join(dir, 'model.json'), 'utf8')));
    const changed = planModel(
      { layers: [{ type: 'averagePool2d', poolSize: 2, padding: 'valid' }, ...layers] },
      { inputShape: [8, 8, 3], task: 'classes', classCount: 5 },
    );
    const before = tf.memory().numTensors;
    expect(() => readInitialWeights(tf, dir, changed)).toThrow(/do not fit[\s\S]*1\.conv2d/);
    rmSync(path.join(dir, 'group1-shard2of2.bin'));
    expect(() => readInitialWeights(tf, dir, plan)).toThrow('group1-shard2of2.bin');
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });
});
