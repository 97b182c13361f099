import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Run } from '../../../core/contract/runs.ts';
import type { Study } from '../../../core/contract/studies.ts';
import type { Curve } from '../../../core/metrics/seedStatistics.ts';
import { paperTheme } from '../../../core/plots/svg.ts';
import { claimCardMarkdown, type ClaimCard } from '../../../core/recipes/claimCard.ts';
import { paperDatasetOf, studyClaimCard } from '../../../core/recipes/studyClaimCard.ts';
import {
  curvesFigure,
  heatMapFigure,
  metricName,
  parallelFigure,
  settingsFigure,
  unitName,
  type StudyFigure,
} from '../../../core/studies/studyFigures.ts';
import {
  intervalText,
  meanText,
  pText,
  studyMarkdown,
  troubleText,
  verdictText,
} from '../../../core/studies/studyMarkdown.ts';
import { rankedRows, type StudyRow, type StudyTable } from '../../../core/studies/studyTable.ts';
import { renderTable } from '../terminal/table.ts';
import type { Workbench } from '../workbench.ts';
import { studyFacts } from './watchStudy.ts';

/** Everything about a study that is shown or written. */
export interface StudyResult {
  study: Study;
  table: StudyTable;
  runs: ReadonlyMap<string, Run>;
  card: ClaimCard | null;
  trainSeconds: number;
}

export async function studyResult(workbench: Workbench, study: Study): Promise<StudyResult> {
  const { runs, table } = await studyFacts(workbench, study);
  const trainSeconds = [...runs.values()].reduce((sum, run) => sum + run.trainSeconds, 0);
  return { study, table, runs, card: await cardOf(workbench, study, table), trainSeconds };
}

async function cardOf({ datasets }: Workbench, study: Study, table: StudyTable): Promise<ClaimCard | null> {
  const id = paperDatasetOf(study);
  const listed = id === null ? undefined : (await datasets.list({})).find((candidate) => candidate.id === id);
  return studyClaimCard(study, table, listed?.meta ?? null);
}

/** A study as other programs get it. */
export function studyJson({ study, table, card, trainSeconds }: StudyResult): object {
  const { metric, report, direction } = study.spec.objective;
  return {
    ...study,
    trainSeconds,
    counts: table.counts,
    verdict: { ...table.verdict, text: verdictText(table.verdict, table.rows) },
    results: rankedRows(table.rows, direction).map(({ setting, cells, summary, reportSummary, comparison }) => ({
      setting: { id: setting.id, label: setting.label, optimizer: setting.optimizer.id, point: setting.point },
      [metric]: summary,
      ...(report === null ? {} : { [report]: reportSummary }),
      bestMinusThis: comparison?.difference ?? null,
      adjustedP: comparison?.adjustedP ?? null,
      runs: cells,
    })),
    claimCard: card && {
      ...card,
      lines: card.lines.map(({ bySeed, ...line }) => ({ ...line, bySeed: Object.fromEntries(bySeed) })),
    },
  };
}

/** The table of a study for a terminal. */
export function studyText({ study, table, card }: StudyResult): string {
  const { metric, report, direction } = study.spec.objective;
  const columns = [
    { title: 'Setting' },
    { title: unitName(metric), align: 'right' as const },
    { title: '95 % interval', align: 'right' as const },
    ...(report === null ? [] : [{ title: unitName(report), align: 'right' as const }]),
    { title: 'Seeds', align: 'right' as const },
    { title: 'Best minus this', align: 'right' as const },
    { title: 'p (Holm)', align: 'right' as const },
    { title: '' },
  ];
  const cellsOf = (row: StudyRow): string[] => [
    row.setting.label,
    meanText(metric, row.summary),
    intervalText(metric, row.summary?.interval ?? null),
    ...(report === null ? [] : [meanText(report, row.reportSummary)]),
    String(row.summary?.count ?? 0),
    row.comparison?.difference ? intervalText(metric, row.comparison.difference.interval) : '',
    row.comparison ? pText(row.comparison.adjustedP) : '',
    troubleText(row),
  ];
  const rows = rankedRows(table.rows, direction).map(cellsOf);
  const note = study.note.trim() === '' ? '' : `${study.note.trim()}\n\n`;
  const text = `${study.name} (${study.id}), ${study.status}\n\n${note}${renderTable(columns, rows)}\n${verdictText(table.verdict, table.rows)}\n`;
  return card ? `${text}\n${claimCardMarkdown(card)}` : text;
}

/** The settings that a figure is about: those beside the paper's numbers, else the best ones. */
function mainRows({ study, table, card }: StudyResult): readonly StudyRow[] {
  const chosen = (card?.lines ?? []).flatMap(({ setting }) =>
    table.rows.filter((row) => row.setting.label === setting),
  );
  if (chosen.length > 1 && chosen.length < table.rows.length) return chosen;
  const ranked = rankedRows(table.rows, study.spec.objective.direction);
  return table.rows.length <= 8 ? table.rows : ranked.slice(0, 8);
}

async function curvesOf(
  { runs }: Workbench,
  known: ReadonlyMap<string, Run>,
  rows: readonly StudyRow[],
  metric: string,
) {
  const curves = new Map<string, Curve>();
  for (const { runId } of rows.flatMap(({ cells }) => cells)) {
    const stepsPerEpoch = runId === null ? null : known.get(runId)?.stepsPerEpoch;
    if (runId === null || !stepsPerEpoch) continue;
    const [series] = await runs.metrics({ runId, keys: [metric], maxPoints: 0 });
    const { steps = [], values = [] } = series ?? {};
    curves.set(runId, {
      xs: steps.map((step) => step / stepsPerEpoch),
      ys: values.map((value) => value ?? NaN),
      length: steps.length,
    });
  }
  return curves;
}

/** Writes the table, the numbers and the plots of a study into a folder; answers the paths. */
export async function writeStudy(workbench: Workbench, result: StudyResult, folder: string): Promise<string[]> {
  const { study, table, card, trainSeconds } = result;
  const { metric, report } = study.spec.objective;
  const theme = paperTheme;
  const rows = mainRows(result);
  const shownMetric = report ?? metric;
  const accuracyCurves = await curvesOf(workbench, result.runs, rows, shownMetric);
  const lossCurves = await curvesOf(workbench, result.runs, rows, 'trainLoss');
  const titleOf = (name: string): string => `${name}, mean and range over the seeds`;
  const figures: StudyFigure[] = [
    settingsFigure(study, rows, theme, report !== null),
    curvesFigure(
      { name: 'curves', title: titleOf(metricName(shownMetric)), metric: shownMetric, theme },
      rows,
      accuracyCurves,
    ),
    curvesFigure(
      { name: 'train-loss', title: titleOf('train loss'), metric: 'trainLoss', isLogY: true, theme },
      rows,
      lossCurves,
    ),
    ...[heatMapFigure(study, table, theme), parallelFigure(study, table, theme)].filter((found) => found !== null),
  ];
  const markdown = [
    studyMarkdown(study, table, { trainSeconds, figures }),
    ...(card ? [claimCardMarkdown(card)] : []),
  ].join('\n');
  await mkdir(folder, { recursive: true });
  const files: [string, string][] = [
    ['README.md', markdown],
    ['results.json', `${JSON.stringify(studyJson(result), null, 2)}\n`],
    ...figures.map(({ name, svg }): [string, string] => [`${name}.svg`, `${svg}\n`]),
  ];
  for (const [name, content] of files) await writeFile(path.join(folder, name), content);
  return files.map(([name]) => path.join(folder, name));
}
