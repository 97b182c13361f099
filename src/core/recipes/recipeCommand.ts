import type { StudySpec } from '../studies/studySpec.ts';
import type { Recipe } from './recipe.ts';

/** 0,1,2 as 0-2. */
export function seedText(seeds: readonly number[]): string {
  const isRange = seeds.length > 1 && seeds.every((seed, i) => seed === seeds[0]! + i);
  return isRange ? `${seeds[0]}-${seeds.at(-1)}` : seeds.join(',');
}

/** The command that repeats a study of a recipe. */
export function recipeCommand(recipe: Recipe, { base, seeds, origin }: StudySpec): string {
  const dataset = (base['dataset'] as { id?: string } | undefined)?.id ?? 'digits';
  const { dataFraction = 1, epochs = recipe.epochs, width = 1 } = origin?.scale ?? {};
  const usual = origin?.binding === 'digits' ? recipe.digits.epochs : recipe.epochs;
  return [
    `npx lp-workbench recipe run ${recipe.id}`,
    origin?.binding === 'digits' ? '--digits' : `--dataset ${dataset}`,
    ...(epochs === usual ? [] : [`--epochs ${epochs}`]),
    ...(dataFraction === 1 ? [] : [`--data-fraction ${dataFraction}`]),
    ...(width === 1 ? [] : [`--width ${width}`]),
    `--seeds ${seedText(seeds)}`,
  ].join(' ');
}
