import { beforeEach, describe, expect, test } from 'vitest';
import type { RunsEvents, RunsService, Series } from '../../../src/core/contract/runs.ts';
import { createSeriesHub, type LiveSeries, type SeriesHub } from '../../../src/renderer/stores/liveSeries.ts';

type Commit = RunsEvents['metricsCommitted'];
type Request = Parameters<RunsService['metrics']>[0];

/** A host with one run: points by key, reduced as the real one reduces them. */
function createHost() {
  const stored = new Map<string, { step: number; value: number }[]>();
  const requests: Request[] = [];
  let fails = false;
  let release: (() => void) | null = null;
  let gate: Promise<void> | null = null;

  const read = (key: string, { fromStep = 0, toStep = Infinity, maxPoints = 2_000 }: Request): Series => {
    const points = (stored.get(key) ?? []).filter(({ step }) => step >= fromStep && step <= toStep);
    const steps = points.map(({ step }) => step);
    const values = points.map(({ value }) => value);
    if (maxPoints === 0 || points.length <= maxPoints) return { key, steps, values, totalPoints: points.length };
    const size = Math.ceil(points.length / maxPoints);
    const starts = steps.map((_, i) => i).filter((i) => i % size === 0);
    const buckets = starts.map((start) => values.slice(start, start + size));
    return {
      key,
      steps: starts.map((start) => steps[Math.min(start + size, steps.length) - 1]!),
      values: buckets.map((bucket) => bucket.at(-1)!),
      minimums: buckets.map((bucket) => Math.min(...bucket)),
      maximums: buckets.map((bucket) => Math.max(...bucket)),
      totalPoints: points.length,
    };
  };
  return {
    requests,
    store(key: string, from: number, to: number, value: (step: number) => number = (step) => step): void {
      const points = stored.get(key) ?? [];
      for (let step = from; step <= to; step++) points.push({ step, value: value(step) });
      stored.set(key, points);
    },
    cutBack(key: string, step: number): void {
      stored.set(
        key,
        stored.get(key)!.filter((point) => point.step <= step),
      );
    },
    fail(isFailing: boolean): void {
      fails = isFailing;
    },
    /** Answers wait until the result of this is called. */
    hold(): () => void {
      gate = new Promise((resolve) => (release = resolve));
      return () => {
        gate = null;
        release?.();
      };
    },
    async metrics(request: Request): Promise<Series[]> {
      requests.push(request);
      if (fails) throw new Error('the host is gone');
      const answer = (request.keys ?? []).map((key) => read(key, request));
      await gate;
      return answer;
    },
  };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
const stepsOf = ({ buffer }: LiveSeries): number[] => [...buffer.steps.subarray(0, buffer.length)];
const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

let host: ReturnType<typeof createHost>;
let hub: SeriesHub;
beforeEach(() => {
  host = createHost();
  hub = createSeriesHub({ metrics: host.metrics, maxPoints: 100 });
});

function commit(seq: number, from: number, to: number, firstSeq = seq): Commit {
  const steps = upTo(to).slice(from - 1);
  host.store('loss', from, to);
  return { runId: 'a', firstSeq, seq, step: to, series: { loss: { steps, values: steps } } };
}

describe('a live series', () => {
  test('is what the database holds, then grows by what is committed', async () => {
    host.store('loss', 1, 10);
    const { series } = hub.open('a', 'loss');
    expect(series.isLoading).toBe(true);
    await settle();
    expect(stepsOf(series)).toEqual(upTo(10));
    hub.onCommit(commit(4, 11, 12));
    hub.onCommit(commit(5, 13, 13));
    expect(stepsOf(series)).toEqual(upTo(13));
    expect(host.requests).toHaveLength(1);
  });

  test('loses and repeats nothing that arrives while it is read', async () => {
    host.store('loss', 1, 10);
    const answer = host.hold();
    const { series } = hub.open('a', 'loss');
    await settle();
    hub.onCommit({ ...commit(7, 11, 12), series: { loss: { steps: [9, 10, 11, 12], values: [9, 10, 11, 12] } } });
    answer();
    await settle();
    expect(stepsOf(series)).toEqual(upTo(12));
  });

  test('a gap in the count is repaired from the database, from the last known step on', async () => {
    host.store('loss', 1, 10);
    const { series } = hub.open('a', 'loss');
    await settle();
    hub.onCommit(commit(1, 11, 11));
    host.store('loss', 12, 40);
    hub.onCommit(commit(9, 41, 41));
    await settle();
    expect(stepsOf(series)).toEqual(upTo(41));
    expect(host.requests.at(-1)).toMatchObject({ fromStep: 12 });
  });

  test('when a new worker counts from the beginning, what it trains anew replaces what was there', async () => {
    host.store('loss', 1, 20);
    const { series } = hub.open('a', 'loss');
    await settle();
    hub.onCommit(commit(30, 21, 22));
    host.cutBack('loss', 15);
    hub.onCommit(commit(1, 16, 17));
    await settle();
    expect(stepsOf(series)).toEqual(upTo(17));
    expect(series.buffer.totalPoints).toBe(17);
  });

  test('a restart that was announced counts even when the count goes on by chance', async () => {
    host.store('loss', 1, 20);
    const { series } = hub.open('a', 'loss');
    await settle();
    hub.onCommit(commit(1, 21, 21));
    host.cutBack('loss', 10);
    hub.onRestart('a');
    hub.onCommit(commit(2, 11, 12));
    await settle();
    expect(stepsOf(series)).toEqual(upTo(12));
  });

  test('a long series opens with few merged points and says how many it stands for', async () => {
    host.store('loss', 1, 10_000);
    const { series } = hub.open('a', 'loss');
    await settle();
    expect(series.buffer.length).toBeLessThanOrEqual(100);
    expect(series.buffer.totalPoints).toBe(10_000);
    expect(series.buffer.lows![0]).toBe(1);
  });

  test('every point is read when asked for, also those that come meanwhile', async () => {
    host.store('loss', 1, 25_000);
    const { series } = hub.open('a', 'loss');
    series.wantEveryPoint();
    await settle();
    hub.onCommit(commit(3, 25_001, 25_003));
    await settle();
    expect(series.buffer.lows).toBeNull();
    expect(stepsOf(series)).toEqual(upTo(25_003));
  });

  test('more points than memory is set aside for stay merged', async () => {
    hub = createSeriesHub({ metrics: host.metrics, maxPoints: 100, everyPointBudget: 5_000 });
    host.store('loss', 1, 10_000);
    const { series } = hub.open('a', 'loss');
    series.wantEveryPoint();
    await settle();
    expect(series.buffer.length).toBeLessThanOrEqual(100);
  });

  test('a failed read is told, and the next commit makes good for it', async () => {
    host.fail(true);
    host.store('loss', 1, 5);
    const { series } = hub.open('a', 'loss');
    await settle();
    expect(series.error?.message).toBe('the host is gone');
    host.fail(false);
    hub.onCommit(commit(2, 6, 6));
    await settle();
    expect(series.error).toBeNull();
    expect(stepsOf(series)).toEqual(upTo(6));
  });

  test('is shared by its users and forgotten by the last', async () => {
    host.store('loss', 1, 5);
    const first = hub.open('a', 'loss');
    const second = hub.open('a', 'loss');
    expect(second.series).toBe(first.series);
    await settle();
    first.release();
    first.release();
    expect(hub.open('a', 'loss').series).toBe(first.series);
    await settle();
    expect(host.requests).toHaveLength(1);
  });

  test('series of a run that open together are one request', async () => {
    for (const key of ['loss', 'p', 'rho']) host.store(key, 1, 3);
    const leases = ['loss', 'p', 'rho'].map((key) => hub.open('a', key));
    await settle();
    expect(host.requests).toHaveLength(1);
    expect(leases.map(({ series }) => series.buffer.length)).toEqual([3, 3, 3]);
  });

  test('is read anew when the connection comes back', async () => {
    host.store('loss', 1, 5);
    const { series } = hub.open('a', 'loss');
    await settle();
    host.store('loss', 6, 9);
    hub.reload();
    await settle();
    expect(stepsOf(series)).toEqual(upTo(9));
  });
});
