import type { RunsService } from '../../core/contract/runs.ts';
import { createSeriesBuffer, type SeriesBuffer } from '../../core/metrics/seriesBuffer.ts';

/** Points asked for at a time: small enough that neither end is held up noticeably. */
const pointsPerRead = 10_000;
/** Entries of a series that holds every point; a longer one is not read whole. */
const mostEntries = 2 ** 20;

export interface EveryPointOptions {
  metrics: RunsService['metrics'];
  /** the series as it is known, merged; it may grow meanwhile */
  series: { readonly runId: string; readonly key: string; readonly buffer: SeriesBuffer };
  /** reading ends early when this says no */
  isWanted: () => boolean;
}

/**
 * Reads a series point by point, a stretch of steps at a time, until it has caught up with what is known of it. Answers null
 * when it is no longer wanted or too long.
 */
export async function readEveryPoint({ metrics, series, isWanted }: EveryPointOptions): Promise<SeriesBuffer | null> {
  const { runId, key, buffer } = series;
  if (buffer.totalPoints > mostEntries) return null;
  const whole = createSeriesBuffer(mostEntries);
  const stepsPerPoint = Math.max(1, buffer.lastStep / buffer.totalPoints);
  let fromStep = 0;
  while (whole.lastStep < series.buffer.lastStep) {
    const toStep = fromStep + Math.ceil(pointsPerRead * stepsPerPoint) - 1;
    const [stretch] = await metrics({ runId, keys: [key], fromStep, toStep, maxPoints: 0 });
    if (!isWanted()) return null;
    if (stretch) whole.append(stretch);
    // points that were there are gone: the run went back to a checkpoint
    if (fromStep > series.buffer.lastStep) return null;
    fromStep = toStep + 1;
  }
  return whole;
}
