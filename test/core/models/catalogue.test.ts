import { describe, expect, test } from 'vitest';
import { modelCatalogue } from '../../../src/core/models/catalogue.ts';
import { describeModel } from '../../../src/core/models/describeModel.ts';
import { modelConfigSchema } from '../../../src/core/models/modelConfig.ts';
import { planModel, type ModelPlan } from '../../../src/core/models/modelPlan.ts';

function plan(preset: string, inputShape: number[], classCount: number, options = {}): ModelPlan {
  return planModel(modelConfigSchema.parse({ preset, options }), { inputShape, task: 'classes', classCount });
}

const cifar = [32, 32, 3];
const imageNet = [224, 224, 3];

describe('parameter counts', () => {
  // ImageNet: torchvision's vgg11_bn, resnet18, resnet34 and resnet50; CIFAR: the same with their usual stem and head
  test.each([
    ['vgg11', cifar, 10, 9_231_114],
    ['vgg11', imageNet, 1000, 132_868_840],
    ['resnet18', cifar, 10, 11_173_962],
    ['resnet18', imageNet, 1000, 11_689_512],
    ['resnet34', imageNet, 1000, 21_797_672],
    ['resnet50', cifar, 10, 23_520_842],
    ['resnet50', imageNet, 1000, 25_557_032],
  ])('of %s over %j and %i classes are the published ones', (preset, inputShape, classes, expected) => {
    expect(plan(preset, inputShape, classes).parameterCount).toBe(expected);
  });
});

describe('the stem of a ResNet', () => {
  const shapeAfterStem = (inputShape: number[], options = {}): number[] => {
    const { layers } = plan('resnet18', inputShape, 10, options);
    return layers[layers.findIndex(({ spec }) => spec.type === 'residual')]!.inputShape;
  };

  test('keeps the size of small images and quarters that of large ones', () => {
    expect(shapeAfterStem(cifar)).toEqual([32, 32, 64]);
    expect(shapeAfterStem(imageNet)).toEqual([56, 56, 64]);
  });

  test('can be chosen', () => {
    expect(shapeAfterStem(cifar, { stem: 'large' })).toEqual([8, 8, 64]);
    expect(shapeAfterStem([96, 96, 3], { stem: 'small' })).toEqual([96, 96, 64]);
  });
});

test('VGG-11 leaves out poolings that would leave no pixel', () => {
  const pools = (inputShape: number[]): number =>
    plan('vgg11', inputShape, 10).layers.filter(({ spec }) => spec.type === 'maxPool2d').length;
  expect([8, 28, 32].map((size) => pools([size, size, 1]))).toEqual([3, 4, 5]);
});

test('VGG-11 drops half of both hidden layers of its large head, and nothing in its small one', () => {
  const rates = (inputShape: number[], options = {}): number[] =>
    plan('vgg11', inputShape, 10, options).layers.flatMap(({ spec }) => (spec.type === 'dropout' ? [spec.rate] : []));
  expect(rates(imageNet)).toEqual([0.5, 0.5]);
  expect(rates(cifar)).toEqual([]);
  expect(rates(cifar, { dropout: 0.2 })).toEqual([0.2]);
});

test.each(['vgg11', 'resnet18', 'resnet50'])('%s of half the width has half the channels everywhere', (preset) => {
  const channels = (options: object): number[] =>
    plan(preset, cifar, 10, options)
      .layers.slice(0, -1)
      .map(({ outputShape }) => outputShape.at(-1)!);
  expect(channels({ width: 0.5 })).toEqual(channels({}).map((count) => count / 2));
});

test('zero gamma starts the last batch norm of every block at zero, and no other', () => {
  const zeros = plan('resnet50', cifar, 10, { zeroGamma: true }).variables.filter(
    ({ name, initializer }) => name.endsWith('/gamma') && initializer.kind === 'zeros',
  );
  expect(zeros).toHaveLength(16);
  expect(zeros.every(({ name }) => name.endsWith('body.7.batchNorm/gamma'))).toBe(true);
});

test('kernels start as the initializer says, from torchvision down to the fans', () => {
  const first = (initializer: string): unknown =>
    plan('resnet18', cifar, 10, { initializer }).variables[0]!.initializer;
  expect(first('he')).toEqual({ kind: 'he', fan: 27 });
  expect(first('heFanOut')).toEqual({ kind: 'he', fan: 576 });
  expect(first('glorot')).toEqual({ kind: 'glorot', fanIn: 27, fanOut: 576 });
});

test('every model with its default options is laid out for small and for large images', () => {
  for (const { id } of modelCatalogue) {
    for (const inputShape of [[8, 8, 1], cifar, imageNet]) {
      expect(plan(id, inputShape, 10).layers.at(-1)!.outputShape).toEqual([10]);
    }
  }
});

describe('padding', () => {
  const outputOf = (layer: object, inputShape: number[]): number[] => {
    const model = modelConfigSchema.parse({ layers: [layer] });
    return planModel(model, { inputShape, task: 'classes', classCount: 2 }).layers[0]!.outputShape;
  };
  const conv = { type: 'conv2d', filters: 1, kernelSize: 3, strides: 2 };

  test('by numbers gives the sizes of PyTorch', () => {
    // floor((size + 2 padding - kernel) / stride) + 1
    expect(outputOf({ ...conv, padding: 1 }, [7, 8, 1])).toEqual([4, 4, 1]);
    expect(outputOf({ ...conv, kernelSize: 7, padding: 3 }, [224, 223, 1])).toEqual([112, 112, 1]);
    expect(outputOf({ ...conv, padding: [0, 2] }, [7, 8, 1])).toEqual([3, 5, 1]);
    expect(outputOf({ type: 'maxPool2d', poolSize: 3, strides: 2, padding: 1 }, [112, 112, 4])).toEqual([56, 56, 4]);
  });

  test('beyond half a pooling window is refused where it stands', () => {
    expect(() => outputOf({ type: 'maxPool2d', poolSize: 2, padding: 2 }, [8, 8, 1])).toThrow(
      'Layer 0.maxPool2d: its padding of 2 is more than half its window of 2; use less padding.',
    );
  });

  test('is said in the table of layers', () => {
    const model = modelConfigSchema.parse({ layers: [{ ...conv, padding: [0, 1] }] });
    const { layers } = describeModel(model, { inputShape: [8, 8, 1], task: 'classes', classCount: 2 });
    expect(layers[0]!.description).toBe('1 filters 3x3, stride 2x2, padding 0x1');
  });
});
