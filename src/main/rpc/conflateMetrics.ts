import type { RunsEvents } from '../../core/contract/runs.ts';
import type { Unsubscribe } from '../../core/contract/service.ts';

type Batch = RunsEvents['metricsCommitted'];

export interface ConflationOptions {
  /** Calls back once after a time, unless undone. */
  after: (delayMs: number, callback: () => void) => Unsubscribe;
  /** batches are kept back while this says so */
  isCongested: () => boolean;
  /** least time between two batches of one run */
  intervalMs?: number;
  /** points of one run that may wait */
  maxPoints?: number;
}

export interface Conflation {
  add(batch: Batch): void;
  /** Sends what waits of a run now. */
  flush(runId: string): void;
  /** Forgets what waits. */
  close(): void;
}

interface Lane {
  pending: Batch | null;
  points: number;
  cancelTimer: Unsubscribe;
}

const countPoints = (batch: Batch): number =>
  Object.values(batch.series).reduce((sum, { steps }) => sum + steps.length, 0);

const copyOf = (batch: Batch): Batch => ({
  ...batch,
  series: Object.fromEntries(
    Object.entries(batch.series).map(([key, { steps, values }]) => [key, { steps: [...steps], values: [...values] }]),
  ),
});

function append(pending: Batch, batch: Batch): void {
  pending.seq = batch.seq;
  pending.step = batch.step;
  for (const [key, { steps, values }] of Object.entries(batch.series)) {
    const column = (pending.series[key] ??= { steps: [], values: [] });
    for (const step of steps) column.steps.push(step);
    for (const value of values) column.values.push(value);
  }
}

/** Carries no point and follows on nothing, so that who receives it knows that points were left out. */
const markGap = ({ runId, seq, step }: Batch): Batch => ({ runId, firstSeq: seq + 1, seq, step, series: {} });

/**
 * Merges the committed batches of each run into at most one message per interval (100 ms). `firstSeq` and `seq` of a
 * message name the first and last batch in it, and messages follow each other without a gap, with two exceptions: a new
 * worker counts from 0 again, and when more than `maxPoints` points wait (a client that does not read), all that wait
 * are thrown away. The client then sees a `firstSeq` that does not follow and reads the series from the database.
 */
export function conflateMetrics(send: (batch: Batch) => void, options: ConflationOptions): Conflation {
  const { after, isCongested, intervalMs = 100, maxPoints = 20_000 } = options;
  const lanes = new Map<string, Lane>();

  const sendPending = (lane: Lane): void => {
    if (!lane.pending) return;
    const batch = lane.pending;
    lane.pending = null;
    lane.points = 0;
    send(batch);
  };
  const rest = (runId: string, lane: Lane): void => {
    lane.cancelTimer();
    lane.cancelTimer = after(intervalMs, () => {
      if (!lane.pending) {
        lanes.delete(runId);
        return;
      }
      if (!isCongested()) sendPending(lane);
      rest(runId, lane);
    });
  };

  return {
    add(batch) {
      const known = lanes.get(batch.runId);
      const lane: Lane = known ?? { pending: null, points: 0, cancelTimer: () => {} };
      lanes.set(batch.runId, lane);
      if (lane.pending && batch.firstSeq !== lane.pending.seq + 1) sendPending(lane);
      lane.points += countPoints(batch);
      if (lane.points > maxPoints) {
        lane.pending = markGap(batch);
        lane.points = 0;
      } else if (lane.pending) append(lane.pending, batch);
      else lane.pending = copyOf(batch);
      if (known) return;
      if (!isCongested()) sendPending(lane);
      rest(batch.runId, lane);
    },
    flush(runId) {
      const lane = lanes.get(runId);
      if (lane && !isCongested()) sendPending(lane);
    },
    close() {
      for (const lane of lanes.values()) lane.cancelTimer();
      lanes.clear();
    },
  };
}
