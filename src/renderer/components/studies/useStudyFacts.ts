import { computed, type ComputedRef } from 'vue';
import type { Run } from '../../../core/contract/runs.ts';
import type { Study } from '../../../core/contract/studies.ts';
import { outlineStudy } from '../../../core/studies/planStudy.ts';
import { studySecondsLeft } from '../../../core/studies/studySecondsLeft.ts';
import { stateCounts, stateOf, studyTable, type StudyTable } from '../../../core/studies/studyTable.ts';
import { useRunsStore } from '../../stores/runs.ts';

export interface StudyFacts {
  table: ComputedRef<StudyTable | null>;
  /** runs that came to an end of their own */
  over: ComputedRef<number>;
  /** of the study, from its running runs too; 0 to 1 */
  share: ComputedRef<number>;
  /** until the last run ends, at the pace of those that train or have ended; null while that is not known */
  secondsLeft: ComputedRef<number | null>;
}

interface Results {
  key: string;
  study: Study;
  runs: ReadonlyMap<string, Run>;
}

/** What a study has come to, from the runs as the window knows them. */
export function useStudyFacts(study: () => Study | undefined): StudyFacts {
  const runs = useRunsStore();
  const own = computed<ReadonlyMap<string, Run>>(
    () =>
      new Map(
        (study()?.runs ?? []).flatMap(({ runId }) => {
          const run = runId === null ? undefined : runs.byId.get(runId);
          return run ? [[run.id, run] as const] : [];
        }),
      ),
  );
  /** what the table is made of; stays the same object while a run merely takes its steps */
  const results = computed<Results | null>((before) => {
    const current = study();
    if (!current) return null;
    const { metric, report } = current.spec.objective;
    const cells = current.runs.map((studyRun) => {
      const state = stateOf(studyRun, own.value);
      const latest = state === 'done' ? own.value.get(studyRun.runId ?? '')?.latest : undefined;
      return [studyRun.runId, state, studyRun.prunedValue, latest?.[metric], latest?.[report ?? '']].join();
    });
    const key = JSON.stringify([current.spec, cells]);
    return before?.key === key ? before : { key, study: current, runs: own.value };
  });
  const table = computed(() => {
    if (!results.value) return null;
    const { study: current, runs: known } = results.value;
    return studyTable(current, outlineStudy(current.spec), known);
  });
  const over = computed(() => {
    const { done, pruned, failed } = stateCounts(study()?.runs ?? [], own.value);
    return done + pruned + failed;
  });
  const all = computed(() => study()?.runs.length ?? 0);
  const underWay = computed(() =>
    [...own.value.values()].reduce(
      (sum, { status, step, totalSteps }) => sum + (status === 'running' && totalSteps ? step / totalSteps : 0),
      0,
    ),
  );
  const share = computed(() => (all.value === 0 ? 0 : Math.min(1, (over.value + underWay.value) / all.value)));
  const secondsLeft = computed(() => {
    const current = study();
    if (current?.status !== 'running') return null;
    const atATime = [...own.value.values()].filter(({ status }) => status === 'running').length;
    return studySecondsLeft(current, own.value, atATime);
  });
  return { table, over, share, secondsLeft };
}
