import { describe, expect, test } from 'vitest';
import { createPSchedule, pScheduleKinds, pScheduleSchema } from '../../../src/core/schedules/pSchedule.ts';
import type { PScheduleConfig } from '../../../src/core/schedules/pSchedule.ts';

const config = (input: Partial<PScheduleConfig> = {}): PScheduleConfig => pScheduleSchema.parse(input);

/** p of every epoch's first step */
function epochs(input: Partial<PScheduleConfig>, count: number, stepsPerEpoch = 1): number[] {
  const schedule = createPSchedule(config(input), { epochs: count, stepsPerEpoch });
  return Array.from({ length: count }, (_, epoch) => schedule.at(epoch, 0).p);
}

describe('the cosine of the paper', () => {
  test('p max 6 over 200 epochs starts at p 6, rho 0.8 and ends at exactly p 2, rho 0', () => {
    const schedule = createPSchedule(config(), { epochs: 200, stepsPerEpoch: 391 });
    expect(schedule.at(0, 0)).toEqual({ p: 6, rho: 0.8 });
    expect(schedule.at(199, 390)).toEqual({ p: 2, rho: 0 });
  });

  test('equals equation 19 in every epoch', () => {
    epochs({ pMax: 9 }, 60).forEach((p, i) => {
      const s = i + 1;
      expect(p).toBeCloseTo(2 + ((9 - 2) * (1 + Math.cos((Math.PI * (s - 1)) / (60 - 1)))) / 2, 13);
    });
  });

  test('is constant within an epoch', () => {
    const schedule = createPSchedule(config(), { epochs: 10, stepsPerEpoch: 7 });
    expect(schedule.at(4, 6)).toEqual(schedule.at(4, 0));
    expect(schedule.at(5, 0).p).toBeLessThan(schedule.at(4, 6).p);
  });

  test('a run of one epoch trains at p max', () => {
    expect(epochs({ pMax: 5 }, 1)).toEqual([5]);
  });

  test('two epochs are p max and 2', () => {
    expect(epochs({ pMax: 5 }, 2)).toEqual([5, 2]);
  });

  test('after its horizon p stays 2; the horizon does not follow the length of the run', () => {
    const short = epochs({ horizonEpochs: 10 }, 10);
    const extended = epochs({ horizonEpochs: 10 }, 15);
    expect(extended.slice(0, 10)).toEqual(short);
    expect(extended.slice(10)).toEqual([2, 2, 2, 2, 2]);
  });

  test('per step it anneals within the epoch, from p max at the first step to 2 at the last', () => {
    const schedule = createPSchedule(config({ per: 'step' }), { epochs: 4, stepsPerEpoch: 5 });
    const all = Array.from({ length: 20 }, (_, k) => schedule.at(Math.floor(k / 5), k % 5).p);
    expect(all[0]).toBe(6);
    expect(all[19]).toBe(2);
    all.slice(1).forEach((p, i) => expect(p).toBeLessThan(all[i]!));
  });
});

describe('the other kinds', () => {
  test('constant stays at p max', () => {
    expect(epochs({ kind: 'constant', pMax: 3 }, 4)).toEqual([3, 3, 3, 3]);
  });

  test('linear goes down in equal steps to p end', () => {
    expect(epochs({ kind: 'linear', pMax: 6 }, 5)).toEqual([6, 5, 4, 3, 2]);
  });

  test('step keeps gamma of the distance to p end per stair', () => {
    expect(epochs({ kind: 'step', pMax: 6, gamma: 0.5, stepEveryEpochs: 2 }, 6)).toEqual([6, 6, 4, 4, 3, 3]);
    expect(epochs({ kind: 'step', pMax: 6 }, 8)).toEqual([6, 6, 4, 4, 3, 3, 2.5, 2.5]);
  });

  test('exponential keeps gamma of the distance per epoch, and 1 % of it at the end by default', () => {
    expect(epochs({ kind: 'exponential', pMax: 6, gamma: 0.5 }, 4)).toEqual([6, 4, 3, 2.5]);
    expect(epochs({ kind: 'exponential', pMax: 6 }, 50).at(-1)).toBeCloseTo(2.04, 12);
  });

  test('gamma is per epoch also where p changes with every step', () => {
    const schedule = createPSchedule(config({ kind: 'exponential', per: 'step', gamma: 0.5 }), {
      epochs: 3,
      stepsPerEpoch: 2,
    });
    expect(schedule.at(1, 0).p).toBe(4);
    expect(schedule.at(1, 1).p).toBeCloseTo(2 + 4 * 0.5 ** 1.5, 12);
  });
});

test.each(pScheduleKinds.flatMap((kind) => (['epoch', 'step'] as const).map((per) => [kind, per] as const)))(
  '%s per %s starts at exactly p max, never rises, never falls below p end, and rho stays in [0, 1)',
  (kind, per) => {
    for (const [pMax, pEnd] of [
      [6, 2],
      [5.3, 2.1],
      [100, 2],
      [2, 2],
    ] as const) {
      const schedule = createPSchedule(config({ kind, per, pMax, pEnd }), { epochs: 13, stepsPerEpoch: 7 });
      const values = Array.from({ length: 20 * 7 }, (_, k) => schedule.at(Math.floor(k / 7), k % 7));
      expect(values[0]!.p).toBe(pMax);
      values.forEach(({ p, rho }, k) => {
        expect(p).toBeLessThanOrEqual(values[Math.max(0, k - 1)]!.p);
        expect(p).toBeGreaterThanOrEqual(pEnd);
        expect(rho).toBeGreaterThanOrEqual(0);
        expect(rho).toBeLessThan(1);
      });
    }
  },
);

test.each([
  [{ pMax: 1.5 }, ['pSchedule.pMax must be at least 2, got 1.5']],
  [{ pMax: 'six' }, ['pSchedule.pMax must be a number, got "six"']],
  [{ pMax: 3, pEnd: 4 }, ['pSchedule.pEnd must not be above pMax: p anneals downwards']],
  [{ kind: 'cosin' }, ['pSchedule.kind must be one of cosine, constant, linear, step, exponential, got "cosin"']],
  [{ horizonEpochs: 0 }, ['pSchedule.horizonEpochs must be at least 1']],
  [{ gamma: 1.1 }, ['pSchedule.gamma must be at most 1, got 1.1']],
])('%j is refused in one sentence', (input, messages) => {
  const result = pScheduleSchema.safeParse(input);
  expect(result.error?.issues.map(({ message }) => message)).toEqual(messages);
});

test('an unknown field is refused', () => {
  expect(pScheduleSchema.safeParse({ pmax: 4 }).success).toBe(false);
});
