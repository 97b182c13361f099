import { extrapolateAt } from '../../core/metrics/interpolate.ts';
import type { SeriesBuffer } from '../../core/metrics/seriesBuffer.ts';
import type { LiveSeries } from '../stores/liveSeries.ts';
import type { XMode } from './chartSettings.ts';

/** What turns steps of a run into other units. */
export interface StepUnits {
  /** null until the run has started */
  stepsPerEpoch: number | null;
  /** seconds of training by step; needed for `time` */
  clock: LiveSeries | undefined;
}

/** The x of a step; NaN where it cannot be told yet. */
export function xOfStep(step: number, mode: XMode, { stepsPerEpoch, clock }: StepUnits): number {
  if (mode === 'step') return step;
  if (mode === 'epoch') return stepsPerEpoch ? step / stepsPerEpoch : NaN;
  return clock ? extrapolateAt(clock.buffer.steps, clock.buffer.values, clock.buffer.length, step) : NaN;
}

/** The step at an x, the inverse of `xOfStep`; not a whole number in general. */
export function stepOfX(x: number, mode: XMode, { stepsPerEpoch, clock }: StepUnits): number {
  if (mode === 'step') return x;
  if (mode === 'epoch') return x * (stepsPerEpoch ?? NaN);
  return clock ? extrapolateAt(clock.buffer.values, clock.buffer.steps, clock.buffer.length, x) : NaN;
}

/** The x of every entry of a buffer, kept up as both grow. */
export interface XColumn {
  of(buffer: SeriesBuffer, mode: XMode, units: StepUnits): ArrayLike<number>;
}

export function createXColumn(): XColumn {
  let xs = new Float64Array(0);
  let made: {
    buffer: SeriesBuffer;
    generation: number;
    mode: XMode;
    rate: number | null;
    clock: SeriesBuffer | null;
  } | null = null;
  /** entries whose x is final */
  let settled = 0;

  return {
    of(buffer, mode, units) {
      if (mode === 'step') return buffer.steps;
      const clock = mode === 'time' ? (units.clock?.buffer ?? null) : null;
      const rate = units.stepsPerEpoch;
      const isSame =
        made?.buffer === buffer &&
        made.generation === buffer.generation &&
        made.mode === mode &&
        made.rate === rate &&
        made.clock === clock;
      if (!isSame) {
        made = { buffer, generation: buffer.generation, mode, rate, clock };
        settled = 0;
      }
      if (xs.length < buffer.length) {
        const larger = new Float64Array(buffer.steps.length);
        larger.set(xs);
        xs = larger;
      }
      for (let i = settled; i < buffer.length; i++) xs[i] = xOfStep(buffer.steps[i]!, mode, units);
      // what lies beyond the clock's last tick was guessed and is looked up again
      settled = buffer.length;
      if (clock) while (settled > 0 && buffer.steps[settled - 1]! > clock.lastStep) settled--;
      return xs;
    },
  };
}
