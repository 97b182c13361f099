import { beforeEach, describe, expect, it } from 'vitest';
import type { RunsEvents } from '../../../src/core/contract/runs.ts';
import { conflateMetrics, type Conflation } from '../../../src/main/rpc/conflateMetrics.ts';

type Batch = RunsEvents['metricsCommitted'];

/** A clock that goes on only when told to. */
function createClock() {
  const timers = new Set<{ atMs: number; callback: () => void }>();
  let nowMs = 0;
  return {
    after(delayMs: number, callback: () => void) {
      const timer = { atMs: nowMs + delayMs, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    goOn(ms: number) {
      nowMs += ms;
      for (const timer of timers) {
        if (timer.atMs > nowMs) continue;
        timers.delete(timer);
        timer.callback();
      }
    },
    open: () => timers.size,
  };
}

const batch = (seq: number, points = 1, runId = 'a'): Batch => {
  const steps = Array.from({ length: points }, (_, i) => seq * points + i);
  return {
    runId,
    firstSeq: seq,
    seq,
    step: steps.at(-1)!,
    series: { loss: { steps, values: steps.map((s) => s / 2) } },
  };
};

let clock: ReturnType<typeof createClock>;
let sent: Batch[];
let isCongested: boolean;
let metrics: Conflation;

beforeEach(() => {
  clock = createClock();
  sent = [];
  isCongested = false;
  metrics = conflateMetrics((message) => sent.push(message), {
    after: clock.after,
    isCongested: () => isCongested,
    maxPoints: 100,
  });
});

const range = (message: Batch): [number, number] => [message.firstSeq, message.seq];

describe('metrics on their way to a client', () => {
  it('the first batch leaves at once, those of the next 100 ms as one message', () => {
    for (let seq = 0; seq < 5; seq++) metrics.add(batch(seq));
    expect(sent.map(range)).toEqual([[0, 0]]);
    clock.goOn(100);
    expect(sent.map(range)).toEqual([
      [0, 0],
      [1, 4],
    ]);
    expect(sent[1]).toMatchObject({ step: 4, series: { loss: { steps: [1, 2, 3, 4], values: [0.5, 1, 1.5, 2] } } });
  });

  it('no run sends more than ten messages a second, and none waits for another', () => {
    for (let seq = 0; seq < 100; seq++) {
      metrics.add(batch(seq));
      metrics.add(batch(seq, 1, 'b'));
      clock.goOn(10);
    }
    for (const runId of ['a', 'b']) {
      const ranges = sent.filter((message) => message.runId === runId).map(range);
      expect(ranges.length).toBeLessThanOrEqual(11);
      expect(ranges.map(([first]) => first)).toEqual([0, ...ranges.slice(0, -1).map(([, last]) => last + 1)]);
    }
  });

  it('keys that begin later are merged in', () => {
    metrics.add(batch(0));
    metrics.add(batch(1));
    metrics.add({ ...batch(2), series: { testLoss: { steps: [2], values: [null] } } });
    clock.goOn(100);
    expect(sent[1]!.series).toEqual({ loss: { steps: [1], values: [0.5] }, testLoss: { steps: [2], values: [null] } });
  });

  it('leaves the batches it was given as they are, because other clients get them too', () => {
    const [first, second, third] = [batch(0), batch(1), batch(2)];
    for (const one of [first, second, third]) metrics.add(one);
    clock.goOn(100);
    expect([first, second, third]).toEqual([batch(0), batch(1), batch(2)]);
  });

  it('a new worker counts from 0 again and is never merged with the one before', () => {
    metrics.add(batch(7));
    metrics.add(batch(8));
    metrics.add(batch(0));
    clock.goOn(100);
    expect(sent.map(range)).toEqual([
      [7, 7],
      [8, 8],
      [0, 0],
    ]);
  });

  it('a client that does not read gets no message, then all that waited', () => {
    metrics.add(batch(0));
    isCongested = true;
    for (let seq = 1; seq < 20; seq++) {
      metrics.add(batch(seq));
      clock.goOn(100);
    }
    expect(sent).toHaveLength(1);
    isCongested = false;
    clock.goOn(100);
    expect(sent.map(range)).toEqual([
      [0, 0],
      [1, 19],
    ]);
  });

  it('more points than may wait are thrown away, and the client sees the gap', () => {
    metrics.add(batch(0, 10));
    isCongested = true;
    for (let seq = 1; seq <= 12; seq++) metrics.add(batch(seq, 10));
    isCongested = false;
    clock.goOn(100);
    expect(range(sent[1]!)).toEqual([12, 12]);
  });

  it('the client sees the gap also when nothing comes after it', () => {
    metrics.add(batch(0, 10));
    metrics.add(batch(1, 1_000));
    clock.goOn(100);
    expect(sent[1]).toMatchObject({ firstSeq: 2, seq: 1, step: 1_999, series: {} });
    metrics.add(batch(2, 10));
    clock.goOn(100);
    expect(range(sent[2]!)).toEqual([2, 2]);
  });

  it('flush sends what waits of one run now', () => {
    for (const runId of ['a', 'b']) for (let seq = 0; seq < 2; seq++) metrics.add(batch(seq, 1, runId));
    metrics.flush('b');
    expect(sent.map(({ runId, seq }) => runId + seq)).toEqual(['a0', 'b0', 'b1']);
  });

  it('a run that fell silent costs no timer, and closing leaves none', () => {
    metrics.add(batch(0));
    clock.goOn(100);
    expect(clock.open()).toBe(0);
    metrics.add(batch(1));
    metrics.close();
    expect(clock.open()).toBe(0);
  });
});
