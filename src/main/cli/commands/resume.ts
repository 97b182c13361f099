import type { Run } from '../../../core/contract/runs.ts';
import { AppError } from '../../../core/errors.ts';
import { findOptimizer } from '../../../core/optimizers/catalogue.ts';
import type { Command } from '../command.ts';
import type { ParsedArguments } from '../flags/parsedArguments.ts';
import { reportResult, runTitle } from '../runResult.ts';
import { watchRun } from '../watchRun.ts';
import { connectFlag, withWorkbench } from '../workbench.ts';

export const resumeCommand: Command = {
  name: 'resume',
  summary: 'Continues a run from its last checkpoint, or extends it to more epochs.',
  details: [
    'A run that was paused, stopped or interrupted goes on exactly where it was. More epochs than it was planned for ' +
      'need a word on p, where the optimizer follows a p schedule: see --keep-horizon and --anneal-again.',
  ],
  positionals: [{ name: 'RUN', description: 'id, beginning of an id, or name of a run' }],
  flags: [
    { name: 'epochs', kind: 'number', description: 'new number of epochs in all' },
    { name: 'keep-horizon', kind: 'switch', description: 'with --epochs: p stays where its schedule ended' },
    {
      name: 'anneal-again',
      kind: 'switch',
      description: 'with --epochs: p is annealed over all epochs, the added ones too',
    },
    connectFlag,
  ],
  examples: ['lp-workbench resume 3f2a', 'lp-workbench resume 3f2a --epochs 80 --anneal-again'],
  async run(context) {
    const { host, args, dataDir } = context;
    const extension = extensionFrom(args);
    return withWorkbench(host, dataDir, { connect: args.text('connect') }, async (workbench) => {
      const found = await workbench.runs.find({ text: args.positional(0) });
      checkExtension(found, extension);
      const run = await workbench.runs.resume({ runId: found.id, ...extension });
      return reportResult(context, await watchRun(host, workbench, run.id, run.name));
    });
  },
};

interface Extension {
  epochs?: number;
  extend?: 'keepHorizon' | 'annealAgain';
}

function extensionFrom(args: ParsedArguments): Extension {
  const epochs = args.number('epochs');
  if (epochs !== undefined && !(Number.isInteger(epochs) && epochs >= 1)) {
    throw new AppError('badUsage', `--epochs must be a whole number of at least 1, got ${epochs}.`);
  }
  const [keeps, anneals] = [args.isOn('keep-horizon'), args.isOn('anneal-again')];
  if (keeps && anneals) throw new AppError('badUsage', 'Choose one of --keep-horizon and --anneal-again.');
  if ((keeps || anneals) && epochs === undefined) {
    throw new AppError(
      'badUsage',
      `--${keeps ? 'keep-horizon' : 'anneal-again'} needs --epochs N, the new number of epochs.`,
    );
  }
  return {
    ...(epochs === undefined ? {} : { epochs }),
    ...(keeps ? { extend: 'keepHorizon' as const } : {}),
    ...(anneals ? { extend: 'annealAgain' as const } : {}),
  };
}

/** Refuses a call that leaves open what is meant, in terms of the flags. */
function checkExtension(run: Run, { epochs, extend }: Extension): void {
  const planned = run.config.epochs;
  if (epochs === undefined) {
    if (run.status !== 'completed') return;
    throw new AppError(
      'badUsage',
      `${runTitle(run)} is complete after ${planned} epochs; give --epochs N with N above ${planned} to extend it.`,
    );
  }
  if (epochs <= planned) {
    throw new AppError(
      'badUsage',
      `--epochs must be above ${planned}, which ${runTitle(run)} was planned for, got ${epochs}; without --epochs a run continues as planned.`,
    );
  }
  const { kind, pEnd } = run.config.pSchedule;
  const followsP = findOptimizer(run.config.optimizer.id).usesPSchedule && kind !== 'constant';
  if (extend || !followsP) return;
  throw new AppError(
    'badUsage',
    `Going from ${planned} to ${epochs} epochs needs a choice: --keep-horizon leaves p at ${pEnd}, where it ends after ` +
      `${planned} epochs; --anneal-again anneals p over all ${epochs} epochs, so that it first rises again.`,
  );
}
