import type { StudySpecInput } from '../studies/studySpec.ts';

export type PaperTask = 'CIFAR-10' | 'CIFAR-100' | 'ImageNet-1K';

/** What the paper does not say, and what we put in its place. */
export interface OpenQuestion {
  question: string;
  chosen: string;
}

/** One number of the paper that a study can be set beside. */
export interface PaperClaim {
  /** the optimizer of the study that it is about, by its label */
  optimizer: string;
  /** settings of the study that it is about, by path; all of that optimizer when left out */
  point?: Readonly<Record<string, number>>;
  /** test top-1 accuracy as a share; null where the paper shows a curve only */
  accuracy: number | null;
  /** as the paper prints it after ±; null where it prints none */
  spread: number | null;
}

/** Optimizers and what is searched, for one kind of data. */
export type RecipeStudy = Pick<StudySpecInput, 'optimizers' | 'search' | 'objective'>;

/** An experiment of the paper that a user can repeat. */
export interface Recipe {
  id: string;
  title: string;
  /** where it stands in the paper */
  place: string;
  summary: string;
  task: PaperTask;
  model: { preset: string; name: string };
  epochs: number;
  batchSize: number;
  /** epochs of warm-up at full length */
  warmupEpochs: number;
  /** on the paper's data, with the paper's numbers */
  paper: RecipeStudy;
  /** on the bundled digits, with numbers that suit a run of some hundred steps */
  digits: RecipeStudy & { epochs: number; validation: number };
  /** deviations that the digits bring beside other data and another model */
  digitsNotes: readonly string[];
  claims: readonly PaperClaim[];
  /** what the paper concludes, in our words */
  conclusion: string;
  open: readonly OpenQuestion[];
}

/** A figure without training. */
export interface ToyRecipe {
  id: 'fig3-toy';
  title: string;
  place: string;
  summary: string;
  conclusion: string;
  open: readonly OpenQuestion[];
}
