import { metricsCredit, type MetricColumns, type WorkerMessage } from '../../core/contract/workerMessages.ts';

const flushIntervalMs = 250;
const flushPoints = 2_000;

/** Collects points and sends them in batches, waiting when too many batches are unacknowledged. Nothing is dropped. */
export interface MetricsSink {
  add(step: number, values: Readonly<Record<string, number>>): void;
  /** To be awaited between steps: sends a batch when it is time, and waits for credit when there is none. */
  atStepBoundary(step: number, epoch: number): Promise<void>;
  /** Sends what is left and waits until all batches are acknowledged. */
  drain(step: number, epoch: number): Promise<void>;
  acknowledge(seq: number): void;
}

export function createMetricsSink(send: (message: WorkerMessage) => void, nowMs: () => number): MetricsSink {
  let series: Record<string, MetricColumns> = {};
  let points = 0;
  let lastSentMs = nowMs() - flushIntervalMs;
  let nextSeq = 0;
  const outstanding = new Set<number>();
  let wake: (() => void) | undefined;

  const settled = async (atMost: number): Promise<void> => {
    while (outstanding.size > atMost) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };

  const flush = async (step: number, epoch: number): Promise<void> => {
    if (points === 0) return;
    await settled(metricsCredit - 1);
    outstanding.add(nextSeq);
    send({ type: 'metrics', seq: nextSeq++, step, epoch, series });
    series = {};
    points = 0;
    lastSentMs = nowMs();
  };

  return {
    add(step, values) {
      for (const [key, value] of Object.entries(values)) {
        const columns = (series[key] ??= { steps: [], values: [] });
        columns.steps.push(step);
        columns.values.push(value);
        points++;
      }
    },
    async atStepBoundary(step, epoch) {
      // counted from the last batch, not from the first point: where steps are long, a point must not wait for the next
      if (points >= flushPoints || nowMs() - lastSentMs >= flushIntervalMs) await flush(step, epoch);
    },
    async drain(step, epoch) {
      await flush(step, epoch);
      await settled(0);
    },
    acknowledge(seq) {
      outstanding.delete(seq);
      const waiting = wake;
      wake = undefined;
      waiting?.();
    },
  };
}
