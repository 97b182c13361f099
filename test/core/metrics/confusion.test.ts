import { expect, it } from 'vitest';
import { accuracyOf, classScores } from '../../../src/core/metrics/confusion.ts';

it('scores every class by hand-counted rows', () => {
  // class 0: 4 of 5 right, 1 taken for 1; class 1: 3 of 4 right, 1 taken for 0; class 2: never seen, never said
  const counts = [
    [4, 1, 0],
    [1, 3, 0],
    [0, 0, 0],
  ];
  const scores = classScores(counts);
  expect(scores[0]).toStrictEqual({ precision: 4 / 5, recall: 4 / 5, f1: 0.8, support: 5 });
  expect(scores[1]).toStrictEqual({ precision: 3 / 4, recall: 3 / 4, f1: 0.75, support: 4 });
  expect(scores[2]).toStrictEqual({ precision: null, recall: null, f1: null, support: 0 });
  expect(accuracyOf(counts)).toBe(7 / 9);
});

it('tells a class that is always missed from one that does not occur', () => {
  const [missed, taken] = classScores([
    [0, 2],
    [3, 0],
  ]);
  expect(missed).toStrictEqual({ precision: 0, recall: 0, f1: 0, support: 2 });
  expect(taken).toStrictEqual({ precision: 0, recall: 0, f1: 0, support: 3 });
  expect(accuracyOf([])).toBeNull();
});
