import { describe, expect, it } from 'vitest';
import { parseRunConfig, type RunConfigInput } from '../../../src/core/contract/runConfig.ts';
import { optimizerIds } from '../../../src/core/optimizers/catalogue.ts';
import { trainArguments, trainCommand } from '../../../src/core/runs/trainCommand.ts';
import { trainCommand as trainCli } from '../../../src/main/cli/commands/train.ts';
import { runConfigFrom } from '../../../src/main/cli/config/configFromFlags.ts';
import { runFlags } from '../../../src/main/cli/config/runFlags.ts';
import { parseArguments } from '../../../src/main/cli/flags/parseArguments.ts';

const parse = (args: readonly string[]) =>
  parseArguments(args, { command: 'train', flags: trainCli.flags ?? [], positionals: [] });

/** What the command line makes of the arguments of a configuration. */
function readBack(input: RunConfigInput) {
  const args = trainArguments(parseRunConfig(input));
  if (!args) throw new Error('this configuration has no command');
  return runConfigFrom(parse(args));
}

const everything: RunConfigInput = {
  dataset: { id: 'spirals' },
  split: { validation: 0.1, test: 0.25, seed: 3 },
  augmentation: {
    randomResizedCrop: 0.5,
    padCrop: 4,
    horizontalFlip: 0.5,
    brightness: 0.1,
    contrast: 0.2,
    saturation: 0.3,
    cutout: 8,
  },
  model: { preset: 'mlp', options: { hidden: [64, 32], dropout: 0.2 } },
  loss: 'crossEntropy',
  optimizer: { id: 'lpsgdm', hyperparameters: { beta: 0.8, epsilon: 1e-10, weightDecay: 0 } },
  pSchedule: {
    kind: 'step',
    pMax: 9,
    pEnd: 2.5,
    per: 'step',
    horizonEpochs: 7,
    gamma: 0.25,
    stepEveryEpochs: 2,
  },
  learningRate: {
    kind: 'step',
    base: 0.02,
    end: 1e-5,
    warmup: { length: 12, unit: 'steps' },
    per: 'epoch',
    gamma: 0.3,
    stepEveryEpochs: 4,
  },
  weightDecayScope: 'weights',
  batchSize: 32,
  epochs: 9,
  seed: 17,
  device: 'wasm',
  threads: 2,
  evaluation: { everyEpochs: 2, batchSize: 100 },
  checkpoint: { everyEpochs: 3, everySeconds: 5, keepLast: 4, keepBest: false },
  earlyStopping: { monitor: 'validationAccuracy', patienceEpochs: 3, minDelta: 0.001 },
};

describe('a configuration as a command', () => {
  it.each(optimizerIds)('gives the same configuration back: %s at its defaults', (id) => {
    const input = { optimizer: { id }, seed: 4 };
    expect(readBack(input)).toEqual(parseRunConfig(input));
  });

  it('gives the same configuration back when every setting differs from its default', () => {
    expect(readBack(everything)).toEqual(parseRunConfig(everything));
  });

  it('keeps early stopping that is all defaults', () => {
    const input = { split: { validation: 0.1 }, earlyStopping: {} };
    expect(readBack(input)).toEqual(parseRunConfig(input));
  });

  it('turns switches on and off', () => {
    const input = { optimizer: { id: 'sgdm', hyperparameters: { nesterov: true } }, checkpoint: { keepBest: false } };
    expect(readBack(input)).toEqual(parseRunConfig(input));
  });

  it('leaves the p schedule out where the optimizer does not read it', () => {
    const command = trainCommand(parseRunConfig({ optimizer: { id: 'adamw' }, pSchedule: { pMax: 9 } }));
    expect(command).not.toContain('p-max');
    expect(readBack({ optimizer: { id: 'adamw' }, pSchedule: { pMax: 9 } }).optimizer.id).toBe('adamw');
  });

  it('knows every setting that the command line has a flag for', () => {
    const config = parseRunConfig(everything);
    const named = (trainArguments(config) ?? []).filter((text) => text.startsWith('--'));
    // a preset is a short form of the numbers that a configuration keeps
    const reachable = runFlags.filter(
      ({ name, ownedBy }) =>
        name !== 'augmentation' && (!ownedBy || ownedBy.includes('lpsgdm') || ownedBy.includes('mlp')),
    );
    const missing = reachable.filter(({ name }) => !named.includes(`--${name}`) && !named.includes(`--no-${name}`));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  it('says only what is not a default', () => {
    const sample = {
      model: { preset: 'cnn' },
      optimizer: { id: 'lpsgdm', hyperparameters: { weightDecay: 0.001 } },
      learningRate: { base: 0.01 },
    };
    expect(trainCommand(parseRunConfig(sample))).toBe(
      'npx lp-workbench train --dataset digits --model cnn --optimizer lpsgdm --weight-decay 0.001 --lr 0.01 --epochs 40 --seed 0',
    );
  });

  it('quotes names for the shell and passes names that begin with dashes', () => {
    const labels = { name: "--it's mine", tags: ['a b'] };
    const command = trainCommand(parseRunConfig({}), labels);
    expect(command).toContain(String.raw`'--name=--it'\''s mine' '--tag=a b'`);
    const args = parse(trainArguments(parseRunConfig({}), labels) ?? []);
    expect(args.text('name')).toBe("--it's mine");
    expect(args.texts('tag')).toEqual(['a b']);
  });

  it('writes a file first for a model that is given by its layers', () => {
    const config = parseRunConfig({ model: { layers: [{ type: 'flatten' }, { type: 'dense', units: 4 }] } });
    expect(trainArguments(config)).toBeNull();
    const command = trainCommand(config);
    const json = command.slice(command.indexOf('{'), command.lastIndexOf('}') + 1);
    expect(parseRunConfig(JSON.parse(json))).toEqual(config);
    expect(command).toMatch(/npx lp-workbench train --config run\.json$/);
  });
});
