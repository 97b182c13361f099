import type { BatchLoader } from '../data/batchLoader.ts';
import type { Steps } from './steps.ts';

export interface Evaluation {
  /** mean loss over the rows */
  loss: number;
  /** share of rows classified right, or the mean absolute error of a regression */
  score: number;
}

/** Loss and score of the model as it stands, over given rows, without dropout and with running statistics. */
export async function evaluate(
  steps: Steps,
  loader: BatchLoader,
  rows: Uint32Array,
  batchSize: number,
  betweenBatches: () => Promise<void>,
): Promise<Evaluation> {
  let lossSum = 0;
  let scoreTotal = 0;
  const feed = loader.feed({ rows, batchSize, epoch: null });
  for (let start = 0; start < rows.length; start += batchSize) {
    const count = Math.min(batchSize, rows.length - start);
    const { x, targets } = await feed.next();
    const { loss, score } = await steps.evaluate({ x, targets });
    x.dispose();
    targets.dispose();
    lossSum += loss * count;
    scoreTotal += score;
    await betweenBatches();
  }
  return { loss: lossSum / rows.length, score: scoreTotal / rows.length };
}
