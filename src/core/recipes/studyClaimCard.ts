import type { DatasetMeta } from '../contract/datasets.ts';
import type { Study } from '../contract/studies.ts';
import type { StudyTable } from '../studies/studyTable.ts';
import { recipeCatalogue } from './catalogue.ts';
import { claimCard, type ClaimCard } from './claimCard.ts';
import { deviationsOf, type RecipeChoice } from './recipeStudy.ts';

/** The dataset that a study of a recipe trains on in place of the digits; null for the digits and for other studies. */
export function paperDatasetOf({ spec: { origin, base } }: Pick<Study, 'spec'>): string | null {
  return origin?.binding === 'paper' ? (base['dataset'] as { id: string }).id : null;
}

/**
 * The claim card of a study that a recipe made; null for all others. `meta` is what is known of `paperDatasetOf`; null
 * when that dataset is no longer there.
 */
export function studyClaimCard(
  study: Pick<Study, 'spec'>,
  table: StudyTable,
  meta: Pick<DatasetMeta, 'id' | 'shape' | 'classes' | 'parts'> | null,
): ClaimCard | null {
  const { origin } = study.spec;
  const recipe = recipeCatalogue.find(({ id }) => id === origin?.recipe);
  if (!recipe || !origin) return null;
  const id = paperDatasetOf(study);
  const dataset: RecipeChoice['dataset'] =
    id === null ? null : (meta ?? { id, shape: [], classes: [], parts: undefined });
  return claimCard(recipe, study, table, deviationsOf(recipe, dataset, origin.scale));
}
