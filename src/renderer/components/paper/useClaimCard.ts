import { computed, type ComputedRef } from 'vue';
import type { Study } from '../../../core/contract/studies.ts';
import { claimCard, type ClaimCard } from '../../../core/recipes/claimCard.ts';
import { isToyRecipe, recipeCatalogue } from '../../../core/recipes/catalogue.ts';
import { deviationsOf, type RecipeChoice } from '../../../core/recipes/recipeStudy.ts';
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
    const origin = current?.spec.origin;
    const recipe = recipeCatalogue.find(({ id }) => id === origin?.recipe);
    if (!current || !results || !origin || !recipe || isToyRecipe(recipe)) return null;
    let dataset: RecipeChoice['dataset'] = null;
    if (origin.binding === 'paper') {
      const { id } = current.spec.base['dataset'] as { id: string };
      dataset = datasets.list.find((candidate) => candidate.id === id)?.meta ?? {
        id,
        shape: [],
        classes: [],
        parts: undefined,
      };
    }
    return claimCard(recipe, current, results, deviationsOf(recipe, dataset, origin.scale));
  });
}
