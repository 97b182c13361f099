import { expect, it } from 'vitest';
import { parseRunConfig } from '../../../src/core/contract/runConfig.ts';
import { checkpointCost } from '../../../src/core/runs/checkpointSize.ts';

it.each([
  { id: 'sgd', copies: 1 },
  { id: 'lpsgdm', copies: 2 },
  { id: 'adamw', copies: 3 },
])('a checkpoint of $id holds the weights and what the optimizer remembers', ({ id, copies }) => {
  const config = parseRunConfig({ optimizer: { id }, checkpoint: { keepLast: 2, keepBest: true } });
  expect(checkpointCost(config, 1_000)).toEqual({ bytes: 4_000 * copies, kept: 3 });
});
