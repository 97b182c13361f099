import type { ModelEntry } from './modelEntry.ts';
import { resnet18, resnet34, resnet50 } from './resnet.ts';
import { cnn, lenet5, mlp, softmax } from './smallModels.ts';
import { vgg11 } from './vgg.ts';

export type { ModelEntry } from './modelEntry.ts';

/** Every model with a name, in the order in which lists show them. */
export const modelCatalogue: readonly ModelEntry[] = [softmax, mlp, cnn, lenet5, vgg11, resnet18, resnet34, resnet50];

export const modelIds: readonly string[] = modelCatalogue.map((model) => model.id);
