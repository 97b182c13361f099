import type { LossKind } from '../models/loss.ts';

/** Probabilities of one row's logits: exp(z_c - max z) / sum. */
export function softmax(logits: ArrayLike<number>): number[] {
  let greatest = -Infinity;
  for (let i = 0; i < logits.length; i++) greatest = Math.max(greatest, logits[i]!);
  const powers = Array.from(logits, (logit) => Math.exp(logit - greatest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

export function indexOfGreatest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** -log softmax(logits)[target], finite however sure and wrong the model is. */
function crossEntropy(logits: ArrayLike<number>, target: number): number {
  let greatest = -Infinity;
  for (let i = 0; i < logits.length; i++) greatest = Math.max(greatest, logits[i]!);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - greatest);
  return Math.log(sum) + greatest - logits[target]!;
}

/** The loss of one row. `targets` is one-hot for cross-entropy, else the wanted numbers. */
export function rowLoss(kind: LossKind, output: ArrayLike<number>, targets: ArrayLike<number>): number {
  if (kind === 'crossEntropy') return crossEntropy(output, indexOfGreatest(targets));
  let sum = 0;
  for (let i = 0; i < output.length; i++) {
    const difference = output[i]! - targets[i]!;
    sum += kind === 'mse' ? difference * difference : Math.abs(difference);
  }
  return sum / output.length;
}
