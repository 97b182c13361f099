import { computed, type ComputedRef } from 'vue';
import { useRemembered } from './settings.ts';

export interface HiddenRuns {
  /** ids of runs that charts leave out */
  ids: ComputedRef<ReadonlySet<string>>;
  setHidden(ids: readonly string[], isHidden: boolean): void;
}

/** Runs that the user does not want to see in charts, remembered over sessions. */
export function useHiddenRuns(): HiddenRuns {
  const stored = useRemembered<readonly string[]>('runs.hidden', (value) =>
    Array.isArray(value) ? value.filter((id): id is string => typeof id === 'string') : [],
  );
  const ids = computed(() => new Set(stored.value));
  return {
    ids,
    setHidden(changed, isHidden) {
      const next = new Set(ids.value);
      for (const id of changed) {
        if (isHidden) next.add(id);
        else next.delete(id);
      }
      stored.value = [...next];
    },
  };
}
