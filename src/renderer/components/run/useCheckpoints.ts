import { useThrottleFn } from '@vueuse/core';
import { shallowRef, watch, type ShallowRef } from 'vue';
import type { Checkpoint, Run } from '../../../core/contract/runs.ts';
import { asAppError, type AppError } from '../../../core/errors.ts';
import { useClient } from '../../composables/useClient.ts';

export interface Checkpoints {
  /** newest step first; null before the first answer */
  list: Readonly<ShallowRef<readonly Checkpoint[] | null>>;
  error: Readonly<ShallowRef<AppError | null>>;
  load(): Promise<void>;
}

/** A training run writes checkpoints all the time; the list follows at this pace. */
const refreshMs = 3_000;

/** The checkpoints of a run, read again as it trains. */
export function useCheckpoints(run: () => Run | undefined): Checkpoints {
  const client = useClient();
  const list = shallowRef<readonly Checkpoint[] | null>(null);
  const error = shallowRef<AppError | null>(null);

  async function load(): Promise<void> {
    const id = run()?.id;
    if (id === undefined) return;
    try {
      const found = await client.runs.checkpoints({ runId: id });
      if (run()?.id !== id) return;
      list.value = found.toSorted((a, b) => b.step - a.step);
      error.value = null;
    } catch (reason) {
      error.value = asAppError(reason);
    }
  }
  const loadSometimes = useThrottleFn(load, refreshMs, true);

  watch(
    () => run()?.id,
    () => {
      list.value = null;
      void load();
    },
    { immediate: true },
  );
  watch(
    () => run()?.status,
    () => void load(),
  );
  watch(
    () => run()?.step,
    () => void loadSometimes(),
  );
  return { list, error, load };
}
