import type { Tensor } from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { createStepReader } from '../../../src/worker/engine/stepReader.ts';
import { noNorms, type PendingStats } from '../../../src/worker/engine/stepStats.ts';

/** A device on which a step takes `stepMs` of a made clock, and a record of what was read when. */
function device(stepMs: number) {
  let clock = 0;
  const groups: number[][] = [];
  const disposed: number[] = [];
  const reader = createStepReader<number>({
    computesAhead: true,
    nowMs: () => clock,
    read: async (pending) => {
      clock += stepMs * pending.length;
      return pending.map(() => ({ loss: 1, score: 0, ...noNorms }));
    },
    onRead: ({ steps }) => groups.push(steps.map(({ note }) => note)),
  });
  const pending = (step: number): PendingStats => ({
    tensors: [{ dispose: () => disposed.push(step) } as unknown as Tensor],
    known: noNorms,
  });
  const take = async (count: number): Promise<void> => {
    for (let step = 1; step <= count; step++) await reader.add({ note: step, pending: pending(step) });
  };
  return { reader, take, groups, disposed };
}

it('reads fast steps in groups, and every step once and in order', async () => {
  const { reader, take, groups } = device(5);
  await take(40);
  await reader.settle();
  expect(groups.flat()).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  // five steps of 5 ms are 25 ms
  expect(Math.max(...groups.map((group) => group.length))).toBe(5);
});

it('never leaves more than two slow steps unread, so that a pause or a broken loss is noticed at once', async () => {
  const { reader, take, groups } = device(400);
  await take(10);
  expect(groups).toEqual([[1], [2], [3], [4], [5], [6], [7], [8], [9]]);
  await reader.settle();
  expect(groups.at(-1)).toEqual([10]);
});

it('gives up what was not read when it is closed', async () => {
  const { reader, take, disposed } = device(5);
  await take(9);
  await reader.close();
  expect(disposed.length).toBeGreaterThan(0);
});
