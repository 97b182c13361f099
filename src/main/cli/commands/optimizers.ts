import { findOptimizer, optimizerCatalogue } from '../../../core/optimizers/catalogue.ts';
import type { HyperparameterSpec, OptimizerSpec } from '../../../core/optimizers/optimizerSpec.ts';
import { exitCodes } from '../command.ts';
import type { Command } from '../command.ts';
import { flagNameOf } from '../flags/flagSpec.ts';
import { renderTable } from '../terminal/table.ts';
import { wrap } from '../terminal/wrap.ts';

const listOptimizers: Command = {
  name: 'optimizers list',
  summary: 'The optimizers, their default learning rates and what they do.',
  async run({ host, isJson }) {
    if (isJson) host.out(`${JSON.stringify(optimizerCatalogue.map(optimizerJson))}\n`);
    else {
      const rows = optimizerCatalogue.map((spec) => [spec.id, String(spec.defaultLearningRate), spec.summary]);
      host.out(
        renderTable([{ title: 'Id' }, { title: 'Learning rate', align: 'right' }, { title: 'What it does' }], rows),
      );
    }
    return exitCodes.done;
  },
};

const showOptimizer: Command = {
  name: 'optimizers show',
  summary: 'Formula, hyperparameters and source of one optimizer.',
  positionals: [{ name: 'ID', description: 'an optimizer id' }],
  async run({ host, isJson, args }) {
    const spec = findOptimizer(args.positional(0));
    host.out(isJson ? `${JSON.stringify(optimizerJson(spec))}\n` : optimizerText(spec));
    return exitCodes.done;
  },
};

export const optimizerCommands: readonly Command[] = [listOptimizers, showOptimizer];

/** All of a catalogue entry but its function. */
function optimizerJson(spec: OptimizerSpec): Record<string, unknown> {
  return Object.fromEntries(Object.entries(spec).filter(([key]) => key !== 'updateScalar'));
}

function optimizerText(spec: OptimizerSpec): string {
  const rows = spec.hyperparameters.map((hyperparameter) => [
    `--${flagNameOf(hyperparameter.key)}`,
    String(hyperparameter.default),
    rangeText(hyperparameter),
    hyperparameter.description,
  ]);
  const { authors, title, where } = spec.reference;
  return [
    `${spec.name} (${spec.id})`,
    ...wrap(spec.summary, 100),
    '',
    ...spec.formula.map((line) => `  ${line}`),
    '',
    `Default learning rate ${spec.defaultLearningRate}. Weight decay is ${spec.weightDecay}.`,
    ...(spec.usesPSchedule ? ['Reads p from the p schedule: --p-max, --p-end, --p-schedule, --p-per.'] : []),
    ...(spec.relation ? wrap(spec.relation, 100) : []),
    '',
    renderTable(
      [{ title: 'Flag' }, { title: 'Default', align: 'right' }, { title: 'Range' }, { title: 'Meaning' }],
      rows,
    ),
    ...wrap(`${authors}: "${title}". ${where}.`, 100),
    '',
  ].join('\n');
}

function rangeText({ kind, min, above, max, below }: HyperparameterSpec): string {
  if (kind === 'switch') return 'on or off';
  const low = min === undefined ? `(${above ?? '-inf'}` : `[${min}`;
  return `${low}, ${max === undefined ? `${below ?? 'inf'})` : `${max}]`}`;
}
