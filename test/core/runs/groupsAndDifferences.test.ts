import { describe, expect, it } from 'vitest';
import { parseRunConfig } from '../../../src/core/contract/runConfig.ts';
import { configDifferences } from '../../../src/core/runs/configDifferences.ts';
import { meanAndSpread } from '../../../src/core/runs/meanAndSpread.ts';
import { groupBySeed, groupMetric } from '../../../src/core/runs/seedGroups.ts';
import { parseSeedList } from '../../../src/core/runs/seedList.ts';
import { madeRun } from './madeRun.ts';

describe('what differs between configurations', () => {
  it('is nothing for equal ones', () => {
    expect(configDifferences([parseRunConfig({}), parseRunConfig({ seed: 0 })])).toEqual([]);
  });

  it('lists each setting once, with one value per configuration', () => {
    const differences = configDifferences([
      parseRunConfig({ model: { preset: 'mlp', options: { hidden: [64, 32] } }, epochs: 10 }),
      parseRunConfig({ model: { preset: 'mlp' }, epochs: 20 }),
    ]);
    expect(differences).toEqual([
      { path: 'model.options.hidden', name: 'hidden', values: ['64,32', '128'] },
      { path: 'epochs', name: 'epochs', values: [10, 20] },
    ]);
  });

  it('leaves out a p schedule that an optimizer does not read', () => {
    const adamw = (pMax: number) => parseRunConfig({ optimizer: { id: 'adamw' }, pSchedule: { pMax } });
    expect(configDifferences([adamw(6), adamw(9)])).toEqual([]);
    const byName = Object.fromEntries(
      configDifferences([adamw(6), parseRunConfig({ pSchedule: { pMax: 9 } })]).map((d) => [d.name, d.values]),
    );
    expect(byName['pMax']).toEqual([undefined, 9]);
    expect(byName['optimizer']).toEqual(['adamw', 'lpsgdm']);
  });
});

describe('mean and spread', () => {
  it('is the sample standard deviation, divided by n - 1', () => {
    // mean 0.94; deviations -0.02, 0, 0.02; squares sum to 0.0008; over 2 is 0.0004; root 0.02
    const { mean, spread, count } = meanAndSpread([0.92, 0.94, 0.96])!;
    expect(mean).toBeCloseTo(0.94, 12);
    expect(spread).toBeCloseTo(0.02, 12);
    expect(count).toBe(3);
  });

  it('has no spread for one value and nothing to say without values', () => {
    expect(meanAndSpread([0.5, null, undefined])).toEqual({ mean: 0.5, spread: null, count: 1 });
    expect(meanAndSpread([null, Number.NaN])).toBeNull();
  });
});

describe('groups by seed', () => {
  const runs = [
    madeRun({ seed: 2 }, { id: 'a', name: 'lpsgdm mlp digits seed 2', latest: { testAccuracy: 0.92 } }),
    madeRun({ seed: 0, epochs: 10 }, { id: 'b', name: 'short', latest: { testAccuracy: 0.5 } }),
    madeRun({ seed: 1 }, { id: 'c', name: 'lpsgdm mlp digits seed 1', latest: { testAccuracy: 0.96 } }),
  ];

  it('leaves a run of another program alone, whose settings are not known', () => {
    const origin = { kind: 'tensorBoard', source: '/logs', hyperparameters: {} } as const;
    const mixed = [madeRun({}, { id: 'own' }), madeRun({}, { id: 'b', origin }), madeRun({}, { id: 'c', origin })];
    expect(groupBySeed(mixed).map((group) => group.runs.map(({ id }) => id))).toEqual([['own'], ['b'], ['c']]);
  });

  it('puts runs together that agree in everything but the seed', () => {
    const groups = groupBySeed(runs);
    expect(groups.map((group) => group.runs.map((run) => run.id))).toEqual([['a', 'c'], ['b']]);
    expect(groups[0]).toMatchObject({ name: 'lpsgdm mlp digits', seeds: [1, 2] });
    expect(groupMetric(groups[0]!, 'testAccuracy')!.mean).toBeCloseTo(0.94, 12);
    expect(groupMetric(groups[1]!, 'trainLoss')).toBeNull();
  });

  it('keeps a run that was branched off apart', () => {
    const branched = madeRun({ seed: 3 }, { id: 'd', parent: { runId: 'a', step: 100 } });
    expect(groupBySeed([...runs, branched])).toHaveLength(3);
  });
});

describe('a list of seeds', () => {
  it.each([
    ['0', [0]],
    ['0, 1,2', [0, 1, 2]],
    ['3 1-2', [3, 1, 2]],
    ['0-4', [0, 1, 2, 3, 4]],
    ['1,1,1', [1]],
    ['4294967295', [4294967295]],
  ])('%s', (text, seeds) => expect(parseSeedList(text)).toEqual({ ok: true, seeds }));

  it.each([
    ['', 'at least one seed'],
    ['one', '"one" is not a seed'],
    ['-1', '"-1" is not a seed'],
    ['4-2', 'write 2-4'],
    ['4294967296', 'below 2^32'],
    ['0-1000000', 'more than 100 runs'],
  ])('refuses "%s"', (text, sentence) => {
    const result = parseSeedList(text);
    expect(result.ok ? '' : result.message).toContain(sentence);
  });
});
