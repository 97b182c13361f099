import { average, quotient } from './directions.ts';
import { numberNamed } from './numbers.ts';
import type { ScalarSlots, SlotSpec, StepNumbers } from './optimizerSpec.ts';

export const adamSlots: readonly SlotSpec[] = [
  { name: 'm', start: 'zeros' },
  { name: 'v', start: 'zeros' },
];

export const adamFormula = [
  'm = \\beta_1 m + (1 - \\beta_1)\\, g',
  'v = \\beta_2 v + (1 - \\beta_2)\\, g^2',
  '\\hat m = m / (1 - \\beta_1^t), \\quad \\hat v = v / (1 - \\beta_2^t)',
];

/** The bias-corrected step of Adam, shared by its two ways of decaying weights. */
export function adamDirection(
  gradient: number,
  slots: ScalarSlots,
  step: StepNumbers,
): { direction: number; slots: ScalarSlots } {
  const decay1 = numberNamed(step, 'beta1');
  const decay2 = numberNamed(step, 'beta2');
  const t = numberNamed(step, 't');
  const m = average(decay1, numberNamed(slots, 'm'), gradient);
  const v = average(decay2, numberNamed(slots, 'v'), gradient * gradient);
  const correctedM = m / (1 - decay1 ** t);
  const correctedV = v / (1 - decay2 ** t);
  return {
    direction: quotient(correctedM, Math.sqrt(correctedV) + numberNamed(step, 'epsilon')),
    slots: { m, v },
  };
}
