import { AppError } from '../../../core/errors.ts';
import { nearestName } from '../../../core/text/nearestName.ts';
import type { CliHost } from '../cliHost.ts';
import { exitCodes } from '../command.ts';
import type { Command } from '../command.ts';
import { connectFlag, withWorkbench } from '../workbench.ts';
import type { Workbench } from '../workbench.ts';

export const metricsCommand: Command = {
  name: 'metrics',
  summary: 'Every stored point of a run, as CSV (key,step,value) or JSON.',
  details: ['A value that was not a finite number is empty in CSV and null in JSON.'],
  positionals: [{ name: 'RUN', description: 'id, beginning of an id, or name of a run' }],
  flags: [
    { name: 'key', kind: 'text', description: 'only this metric; may be given several times', repeatable: true },
    connectFlag,
  ],
  examples: ['lp-workbench metrics 3f2a --key testAccuracy'],
  async run({ host, args, dataDir, isJson }) {
    return withWorkbench(host, dataDir, { readOnly: true, connect: args.text('connect') }, async ({ runs }) => {
      const { id: runId } = await runs.find({ text: args.positional(0) });
      const keys = chooseKeys(
        args.texts('key'),
        (await runs.metricKeys({ runId })).map(({ key }) => key),
      );
      await (isJson ? writeJson(host, runs, runId, keys) : writeCsv(host, runs, runId, keys));
      return exitCodes.done;
    });
  },
};

function chooseKeys(asked: readonly string[], known: readonly string[]): readonly string[] {
  for (const key of asked) {
    if (known.includes(key)) continue;
    const near = nearestName(key, known);
    throw new AppError(
      'badUsage',
      `The run has no metric "${key}"${near ? `; did you mean "${near}"?` : '.'} It has: ${known.join(', ') || 'none yet'}.`,
    );
  }
  return asked.length > 0 ? asked : known;
}

interface Columns {
  steps: number[];
  values: (number | null)[];
}

/** Few enough that a server which trains meanwhile is not held up. */
const stepsPerPage = 20_000;

/** One stretch of one key at a time, so that a long run never lies in memory whole. */
async function* pages(runs: Workbench['runs'], runId: string, key: string): AsyncGenerator<Columns> {
  const { step: lastStep } = await runs.get({ runId });
  for (let fromStep = 0; fromStep <= lastStep; fromStep += stepsPerPage) {
    const toStep = fromStep + stepsPerPage - 1;
    const [series] = await runs.metrics({ runId, keys: [key], fromStep, toStep, maxPoints: 0 });
    if (series) yield { steps: series.steps, values: series.values };
  }
}

async function writeCsv(host: CliHost, runs: Workbench['runs'], runId: string, keys: readonly string[]): Promise<void> {
  host.out('key,step,value\n');
  for (const key of keys) {
    for await (const { steps, values } of pages(runs, runId, key)) {
      host.out(steps.map((step, i) => `${key},${step},${values[i] ?? ''}\n`).join(''));
    }
  }
}

async function writeJson(
  host: CliHost,
  runs: Workbench['runs'],
  runId: string,
  keys: readonly string[],
): Promise<void> {
  host.out(`{"runId":${JSON.stringify(runId)},"series":[`);
  for (const [i, key] of keys.entries()) {
    const all: Columns = { steps: [], values: [] };
    for await (const { steps, values } of pages(runs, runId, key)) {
      all.steps = all.steps.concat(steps);
      all.values = all.values.concat(values);
    }
    host.out(`${i > 0 ? ',' : ''}${JSON.stringify({ key, ...all })}`);
  }
  host.out(']}\n');
}
