import { computed, type ComputedRef } from 'vue';
import type { DatasetMeta } from '../../../core/contract/datasets.ts';
import { asAppError, type AppError } from '../../../core/errors.ts';
import { describeModel, type ModelDescription } from '../../../core/models/describeModel.ts';
import { modelConfigSchema } from '../../../core/models/modelConfig.ts';
import { useNewRunStore } from '../../stores/newRun.ts';

/** The layers of the model in the form over the chosen dataset, or why they do not fit together. */
export interface ModelFacts {
  description: ModelDescription | null;
  error: AppError | null;
}

export function useModelFacts(meta: () => DatasetMeta | null): ComputedRef<ModelFacts> {
  const store = useNewRunStore();
  return computed(() => {
    const known = meta();
    // the model alone: what is wrong elsewhere in the form does not matter to it
    const model = modelConfigSchema.safeParse(store.draft['model']);
    if (!known || !model.success) return { description: null, error: null };
    const { shape: inputShape, task, classes } = known;
    try {
      const description = describeModel(model.data, { inputShape, task, classCount: classes.length });
      return { description, error: null };
    } catch (error) {
      return { description: null, error: asAppError(error) };
    }
  });
}
