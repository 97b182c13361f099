/** One number (or switch) a user can set on an optimizer. Forms, CLI flags, validation and docs come from this record. */
export interface HyperparameterSpec {
  /** camelCase key in a run configuration; the CLI flag is its kebab-case */
  key: string;
  label: string;
  /** LaTeX symbol as it appears in `formula` */
  symbol: string;
  /** one sentence: what it does and what changing it means */
  description: string;
  kind: 'number' | 'switch';
  default: number | boolean;
  /** inclusive bounds; `above`/`below` are exclusive ones */
  min?: number;
  above?: number;
  max?: number;
  below?: number;
  /** how a slider or a search should space values */
  scale: 'linear' | 'log';
}

export interface Reference {
  authors: string;
  title: string;
  where: string;
}

/** How weight decay enters the update. `decoupled`: theta shrinks by (1 - lr wd). `coupled`: wd theta is added to g. */
export type WeightDecayKind = 'decoupled' | 'coupled';

/** A state tensor an optimizer keeps per variable, and what it holds before the first step. */
export interface SlotSpec {
  name: string;
  start: 'zeros' | 'weight';
}

/** An optimizer's state for one coordinate, by slot name. */
export type ScalarSlots = Readonly<Record<string, number>>;

/** All numbers of one step: the hyperparameters (switches as 0 or 1) plus learningRate, rho and t (1-based step). */
export type StepNumbers = Readonly<Record<string, number>>;

export interface OptimizerSpec {
  id: string;
  name: string;
  /** one sentence for a list */
  summary: string;
  /** LaTeX, one line per assignment, in the order of execution */
  formula: readonly string[];
  reference: Reference;
  hyperparameters: readonly HyperparameterSpec[];
  /** state per variable, in the order in which it is updated */
  slots: readonly SlotSpec[];
  weightDecay: WeightDecayKind;
  /** true when the update reads rho from the run's p schedule */
  usesPSchedule: boolean;
  defaultLearningRate: number;
  /** "LPSGDM with beta = 0 and weight decay 0", where such a relation exists */
  relation?: string;
  /**
   * The update of one coordinate in float64, the plainest statement of the method. All methods here act coordinate by
   * coordinate, so this is the whole optimizer; tensor and fused forms are tested against it.
   */
  updateScalar(
    theta: number,
    gradient: number,
    slots: ScalarSlots,
    step: StepNumbers,
  ): { theta: number; slots: ScalarSlots };
}
