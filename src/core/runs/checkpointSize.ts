import type { RunConfig } from '../contract/runConfig.ts';
import { findOptimizer } from '../optimizers/catalogue.ts';

const bytesPerNumber = 4;

export interface CheckpointCost {
  /** of one checkpoint: weights and the state of the optimizer in float32 */
  bytes: number;
  /** kept at the end of the run at most: the newest, the best and the last */
  kept: number;
}

/** What the checkpoints of a run will take on the disk, for a model of so many trained numbers. */
export function checkpointCost({ optimizer, checkpoint }: RunConfig, parameterCount: number): CheckpointCost {
  const copies = 1 + findOptimizer(optimizer.id).slots.length;
  return {
    bytes: parameterCount * copies * bytesPerNumber,
    kept: checkpoint.keepLast + (checkpoint.keepBest ? 1 : 0),
  };
}
