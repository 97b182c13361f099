import { AppError } from '../../../core/errors.ts';
import { nearestName } from '../../../core/text/nearestName.ts';
import type { CliHost } from '../cliHost.ts';
import { exitCodes } from '../command.ts';
import type { Command } from '../command.ts';
import { withWorkbench } from '../workbench.ts';
import type { Workbench } from '../workbench.ts';

export const metricsCommand: Command = {
  name: 'metrics',
  summary: 'Every stored point of a run, as CSV (key,step,value) or JSON.',
  details: ['A value that was not a finite number is empty in CSV and null in JSON.'],
  positionals: [{ name: 'RUN', description: 'id, beginning of an id, or name of a run' }],
  flags: [{ name: 'key', kind: 'text', description: 'only this metric; may be given several times', repeatable: true }],
  examples: ['lp-workbench metrics 3f2a --key testAccuracy'],
  async run({ host, args, dataDir, isJson }) {
    return withWorkbench(host, dataDir, { readOnly: true }, async ({ runs }) => {
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

async function points(runs: Workbench['runs'], runId: string, key: string) {
  const [series] = await runs.metrics({ runId, keys: [key], maxPoints: 0 });
  return { steps: series?.steps ?? [], values: series?.values ?? [] };
}

/** One key at a time, so that a long run never lies in memory whole. */
async function writeCsv(host: CliHost, runs: Workbench['runs'], runId: string, keys: readonly string[]): Promise<void> {
  host.out('key,step,value\n');
  for (const key of keys) {
    const { steps, values } = await points(runs, runId, key);
    host.out(steps.map((step, i) => `${key},${step},${values[i] ?? ''}\n`).join(''));
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
    host.out(`${i > 0 ? ',' : ''}${JSON.stringify({ key, ...(await points(runs, runId, key)) })}`);
  }
  host.out(']}\n');
}
