import { useIntervalFn } from '@vueuse/core';
import { computed, shallowRef, watch, type ComputedRef } from 'vue';
import type { Run } from '../../../core/contract/runs.ts';

export interface RunProgress {
  /** between 0 and 1; null until the length is known */
  fraction: number | null;
  /** epochs done, with the present one's part */
  epoch: number | null;
  /** seconds until the end at the pace of the last half minute; null when it does not train or cannot be told */
  secondsLeft: number | null;
}

const windowMs = 30_000;
const shortestWindowMs = 1_500;

/** How far a run is and when it will end. */
export function useRunProgress(run: () => Run | undefined): ComputedRef<RunProgress> {
  let samples: { atMs: number; step: number }[] = [];
  const nowMs = shallowRef(Date.now());
  useIntervalFn(() => (nowMs.value = Date.now()), 1_000);

  watch(
    () => [run()?.id, run()?.status, run()?.step] as const,
    ([id, status, step], before) => {
      if (id !== before?.[0] || status !== 'running' || step === undefined) samples = [];
      if (status !== 'running' || step === undefined) return;
      const atMs = Date.now();
      samples = [...samples.filter((sample) => sample.atMs > atMs - windowMs), { atMs, step }];
    },
    { immediate: true },
  );

  const stepsPerMs = (): number | null => {
    const [first] = samples;
    const last = samples.at(-1);
    const current = run();
    if (first && last && last.atMs - first.atMs >= shortestWindowMs && last.step > first.step) {
      return (last.step - first.step) / (last.atMs - first.atMs);
    }
    // too short a look: the average since the beginning
    const steps = (current?.step ?? 0) - (current?.parent?.step ?? 0);
    return current && current.trainSeconds > 0.5 && steps > 0 ? steps / (current.trainSeconds * 1_000) : null;
  };

  return computed(() => {
    const current = run();
    if (!current) return { fraction: null, epoch: null, secondsLeft: null };
    const { step, totalSteps, stepsPerEpoch, status } = current;
    const pace = status === 'running' ? stepsPerMs() : null;
    // between two commits the clock goes on
    const sinceMs = Math.max(0, nowMs.value - (samples.at(-1)?.atMs ?? nowMs.value));
    return {
      fraction: totalSteps ? step / totalSteps : null,
      epoch: stepsPerEpoch ? step / stepsPerEpoch : null,
      secondsLeft: pace && totalSteps ? Math.max(0, (totalSteps - step) / pace - sinceMs) / 1_000 : null,
    };
  });
}
