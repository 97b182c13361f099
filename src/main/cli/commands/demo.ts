import type { Run } from '../../../core/contract/runs.ts';
import { AppError, fromWire } from '../../../core/errors.ts';
import { exitCodes } from '../command.ts';
import type { Command } from '../command.ts';
import { compareRuns, comparisonTable } from '../demo/comparison.ts';
import { demoConfig, demoLength, demoOptimizers } from '../demo/demoSettings.ts';
import type { ParsedArguments } from '../flags/parsedArguments.ts';
import { resumeSentence, runTitle } from '../runResult.ts';
import { watchRun } from '../watchRun.ts';
import { connectFlag, withWorkbench } from '../workbench.ts';
import type { Workbench } from '../workbench.ts';

export const demoCommand: Command = {
  name: 'demo',
  summary: 'Trains LPSGDM, LPSGD, SGDM, AdamW and Lion on handwritten digits and compares them.',
  details: [
    'The same small CNN, split and schedule for all, several seeds each; learning rate and weight decay of each ' +
      'optimizer are the best of a small grid on validation data. Every run is kept and tagged "demo".',
  ],
  flags: [
    { name: 'epochs', kind: 'number', description: 'epochs of each run', defaultText: String(demoLength.full.epochs) },
    { name: 'seeds', kind: 'number', description: 'runs per optimizer', defaultText: String(demoLength.full.seeds) },
    { name: 'quick', kind: 'switch', description: `${demoLength.quick.epochs} epochs, one seed: only to see it work` },
    connectFlag,
  ],
  async run({ host, args, dataDir, isJson }) {
    const { epochs, seeds } = lengthFrom(args);
    return withWorkbench(host, dataDir, { connect: args.text('connect') }, async (workbench) => {
      const queued = await createRuns(workbench, epochs, seeds);
      host.err(`${queued.length} runs of ${epochs} epochs on digits; kept in ${dataDir}\n`);
      const finished: Run[] = [];
      for (const [i, { id, name }] of queued.entries()) {
        const { run, isInterrupted } = await watchRun(host, workbench, id, `${i + 1}/${queued.length} ${name}`);
        if (isInterrupted) {
          await leaveQueue(workbench, queued.slice(i + 1));
          if (run.status === 'paused') host.err(`${resumeSentence(run)}\n`);
          return exitCodes.interrupted;
        }
        finished.push(run);
      }
      const rows = compareRuns(finished.filter((run) => run.status === 'completed'));
      host.out(isJson ? `${JSON.stringify(rows)}\n` : `\n${comparisonTable(rows)}`);
      throwFirstFailure(finished);
      if (!isJson) host.err('Look closer with: npx lp-workbench runs list --tag demo\n');
      return exitCodes.done;
    });
  },
};

function lengthFrom(args: ParsedArguments): { epochs: number; seeds: number } {
  const base = args.isOn('quick') ? demoLength.quick : demoLength.full;
  const whole = (name: 'epochs' | 'seeds'): number => {
    const value = args.number(name) ?? base[name];
    if (Number.isInteger(value) && value >= 1) return value;
    throw new AppError('badUsage', `--${name} must be a whole number of at least 1, got ${value}.`);
  };
  return { epochs: whole('epochs'), seeds: whole('seeds') };
}

async function createRuns({ runs }: Workbench, epochs: number, seeds: number): Promise<Run[]> {
  const created: Run[] = [];
  for (const optimizer of demoOptimizers) {
    for (let seed = 0; seed < seeds; seed++) {
      const config = demoConfig(optimizer, seed, epochs);
      created.push(await runs.create({ config, name: `${optimizer.id} seed ${seed}`, tags: ['demo'] }));
    }
  }
  return created;
}

async function leaveQueue({ runs }: Workbench, waiting: readonly Run[]): Promise<void> {
  for (const { id: runId } of waiting) {
    if ((await runs.get({ runId })).status === 'queued') await runs.cancel({ runId });
  }
}

function throwFirstFailure(runs: readonly Run[]): void {
  const lost = runs.find((run) => run.status !== 'completed');
  if (!lost) return;
  const reason = lost.failure?.message ?? `it ended as ${lost.status}.`;
  throw fromWire({ code: lost.failure?.code ?? 'internal', message: `${runTitle(lost)} was not completed: ${reason}` });
}
