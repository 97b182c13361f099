import type { VariablePlan } from '../models/modelPlan.ts';

/**
 * What weight decay acts on. all: every trainable number, as PyTorch does unless told otherwise. weights: kernels of
 * dense layers and convolutions alone, not biases nor the gamma and beta of batch norm, which give the function no size.
 */
export const weightDecayScopes = ['all', 'weights'] as const;
export type WeightDecayScope = (typeof weightDecayScopes)[number];

export function decays(scope: WeightDecayScope, { role }: Pick<VariablePlan, 'role'>): boolean {
  return scope === 'all' || role === 'weight';
}
