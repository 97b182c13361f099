import { describe, expect, it } from 'vitest';
import { parseRunConfig, type RunConfigInput } from '../../../src/core/contract/runConfig.ts';
import { configWarnings } from '../../../src/core/runs/configWarnings.ts';
import { sampleRunConfig } from '../../../src/core/runs/sampleRun.ts';
import { withChanges } from '../../../src/core/runs/withChanges.ts';

const digits = { task: 'classes' as const, rows: 1_797, shape: [8, 8, 1] };
const large = { task: 'classes' as const, rows: 60_000, shape: [8, 8, 1] };
const numbers = { task: 'regression' as const, rows: 2_000, shape: [30] };

type Surroundings = Parameters<typeof configWarnings>[1];
const idsOf = (input: RunConfigInput, surroundings: Surroundings = { meta: large }): string[] =>
  configWarnings(parseRunConfig(input), surroundings).map(({ id }) => id);

const lpsgdm = (more: RunConfigInput = {}): RunConfigInput => ({ learningRate: { base: 0.001 }, ...more });

describe('warnings that teach', () => {
  it.each<[string, string, RunConfigInput, Surroundings?]>([
    ['a learning rate of SGD with p above 2', 'sgdLearningRateWithLargeP', { learningRate: { base: 0.1 } }],
    ['one epoch, S = 1', 'nothingToAnnealOver', lpsgdm({ epochs: 1 })],
    ['a horizon of one epoch', 'nothingToAnnealOver', lpsgdm({ pSchedule: { horizonEpochs: 1 } })],
    ['a horizon beyond the run', 'horizonBeyondRun', lpsgdm({ pSchedule: { horizonEpochs: 80 } })],
    ['a horizon before the end', 'horizonBeforeEnd', lpsgdm({ pSchedule: { horizonEpochs: 20 } })],
    ['p = 2', 'pIsTwo', lpsgdm({ pSchedule: { pMax: 2 } })],
    ['a constant p', 'pStaysHigh', lpsgdm({ pSchedule: { kind: 'constant' } })],
    ['p of 100', 'pIsVeryLarge', lpsgdm({ pSchedule: { pMax: 100 } })],
    ['LPSGDM without momentum', 'isLpsgd', lpsgdm({ optimizer: { id: 'lpsgdm', hyperparameters: { beta: 0 } } })],
    ['a default learning rate on a small problem', 'learningRateForLongRuns', lpsgdm(), { meta: digits }],
    ['Lion with a large step', 'signStepsAreLarge', { optimizer: { id: 'lion' }, learningRate: { base: 0.1 } }],
    ['AdamW with a large step', 'adaptiveStepsAreLarge', { optimizer: { id: 'adamw' }, learningRate: { base: 0.1 } }],
    ['SGDM with the rate of LPSGDM', 'sgdStepsAreSmall', { optimizer: { id: 'sgdm' }, learningRate: { base: 0.001 } }],
    [
      'a warm-up as long as the run',
      'warmupTakesAll',
      { learningRate: { base: 0.001, warmup: { length: 40 } }, epochs: 40 },
    ],
    [
      'weight decay that eats the weights',
      'weightDecayIsStrong',
      { learningRate: { base: 0.01 }, optimizer: { id: 'lpsgdm', hyperparameters: { weightDecay: 1 } } },
    ],
    ['cross-entropy on numbers', 'lossDoesNotFit', lpsgdm({ loss: 'crossEntropy' }), { meta: numbers }],
    ['mse on classes', 'lossDoesNotFit', lpsgdm({ loss: 'mse' })],
    ['a batch of everything', 'batchHoldsEverything', lpsgdm({ batchSize: 4_096 }), { meta: digits }],
    [
      'augmentation of numbers',
      'augmentationDoesNotFit',
      lpsgdm({ augmentation: { horizontalFlip: 0.5 } }),
      { meta: numbers },
    ],
    ['no test part', 'noTestPart', lpsgdm({ split: { test: 0 } })],
    ['large checkpoints', 'checkpointsAreLarge', lpsgdm({ checkpoint: { keepLast: 50 } }), { parameterCount: 11e6 }],
    [
      'early stopping of an annealed p',
      'earlyStoppingCutsAnnealing',
      lpsgdm({ earlyStopping: {}, split: { validation: 0.1 } }),
    ],
    [
      'patience longer than the run',
      'patienceOutlastsRun',
      lpsgdm({ earlyStopping: { patienceEpochs: 40 }, split: { validation: 0.1 } }),
    ],
    ['evaluations too far apart', 'evaluatesOnlyAtEnd', lpsgdm({ evaluation: { everyEpochs: 100 } })],
  ])('%s', (_, id, input, surroundings) => expect(idsOf(input, surroundings)).toContain(id));

  it('are silent about settings that are fine', () => {
    expect(idsOf(sampleRunConfig, { meta: digits, parameterCount: 7_000 })).toEqual([]);
    expect(idsOf({ ...lpsgdm(), epochs: 200 })).toEqual([]);
    expect(idsOf({ optimizer: { id: 'sgdm' }, learningRate: { base: 0.1 } })).toEqual([]);
    expect(idsOf({ optimizer: { id: 'adamw' }, epochs: 1, pSchedule: { pMax: 100 } })).toEqual([]);
  });

  it('say by how much the step grows: |m| = 0.001 at p = 5 moves 0.001^(1/4) = 0.178, 178 times SGD', () => {
    const config = parseRunConfig({ learningRate: { base: 1 }, pSchedule: { pMax: 5 } });
    const warning = configWarnings(config).find(({ id }) => id === 'sgdLearningRateWithLargeP');
    expect(warning?.message).toContain('that is 0.18, 178 times the step of SGD');
  });

  it('put what would fail first', () => {
    const levels = configWarnings(
      parseRunConfig({ loss: 'mse', learningRate: { base: 0.1 }, pSchedule: { horizonEpochs: 20 } }),
      { meta: large },
    ).map(({ level }) => level);
    expect(levels).toEqual(['error', 'warning', 'info']);
  });

  it('are gone once their fix is applied', () => {
    const inputs: RunConfigInput[] = [
      { learningRate: { base: 0.1 }, pSchedule: { pMax: 100, horizonEpochs: 80 }, loss: 'mse', split: { test: 0 } },
      { epochs: 1, learningRate: { base: 0.01, warmup: { length: 3 } } },
      { pSchedule: { kind: 'constant' }, earlyStopping: {}, split: { validation: 0.1 } },
      { optimizer: { id: 'lion' }, learningRate: { base: 0.5 } },
      { optimizer: { id: 'sgd' }, learningRate: { base: 1e-4 } },
      { optimizer: { id: 'adam' }, learningRate: { base: 1 } },
    ];
    for (const input of inputs) {
      const config = parseRunConfig(input);
      const fixable = configWarnings(config, { meta: large }).filter(({ fix }) => fix);
      expect(fixable).not.toEqual([]);
      for (const { id, fix } of fixable) {
        const fixed = parseRunConfig(withChanges(config, fix!.changes));
        expect(configWarnings(fixed, { meta: large }).map((warning) => warning.id)).not.toContain(id);
      }
    }
  });
});
