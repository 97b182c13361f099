import { z } from 'zod';
import { batchNorm, convolution, dropout, globalAveragePool, relu } from './layerBuilders.ts';
import type { KernelInitializer, LayerSpec, LeafLayerSpec } from './layerSpec.ts';
import {
  dropoutOption,
  initializerOption,
  isLargeImage,
  modelEntry,
  widened,
  widthOption,
  type ModelEntry,
} from './modelEntry.ts';

const options = z.strictObject({
  stem: z
    .enum(['auto', 'small', 'large'])
    .default('auto')
    .describe(
      'the first layers: small is a 3x3 convolution (CIFAR), large a 7x7 one with stride 2 and a max pooling (ImageNet), auto is large from 96 pixels',
    ),
  zeroGamma: z
    .boolean()
    .default(false)
    .describe('start the last batch norm of every block at 0, so that blocks start as their shortcuts'),
  dropout: dropoutOption,
  width: widthOption,
  initializer: initializerOption,
});
type Options = z.output<typeof options>;

/** Makes the body of a block that takes `channels` x `expansion` channels out, with its stride where torchvision has it. */
type Body = (channels: number, strides: number, options: Options) => LeafLayerSpec[];

/** A convolution that keeps the size at stride 1, with batch norm. */
function normalised(
  filters: number,
  kernelSize: number,
  strides: number,
  { initializer, zeroGamma }: { initializer: KernelInitializer; zeroGamma: boolean },
): LeafLayerSpec[] {
  const padding = (kernelSize - 1) / 2;
  return [convolution({ filters, kernelSize, strides, padding, useBias: false, initializer }), batchNorm(zeroGamma)];
}

const basic: Body = (channels, strides, { initializer, zeroGamma }) => [
  ...normalised(channels, 3, strides, { initializer, zeroGamma: false }),
  relu,
  ...normalised(channels, 3, 1, { initializer, zeroGamma }),
];

const bottleneckExpansion = 4;
const bottleneck: Body = (channels, strides, { initializer, zeroGamma }) => [
  ...normalised(channels, 1, 1, { initializer, zeroGamma: false }),
  relu,
  ...normalised(channels, 3, strides, { initializer, zeroGamma: false }),
  relu,
  ...normalised(channels * bottleneckExpansion, 1, 1, { initializer, zeroGamma }),
];

interface Architecture {
  id: string;
  name: string;
  summary: string;
  body: Body;
  expansion: number;
  /** blocks of each of the four stages */
  blocks: readonly [number, number, number, number];
}

function resnet({ id, name, summary, body, expansion, blocks }: Architecture): ModelEntry {
  return modelEntry({
    id,
    name,
    summary,
    options,
    needsImages: true,
    layers: (chosen, inputShape) => {
      const plain = { initializer: chosen.initializer, zeroGamma: false };
      const isLarge = chosen.stem === 'large' || (chosen.stem === 'auto' && isLargeImage(inputShape));
      let channelsIn = widened(64, chosen.width);
      const stem: LayerSpec[] = isLarge
        ? [...normalised(channelsIn, 7, 2, plain), relu, { type: 'maxPool2d', poolSize: 3, strides: 2, padding: 1 }]
        : [...normalised(channelsIn, 3, 1, plain), relu];
      const stages = blocks.flatMap((count, stage) =>
        Array.from({ length: count }, (_, index): LayerSpec => {
          const channels = widened(64 * 2 ** stage, chosen.width);
          const channelsOut = channels * expansion;
          const strides = stage > 0 && index === 0 ? 2 : 1;
          const isSame = strides === 1 && channelsIn === channelsOut;
          channelsIn = channelsOut;
          return {
            type: 'residual',
            body: body(channels, strides, chosen),
            shortcut: isSame ? [] : normalised(channelsOut, 1, strides, plain),
            activation: 'relu',
          };
        }),
      );
      return [...stem, ...stages, globalAveragePool, ...dropout(chosen.dropout)];
    },
  });
}

const source = 'He et al. 2016';
export const resnet18 = resnet({
  id: 'resnet18',
  name: 'ResNet-18',
  summary: `${source}: eight residual blocks of two 3x3 convolutions.`,
  body: basic,
  expansion: 1,
  blocks: [2, 2, 2, 2],
});
export const resnet34 = resnet({
  id: 'resnet34',
  name: 'ResNet-34',
  summary: `${source}: sixteen residual blocks of two 3x3 convolutions.`,
  body: basic,
  expansion: 1,
  blocks: [3, 4, 6, 3],
});
export const resnet50 = resnet({
  id: 'resnet50',
  name: 'ResNet-50',
  summary: `${source}: sixteen bottleneck blocks (1x1, 3x3, 1x1 convolutions), strides in the 3x3 ones as in torchvision.`,
  body: bottleneck,
  expansion: bottleneckExpansion,
  blocks: [3, 4, 6, 3],
});
