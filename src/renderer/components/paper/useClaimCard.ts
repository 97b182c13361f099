import { computed, type ComputedRef } from 'vue';
import type { Study } from '../../../core/contract/studies.ts';
import type { ClaimCard } from '../../../core/recipes/claimCard.ts';
import { paperDatasetOf, studyClaimCard } from '../../../core/recipes/studyClaimCard.ts';
import type { StudyTable } from '../../../core/studies/studyTable.ts';
import { useDatasetsStore } from '../../stores/datasets.ts';

/** The claim card of a study that a recipe made; null for all others. */
export function useClaimCard(
  study: () => Study | undefined,
  table: () => StudyTable | null,
): ComputedRef<ClaimCard | null> {
  const datasets = useDatasetsStore();
  return computed(() => {
    const [current, results] = [study(), table()];
    if (!current || !results) return null;
    const id = paperDatasetOf(current);
    return studyClaimCard(current, results, datasets.list.find((candidate) => candidate.id === id)?.meta ?? null);
  });
}
