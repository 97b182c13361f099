import type { Study } from '../contract/studies.ts';
import { comparePairs, type PairedDifference } from '../studies/statistics/comparePairs.ts';
import { summarize, type Summary } from '../studies/statistics/summarize.ts';
import type { StudyRow, StudyTable } from '../studies/studyTable.ts';
import { fieldName } from '../runs/configFields.ts';
import type { PaperClaim, Recipe } from './recipe.ts';
import { recipeCommand } from './recipeCommand.ts';

/** One number of the paper beside ours. */
export interface ClaimLine {
  label: string;
  paper: { accuracy: number; spread: number | null } | null;
  /** the setting of ours that stands for it; null while none has ended */
  setting: string | null;
  /** accuracy over the seeds of that setting */
  ours: Summary | null;
  /** ours minus the paper's; null where there is nothing to subtract, or the data are not the paper's */
  difference: number | null;
  /** accuracies by seed, for paired differences */
  bySeed: ReadonlyMap<number, number>;
}

/** What the optimizer of the paper gains over the best of the others: the paper's gain beside ours. */
export interface ClaimGain {
  label: string;
  paper: number;
  ours: PairedDifference | null;
}

export interface ClaimCard {
  recipe: Pick<Recipe, 'id' | 'title' | 'place' | 'conclusion' | 'open'>;
  lines: ClaimLine[];
  gain: ClaimGain | null;
  /** everything in which the study differs from the paper */
  deviations: string[];
  /** what came out, in sentences */
  findings: string[];
  command: string;
}

const percent = (share: number, digits = 2): string => (100 * share).toFixed(digits);
const signed = (share: number): string => `${share >= 0 ? '+' : '−'}${percent(Math.abs(share))}`;

/** Sets a study that a recipe made beside the paper. */
export function claimCard(
  recipe: Recipe,
  study: Pick<Study, 'spec'>,
  table: StudyTable,
  deviations: string[],
): ClaimCard {
  const isPaperData =
    study.spec.origin?.binding === 'paper' && !deviations.some((line) => line.startsWith('Other data'));
  const lines = recipe.claims.map((claim) => lineOf(claim, study, table, isPaperData));
  const gain = gainOf(recipe, lines);
  return {
    recipe: {
      id: recipe.id,
      title: recipe.title,
      place: recipe.place,
      conclusion: recipe.conclusion,
      open: recipe.open,
    },
    lines,
    gain,
    deviations,
    findings: [...findingsOf(lines, gain), ...edgeFindings(recipe, study, table, lines)],
    command: recipeCommand(recipe, study.spec),
  };
}

function lineOf(claim: PaperClaim, { spec }: Pick<Study, 'spec'>, table: StudyTable, isPaperData: boolean): ClaimLine {
  const point = Object.entries(claim.point ?? {});
  const label = [claim.optimizer, ...point.map(([path, value]) => `${fieldName(path)} ${value}`)].join(', ');
  const candidates = table.rows.filter(
    ({ setting }) =>
      setting.optimizer.label === claim.optimizer && point.every(([path, value]) => setting.point[path] === value),
  );
  const sign = spec.objective.direction === 'maximize' ? 1 : -1;
  const [row] = candidates
    .filter(({ summary }) => summary !== null)
    .toSorted((a, b) => sign * (b.summary!.mean - a.summary!.mean));
  const bySeed = row ? accuraciesOf(row, spec.objective.report !== null) : new Map<number, number>();
  const ours = summarize([...bySeed.values()]);
  return {
    label,
    paper: claim.accuracy === null ? null : { accuracy: claim.accuracy, spread: claim.spread },
    setting: row?.setting.label ?? null,
    ours,
    difference: isPaperData && ours && claim.accuracy !== null ? ours.mean - claim.accuracy : null,
    bySeed,
  };
}

function accuraciesOf({ cells }: StudyRow, isReported: boolean): Map<number, number> {
  return new Map(
    cells.flatMap(({ seed, state, value, report }) => {
      const accuracy = isReported ? report : value;
      return state === 'done' && accuracy !== null ? [[seed, accuracy] as const] : [];
    }),
  );
}

function gainOf({ claims }: Recipe, lines: readonly ClaimLine[]): ClaimGain | null {
  const own = lines.findIndex(({ label }) => label.startsWith('LPSGD'));
  const others = lines.filter(({ label }) => !label.startsWith('LPSGD'));
  if (own === -1 || others.length === 0 || claims.some(({ accuracy }) => accuracy === null)) return null;
  const line = lines[own]!;
  const bestPaper = others.toSorted((a, b) => b.paper!.accuracy - a.paper!.accuracy)[0]!;
  const bestOurs = others.filter(({ ours }) => ours).toSorted((a, b) => b.ours!.mean - a.ours!.mean)[0];
  return {
    label: `${line.label} − best of the others`,
    paper: line.paper!.accuracy - bestPaper.paper!.accuracy,
    ours: bestOurs ? comparePairs(line.bySeed, bestOurs.bySeed) : null,
  };
}

function findingsOf(lines: readonly ClaimLine[], gain: ClaimGain | null): string[] {
  const known = lines.filter(({ ours }) => ours !== null);
  if (known.length < lines.length)
    return [`${lines.length - known.length} of ${lines.length} numbers are not there yet.`];
  if (gain) return [gainSentence(gain)];
  const means = known.map(({ ours }) => ours!.mean);
  const steps = means.slice(1).map((mean, i) => mean - means[i]!);
  const isMonotone = steps.every((step) => step >= 0) || steps.every((step) => step <= 0);
  const best = known.toSorted((a, b) => b.ours!.mean - a.ours!.mean)[0]!;
  const unlike = known.filter((line) => {
    const difference = line === best ? null : comparePairs(best.bySeed, line.bySeed);
    return difference?.interval && (difference.interval.low > 0 || difference.interval.high < 0);
  });
  return [
    `The means are ${isMonotone ? '' : 'not '}monotone.`,
    `${best.label} has the highest mean, ${percent(best.ours!.mean)} %.`,
    unlike.length === 0
      ? 'The 95 % interval of its paired difference to each of the others includes 0: these seeds do not tell them apart.'
      : `The 95 % interval of its paired difference leaves 0 out for ${unlike.map(({ label }) => label).join('; ')} (each taken by itself), and includes 0 for all others.`,
  ];
}

/** A best value at the end of what was searched may have a better one beyond it. */
function edgeFindings(
  { claims }: Recipe,
  { spec: { search } }: Pick<Study, 'spec'>,
  { rows }: StudyTable,
  lines: readonly ClaimLine[],
): string[] {
  if (search.kind !== 'grid') return [];
  return lines.flatMap(({ label, setting }, i) => {
    const point = rows.find((row) => row.setting.label === setting)?.setting.point ?? {};
    return search.axes.flatMap(({ path, values }) => {
      const numbers = values.filter((value) => typeof value === 'number');
      const value = point[path];
      const isChosen = claims[i]?.point?.[path] === undefined && typeof value === 'number';
      const isEdge =
        isChosen && numbers.length > 2 && (value === Math.min(...numbers) || value === Math.max(...numbers));
      return isEdge
        ? [`The best ${fieldName(path)} of ${label}, ${value}, is the last of the grid: a wider one may do better.`]
        : [];
    });
  });
}

function gainSentence({ paper, ours }: ClaimGain): string {
  const before = `The paper’s gain is ${signed(paper)} points`;
  if (!ours) return `${before}; ours is not known yet.`;
  if (!ours.interval) return `${before}; ours is ${signed(ours.mean)} from one seed, which shows nothing.`;
  const { low, high } = ours.interval;
  const verdict =
    low > 0 ? 'the gain is there' : high < 0 ? 'it is a loss here' : 'these seeds show neither a gain nor a loss';
  return `${before}; ours is ${signed(ours.mean)} (95 % interval ${signed(low)} to ${signed(high)}, ${ours.count} seeds): ${verdict}.`;
}

/** The card as Markdown. */
export function claimCardMarkdown(card: ClaimCard): string {
  const summaryText = (ours: Summary | null): string =>
    ours ? `${percent(ours.mean)}${ours.spread === null ? '' : ` ± ${percent(ours.spread)}`} (${ours.count})` : '–';
  const paperText = (paper: ClaimLine['paper']): string =>
    paper ? `${percent(paper.accuracy)}${paper.spread === null ? '' : ` ± ${percent(paper.spread)}`}` : 'no number';
  const rows = card.lines.map(
    ({ label, paper, setting, ours, difference }) =>
      `| ${label} | ${paperText(paper)} | ${setting ?? '–'} | ${summaryText(ours)} | ${difference === null ? '–' : signed(difference)} |`,
  );
  return [
    `## Beside the paper: ${card.recipe.place}`,
    '',
    `The paper’s conclusion: ${card.recipe.conclusion}`,
    '',
    'Test accuracy in %, mean ± standard deviation (seeds).',
    '',
    '| | paper | our setting | ours | difference |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...card.findings.map((finding) => `- ${finding}`),
    '',
    '### What deviates from the paper',
    '',
    ...(card.deviations.length > 0 ? card.deviations.map((line) => `- ${line}`) : ['- Nothing that the paper states.']),
    '',
    '### What the paper leaves open',
    '',
    ...card.recipe.open.map(({ question, chosen }) => `- ${question}: ${chosen}`),
    '',
    '### Again',
    '',
    '```sh',
    card.command,
    '```',
    '',
  ].join('\n');
}
