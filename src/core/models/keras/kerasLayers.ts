import type { Activation, KernelInitializer, LeafLayerSpec, Padding } from '../layerSpec.ts';
import type { KerasLayer } from './kerasGraph.ts';

/** What a Keras layer becomes here, or why nothing does. */
export type Translation = { spec: LeafLayerSpec | null } | { unsupported: string };

const activations: Readonly<Record<string, Activation>> = {
  linear: 'linear',
  relu: 'relu',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  gelu: 'gelu',
};

/** Thrown within this file alone, to leave a translation from any depth. */
class Unsupported extends Error {}

/** The name in "relu", {class_name: "ReLU"} and the like, in lower case without signs. */
function nameOf(value: unknown): string {
  if (typeof value === 'string') return value.toLowerCase().replaceAll('_', '');
  if (typeof value === 'object' && value !== null) return nameOf((value as { class_name?: unknown }).class_name);
  return '';
}

function activationOf(value: unknown): Activation {
  if (value === undefined || value === null) return 'linear';
  const name = nameOf(value);
  const known = activations[name];
  if (!known) throw new Unsupported(`the activation ${name || String(value)} does not exist here`);
  return known;
}

function pair(value: unknown, otherwise: number): number | [number, number] {
  if (value === undefined || value === null) return otherwise;
  const [rows, columns] = [value, value].map((each, axis) =>
    Array.isArray(each) ? Number(each[axis] ?? each[0]) : Number(each),
  );
  return rows === columns ? rows! : [rows!, columns!];
}

/** An argument that only matters where it differs from what layers here do. */
function demand(config: KerasLayer['config'], key: string, allowed: (value: unknown) => boolean): void {
  const value = config[key];
  if (value !== undefined && value !== null && !allowed(value))
    throw new Unsupported(`${key} ${JSON.stringify(value)} does not exist here`);
}

const isOne = (value: unknown): boolean => [value].flat(2).every((each) => each === 1);
const isTrue = (value: unknown): boolean => value === true;
const isChannelsLast = (value: unknown): boolean => nameOf(value) === 'channelslast';

function paddingOf({ padding }: KerasLayer['config']): Padding {
  if (typeof padding === 'number' || Array.isArray(padding)) return pair(padding, 0);
  const name = padding === undefined ? 'valid' : nameOf(padding);
  if (name !== 'same' && name !== 'valid') throw new Unsupported(`the padding ${name} does not exist here`);
  return name;
}

/** He as such or as the variance scaling it is saved as; everything else counts as glorot, Keras' own default. */
function initializerOf(value: unknown): KernelInitializer {
  const name = nameOf(value);
  if (name.startsWith('he')) return 'he';
  const { scale, mode } = ((value ?? {}) as { config?: { scale?: unknown; mode?: unknown } }).config ?? {};
  if (name !== 'variancescaling' || scale !== 2) return 'glorot';
  return nameOf(mode) === 'fanout' ? 'heFanOut' : nameOf(mode) === 'fanin' ? 'he' : 'glorot';
}

function kernelSettings(config: KerasLayer['config']) {
  return {
    activation: activationOf(config['activation']),
    useBias: config['use_bias'] !== false,
    initializer: initializerOf(config['kernel_initializer']),
  };
}

function pooling(type: 'maxPool2d' | 'averagePool2d', config: KerasLayer['config']): LeafLayerSpec {
  demand(config, 'data_format', isChannelsLast);
  const poolSize = pair(config['pool_size'], 2);
  const strides =
    config['strides'] === undefined || config['strides'] === null ? {} : { strides: pair(config['strides'], 1) };
  return { type, poolSize, ...strides, padding: paddingOf(config) } as LeafLayerSpec;
}

const translations: Readonly<Record<string, (config: KerasLayer['config']) => LeafLayerSpec | null>> = {
  InputLayer: () => null,
  Dense: (config) => ({ type: 'dense', units: Number(config['units']), ...kernelSettings(config) }),
  Conv2D(config) {
    demand(config, 'data_format', isChannelsLast);
    demand(config, 'dilation_rate', isOne);
    demand(config, 'groups', isOne);
    return {
      type: 'conv2d',
      filters: Number(config['filters']),
      kernelSize: pair(config['kernel_size'], 1),
      strides: pair(config['strides'], 1),
      padding: paddingOf(config),
      ...kernelSettings(config),
    };
  },
  BatchNormalization(config) {
    demand(config, 'axis', (axis) => [axis].flat().every((each) => each === -1 || each === 3 || each === 1));
    demand(config, 'center', isTrue);
    demand(config, 'scale', isTrue);
    // Keras names the share of the old statistics, PyTorch that of the new ones
    const momentum = Number((1 - Number(config['momentum'] ?? 0.99)).toPrecision(12));
    const zeroGamma = nameOf(config['gamma_initializer']) === 'zeros';
    return { type: 'batchNorm', momentum, epsilon: Number(config['epsilon'] ?? 1e-3), zeroGamma };
  },
  Activation: (config) => ({ type: 'activation', activation: activationOf(config['activation']) }),
  ReLU(config) {
    demand(config, 'max_value', () => false);
    demand(config, 'negative_slope', (value) => value === 0 || isOneOf(value, [[0]]));
    demand(config, 'threshold', (value) => value === 0 || isOneOf(value, [[0]]));
    return { type: 'activation', activation: 'relu' };
  },
  MaxPooling2D: (config) => pooling('maxPool2d', config),
  AveragePooling2D: (config) => pooling('averagePool2d', config),
  GlobalAveragePooling2D(config) {
    demand(config, 'data_format', isChannelsLast);
    demand(config, 'keepdims', (value) => value === false);
    return { type: 'globalAveragePool' };
  },
  Flatten: () => ({ type: 'flatten' }),
  Dropout: (config) => ({ type: 'dropout', rate: Number(config['rate']) }),
};

const isOneOf = (value: unknown, options: readonly unknown[]): boolean =>
  options.some((option) => JSON.stringify(option) === JSON.stringify(value));

/** One Keras layer by itself. Layers without an effect here have the spec null. */
export function translateLayer({ className, config }: KerasLayer): Translation {
  const translate = Object.hasOwn(translations, className) ? translations[className] : undefined;
  if (!translate) return { unsupported: 'there is no such layer here' };
  try {
    return { spec: translate(config) };
  } catch (error) {
    if (error instanceof Unsupported) return { unsupported: error.message };
    throw error;
  }
}

/** The numbers of a ZeroPadding2D, where rows above and below and columns left and right are as many. */
export function symmetricPadding({ config }: KerasLayer): number | [number, number] | null {
  const { padding } = config;
  if (typeof padding === 'number') return padding;
  if (!Array.isArray(padding)) return null;
  const [rows, columns] = padding.map((each): unknown[] => (Array.isArray(each) ? each : [each, each]));
  if (!rows || !columns || rows[0] !== rows[1] || columns[0] !== columns[1]) return null;
  return rows[0] === columns[0] ? Number(rows[0]) : [Number(rows[0]), Number(columns[0])];
}
