import type { ReportOptions } from '../../core/contract/reports.ts';
import type { Evaluation } from '../../core/contract/results.ts';
import type { Run, RunsService } from '../../core/contract/runs.ts';
import type { Study } from '../../core/contract/studies.ts';
import type { WorkbenchServices } from '../../core/contract/workbench.ts';
import { AppError } from '../../core/errors.ts';
import {
  type JudgedGroup,
  comparisonVerdict,
  isBetterHigher,
  judgeGroups,
  judgingMetric,
  singleVerdict,
} from '../../core/reports/reportVerdict.ts';
import type { BesidePaper, ReportData, ReportRun } from '../../core/reports/reportData.ts';
import { plainText } from '../../core/reports/reportText.ts';
import { configDifferences } from '../../core/runs/configDifferences.ts';
import { groupBySeed, type SeedGroup } from '../../core/runs/seedGroups.ts';
import { trainCommand } from '../../core/runs/trainCommand.ts';
import { paperDatasetOf, studyClaimCard } from '../../core/recipes/studyClaimCard.ts';
import { outlineStudy } from '../../core/studies/planStudy.ts';
import { summarize } from '../../core/studies/statistics/summarize.ts';
import { studyTable } from '../../core/studies/studyTable.ts';
import { nextTurn } from '../../node/pacing.ts';
import { collectCurves } from './collectCurves.ts';

export interface ReportSource {
  services: Pick<WorkbenchServices, 'runs' | 'results' | 'studies' | 'datasets'>;
  nowMs: () => number;
  softwareVersion: string;
}

/** Runs whose confusion matrix and worst samples are shown; judging more of them would take long and fill pages. */
const mostEvaluations = 4;
/** Points that one look at a series reads. */
const pointsPerLook = 500;
const perEpoch = /(?:Loss|Accuracy|Mae)$/;

/** Gathers all that a report says. What cannot be had is left out and named in `omissions`. */
export async function collectReport(
  source: ReportSource,
  runs: readonly Run[],
  study: Study | null,
  options: ReportOptions,
): Promise<ReportData> {
  const { services, nowMs, softwareVersion } = source;
  if (runs.length === 0) throw new AppError('notFound', 'There are no runs to report on yet.');
  const omissions: string[] = [];
  const groups = groupsOf(runs);
  const kind = study ? 'study' : runs.length === 1 ? 'run' : 'comparison';
  const wants = (section: ReportOptions['sections'][number]): boolean => options.sections.includes(section);

  const facts: ReportRun[] = [];
  for (const run of runs) facts.push(await runFacts(source, run, groups));
  const evaluations =
    wants('confusion') || wants('worst') || kind === 'run'
      ? await evaluate(source, evaluatedRuns(groups, facts), options, omissions)
      : [];
  const judged = groups.map((group) => ({
    label: plainText(group.name),
    runs: group.runs.map((run) => ({
      seed: run.config.seed,
      isWhole: run.status === 'completed',
      epochs: run.origin ? null : run.config.epochs,
      final: run.latest,
    })),
  }));
  const verdict =
    kind === 'run' ? singleVerdict(judged[0]!.runs[0]!, evaluations[0] ?? null) : comparisonVerdict(judged);
  const metric = judgingMetric(judged);
  const comparisons = metric === null || groups.length < 2 ? [] : comparisonsOf(judged, metric);
  const datasetIds = [...new Set(runs.filter(({ origin }) => !origin).map(({ config }) => config.dataset.id))];
  const datasets = [];
  for (const id of datasetIds) {
    try {
      datasets.push(await services.datasets.describe({ id }));
    } catch (error) {
      omissions.push(`The dataset “${plainText(id)}” could not be described: ${(error as Error).message}`);
    }
  }
  return {
    format: 'lp-workbench-report',
    version: 1,
    kind,
    title: plainText(options.title?.trim() || titleOf(runs, study, groups)),
    notes: options.notes,
    createdAtMs: nowMs(),
    softwareVersion,
    verdict,
    studyId: study?.id ?? null,
    besidePaper: study ? await besidePaper(services.datasets, study, runs) : null,
    runs: facts,
    groups: groups.map((group) => ({
      label: plainText(group.name),
      runIds: group.runs.map(({ id }) => id),
      seeds: group.seeds,
      final: finalSummaries(group),
    })),
    comparisons,
    differences: differencesOf(groups),
    x: options.x,
    curves: wants('curves') ? await collectCurves(services.runs, groups, options) : [],
    evaluations,
    datasets,
    omissions,
  };
}

async function besidePaper(
  datasets: ReportSource['services']['datasets'],
  study: Study,
  runs: readonly Run[],
): Promise<BesidePaper | null> {
  if (!study.spec.origin) return null;
  const id = paperDatasetOf(study);
  const meta = id === null ? null : await datasets.describe({ id }).catch(() => null);
  const table = studyTable(study, outlineStudy(study.spec), new Map(runs.map((run) => [run.id, run])));
  const card = studyClaimCard(study, table, meta);
  if (!card) return null;
  const { recipe, lines, findings, deviations, command } = card;
  return {
    recipe: recipe.id,
    title: recipe.title,
    place: recipe.place,
    conclusion: recipe.conclusion,
    lines: lines.map(({ bySeed: _bySeed, ...line }) => line),
    findings,
    deviations: deviations.map(plainText),
    open: [...recipe.open],
    command: plainText(command),
  };
}

function comparisonsOf(groups: readonly JudgedGroup[], metric: string): ReportData['comparisons'] {
  const { bestId, comparisons } = judgeGroups(groups, metric);
  return comparisons.flatMap(({ id, difference, adjustedP }) => {
    if (!difference) return [];
    const { count, mean, interval } = difference;
    const [best, other] = [groups[Number(bestId)]!.label, groups[Number(id)]!.label];
    return [{ best, other, metric, seeds: count, difference: mean, interval, p: adjustedP }];
  });
}

/** Runs of another program are no seeds of each other: nothing is known of their settings. */
function groupsOf(runs: readonly Run[]): SeedGroup[] {
  const own = groupBySeed(runs.filter(({ origin }) => !origin));
  const foreign = runs
    .filter(({ origin }) => origin)
    .map((run) => ({ key: run.id, name: run.name, runs: [run], seeds: [] }));
  return [...own, ...foreign];
}

function titleOf(runs: readonly Run[], study: Study | null, groups: readonly SeedGroup[]): string {
  if (study) return study.name;
  if (runs.length === 1) return runs[0]!.name;
  return groups.length === 1 ? groups[0]!.name : `${groups.length} settings, ${runs.length} runs`;
}

async function runFacts({ services }: ReportSource, run: Run, groups: readonly SeedGroup[]): Promise<ReportRun> {
  const { id, name, note, tags, status, failure, softwareVersion, parameterCount, datasetHash } = run;
  const keys = Object.keys(run.latest).filter((key) => perEpoch.test(key));
  const best: ReportRun['best'] = {};
  for (const key of keys) {
    const found = await bestOf(services.runs, id, key);
    if (found) best[key] = found;
  }
  return {
    id,
    name: plainText(name),
    note: plainText(note),
    tags: tags.map(plainText),
    status,
    failure: failure?.message ?? null,
    seed: run.config.seed,
    group: groups.findIndex((group) => group.runs.some((member) => member.id === id)),
    device: run.device && `${run.device.description}`,
    softwareVersion,
    parameterCount,
    datasetHash,
    step: run.step,
    totalSteps: run.totalSteps,
    trainSeconds: run.trainSeconds,
    createdAtMs: run.createdAtMs,
    config: run.config,
    command: run.origin ? null : trainCommand(run.config),
    hyperparameters: run.origin?.hyperparameters ?? null,
    final: run.latest,
    best,
  };
}

/**
 * Best value of a series and its step. Of a long one a coarse look finds the stretch that holds it and a finer one the
 * step, so that a million points cost a few thousand reads.
 */
async function bestOf(
  runs: Pick<RunsService, 'metrics'>,
  runId: string,
  key: string,
): Promise<{ value: number; step: number } | null> {
  const sign = isBetterHigher(key) ? 1 : -1;
  let range: { fromStep?: number; toStep?: number } = {};
  let isFinest = false;
  for (;;) {
    const [series] = await runs.metrics({ runId, keys: [key], maxPoints: isFinest ? 0 : pointsPerLook, ...range });
    await nextTurn();
    if (!series) return null;
    const { steps, values, minimums, maximums } = series;
    const candidates = (sign > 0 ? maximums : minimums) ?? values;
    let at = -1;
    candidates.forEach((candidate, i) => {
      if (candidate !== null && (at === -1 || sign * candidate > sign * candidates[at]!)) at = i;
    });
    if (at === -1) return null;
    if (candidates === values) return { value: values[at]!, step: steps[at]! };
    const next = { fromStep: at === 0 ? (range.fromStep ?? 0) : steps[at - 1]! + 1, toStep: steps[at]! };
    // steps that lie far apart beside ones that do not: no look is finer than all of it
    isFinest = next.fromStep === range.fromStep && next.toStep === range.toStep;
    range = next;
  }
}

function finalSummaries(group: SeedGroup): ReportData['groups'][number]['final'] {
  const keys = new Set(group.runs.flatMap(({ latest }) => Object.keys(latest)));
  return Object.fromEntries(
    [...keys].flatMap((key) => {
      const summary = summarize(group.runs.map(({ latest }) => latest[key]));
      return summary ? [[key, summary] as const] : [];
    }),
  );
}

function differencesOf(groups: readonly SeedGroup[]): ReportData['differences'] {
  const own = groups.filter(({ runs }) => !runs[0]!.origin);
  if (own.length < 2) return [];
  const found = configDifferences(own.map(({ runs }) => runs[0]!.config)).filter(({ path }) => path !== 'seed');
  return found.map(({ name, values }) => ({
    name,
    values: groups.map((group) => {
      const place = own.indexOf(group);
      return place === -1 ? null : (values[place] ?? null);
    }),
  }));
}

/** One run of each group, the first ones. */
function evaluatedRuns(groups: readonly SeedGroup[], facts: readonly ReportRun[]): ReportRun[] {
  return groups
    .slice(0, mostEvaluations)
    .flatMap(({ runs }) => runs.slice(0, 1).flatMap(({ id }) => facts.filter((fact) => fact.id === id)));
}

async function evaluate(
  { services }: ReportSource,
  runs: readonly ReportRun[],
  options: ReportOptions,
  omissions: string[],
): Promise<Evaluation[]> {
  const evaluations: Evaluation[] = [];
  for (const { id, name, config, hyperparameters } of runs) {
    if (hyperparameters !== null) continue;
    const part = config.split.test > 0 || config.split.validation === 0 ? 'test' : 'validation';
    try {
      evaluations.push(await services.results.evaluate({ runId: id, part, which: options.which, worst: 12 }));
    } catch (error) {
      omissions.push(`The weights of “${name}” could not be judged: ${(error as Error).message}`);
    }
  }
  return evaluations;
}
