import type { RunsService } from '../../core/contract/runs.ts';
import type { ReportRun } from '../../core/reports/reportData.ts';
import { csvCell } from '../../core/text/csvCell.ts';
import { nextTurn } from '../../node/pacing.ts';

const stepsPerPage = 2_000;

/** Every point of the runs, one a line: run,name,seed,metric,step,value. A value that was not finite is empty. */
export async function* tidyCsv(
  service: Pick<RunsService, 'metricKeys' | 'metrics'>,
  runs: readonly ReportRun[],
): AsyncGenerator<string> {
  yield 'run,name,seed,metric,step,value\n';
  for (const { id, name, seed, step } of runs) {
    const lead = `${id},${csvCell(name)},${seed}`;
    for (const { key } of await service.metricKeys({ runId: id })) {
      const metric = csvCell(key);
      for (let fromStep = 0; fromStep <= step; fromStep += stepsPerPage) {
        const [page] = await service.metrics({
          runId: id,
          keys: [key],
          fromStep,
          toStep: fromStep + stepsPerPage - 1,
          maxPoints: 0,
        });
        const lines = page!.steps.map((at, i) => `${lead},${metric},${at},${page!.values[i] ?? ''}\n`);
        if (lines.length > 0) yield lines.join('');
        await nextTurn();
      }
    }
  }
}
