import { computed, type ComputedRef } from 'vue';
import type { Run } from '../../../core/contract/runs.ts';
import type { Study } from '../../../core/contract/studies.ts';
import { planStudy } from '../../../core/studies/planStudy.ts';
import { studyTable, type StudyTable } from '../../../core/studies/studyTable.ts';
import { useRunsStore } from '../../stores/runs.ts';

export interface StudyFacts {
  table: ComputedRef<StudyTable | null>;
  /** runs that came to an end of their own */
  over: ComputedRef<number>;
  /** of the study, from its running runs too; 0 to 1 */
  share: ComputedRef<number>;
  /** until the last run ends, at the pace of those that have; null while that is not known */
  secondsLeft: ComputedRef<number | null>;
}

/** What a study has come to, from the runs as the window knows them. */
export function useStudyFacts(study: () => Study | undefined): StudyFacts {
  const runs = useRunsStore();
  const plan = computed(() => {
    const current = study();
    return current ? planStudy(current.spec) : null;
  });
  const table = computed(() => {
    const current = study();
    return current && plan.value ? studyTable(current, plan.value, runs.byId) : null;
  });
  const own = computed<Run[]>(() =>
    (study()?.runs ?? []).flatMap(({ runId }) => {
      const run = runId === null ? undefined : runs.byId.get(runId);
      return run ? [run] : [];
    }),
  );
  const over = computed(() => {
    const counts = table.value?.counts;
    return counts ? counts.done + counts.pruned + counts.failed : 0;
  });
  const all = computed(() => study()?.runs.length ?? 0);
  const underWay = computed(() =>
    own.value.reduce(
      (sum, { status, step, totalSteps }) => sum + (status === 'running' && totalSteps ? step / totalSteps : 0),
      0,
    ),
  );
  const share = computed(() => (all.value === 0 ? 0 : Math.min(1, (over.value + underWay.value) / all.value)));
  const secondsLeft = computed(() => {
    if (study()?.status !== 'running') return null;
    const ended = own.value.filter(
      ({ status, startedAtMs, endedAtMs }) => status === 'completed' && startedAtMs && endedAtMs,
    );
    if (ended.length === 0) return null;
    const seconds = ended.reduce((sum, { startedAtMs, endedAtMs }) => sum + (endedAtMs! - startedAtMs!) / 1_000, 0);
    const atATime = Math.max(1, own.value.filter(({ status }) => status === 'running').length);
    return ((all.value - over.value - underWay.value) * (seconds / ended.length)) / atATime;
  });
  return { table, over, share, secondsLeft };
}
