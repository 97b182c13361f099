import { createSmoother, type Smoother } from '../../core/metrics/smoothing.ts';
import type { SeriesBuffer } from '../../core/metrics/seriesBuffer.ts';

/** The moving average over every entry of a buffer, kept up as the buffer grows. */
export interface SmoothedColumn {
  of(buffer: SeriesBuffer, factor: number): ArrayLike<number>;
}

export function createSmoothedColumn(): SmoothedColumn {
  let smoothed = new Float64Array(0);
  let smoother: Smoother | null = null;
  let made: { buffer: SeriesBuffer; generation: number; factor: number } | null = null;
  let done = 0;

  return {
    of(buffer, factor) {
      const { generation, length, values } = buffer;
      if (!smoother || made?.buffer !== buffer || made.generation !== generation || made.factor !== factor) {
        made = { buffer, generation, factor };
        smoother = createSmoother(factor, buffer.lows ? buffer.totalPoints / length : 1);
        done = 0;
      }
      if (smoothed.length < length) {
        const larger = new Float64Array(values.length);
        larger.set(smoothed);
        smoothed = larger;
      }
      for (; done < length; done++) smoothed[done] = smoother.push(values[done]!);
      return smoothed;
    },
  };
}
