import { z } from 'zod';
import { batchNorm, convolution, dense, dropout, flatten, globalAveragePool, maxPool, relu } from './layerBuilders.ts';
import type { LayerSpec } from './layerSpec.ts';
import { initializerOption, isLargeImage, modelEntry, ownDropoutOption, widened, widthOption } from './modelEntry.ts';

/** Filters of the convolutions between two poolings. */
const stages = [[64], [128], [256, 256], [512, 512], [512, 512]];

export const vgg11 = modelEntry({
  id: 'vgg11',
  name: 'VGG-11 with batch norm',
  summary:
    'Simonyan and Zisserman 2015, configuration A: eight 3x3 convolutions with batch norm, five max poolings. A pooling that would leave no pixel is left out.',
  options: z.strictObject({
    head: z
      .enum(['auto', 'small', 'large'])
      .default('auto')
      .describe(
        'layers before the output layer: small has none (CIFAR), large two of 4096 units (ImageNet), auto is large from 96 pixels',
      ),
    dropout: ownDropoutOption('0.5 after both layers of the large head and none in the small one'),
    width: widthOption,
    initializer: initializerOption,
  }),
  needsImages: true,
  layers: ({ head, dropout: rate, width, initializer }, inputShape) => {
    let pixels = Math.min(inputShape[0] ?? 1, inputShape[1] ?? 1);
    const features = stages.flatMap((filtersOfStage): LayerSpec[] => {
      const convolutions = filtersOfStage.flatMap((filters) => [
        convolution({ filters: widened(filters, width), kernelSize: 3, padding: 1, initializer }),
        batchNorm(),
        relu,
      ]);
      const hasPool = pixels >= 2;
      if (hasPool) pixels = Math.floor(pixels / 2);
      return [...convolutions, ...(hasPool ? [maxPool] : [])];
    });
    const isLarge = head === 'large' || (head === 'auto' && isLargeImage(inputShape));
    if (!isLarge) return [...features, globalAveragePool, ...dropout(rate ?? 0)];
    const hidden = [dense(widened(4096, width), initializer), ...dropout(rate ?? 0.5)];
    return [...features, flatten, ...hidden, ...hidden];
  },
});
