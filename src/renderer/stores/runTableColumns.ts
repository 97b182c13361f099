import type { Run } from '../../core/contract/runs.ts';
import type { FilterField, FilterVocabulary } from '../../core/filter/filterFields.ts';
import { meanAndSpread } from '../../core/runs/meanAndSpread.ts';
import { formatCount, formatDuration, formatNumber, formatPercent } from '../text/format.ts';

/** A column of the table of runs. Its key is a field of the filter language, so that what is seen can be filtered by. */
export interface RunColumn {
  key: string;
  source: FilterField['source'];
  description: string;
  align: 'left' | 'right';
  widthPx: number;
  /** what rows are sorted by; undefined comes last */
  sortValue(run: Run): string | number | undefined;
  show(run: Run): string;
  /** what a group of seeds shows: what its runs share, or mean and spread */
  showGroup(runs: readonly Run[]): string;
}

/** Chosen until the user chooses others. The name is always there, before them. */
export const defaultColumnKeys: readonly string[] = [
  'status',
  'created',
  'optimizer',
  'model',
  'learningRate',
  'pMax',
  'seed',
  'testAccuracy',
  'trainLoss',
];

const widths: Readonly<Record<string, number>> = {
  status: 120,
  optimizer: 86,
  model: 62,
  dataset: 84,
  learningRate: 108,
  pMax: 56,
  seed: 54,
  testAccuracy: 114,
  trainLoss: 118,
  duration: 96,
  tag: 130,
  note: 220,
  error: 240,
  id: 130,
};
const widthOf = (field: FilterField): number =>
  widths[field.name] ??
  Math.min(240, Math.max({ time: 110, list: 130, text: 100 }[field.kind as string] ?? 84, 34 + 7 * field.name.length));

/** Every column there can be. */
export function runColumns(vocabulary: FilterVocabulary): RunColumn[] {
  return vocabulary.fields.filter((field) => !field.isAlias && field.name !== 'name').map(columnOf);
}

function columnOf(field: FilterField): RunColumn {
  const isNumeric = field.kind === 'number' || field.kind === 'duration';
  const show = shownBy(field);
  return {
    key: field.name,
    source: field.source,
    description: field.description,
    align: isNumeric ? 'right' : 'left',
    widthPx: widthOf(field),
    sortValue(run) {
      const value = field.read(run);
      if (typeof value === 'number' || typeof value === 'string') return value;
      if (typeof value === 'boolean') return Number(value);
      return Array.isArray(value) && value.length > 0 ? value.join(' ') : undefined;
    },
    show: (run) => show(field.read(run)),
    showGroup: groupText(field, show),
  };
}

type Shown = (value: ReturnType<FilterField['read']>) => string;

function shownBy(field: FilterField): Shown {
  const showNumber = numberShownBy(field);
  return (value) => {
    if (value === null || value === undefined) return '';
    if (typeof value === 'number') return Number.isFinite(value) ? showNumber(value) : '';
    if (typeof value === 'boolean') return value ? 'yes' : 'no';
    return typeof value === 'string' ? value : value.join(', ');
  };
}

function numberShownBy({ kind, name, source }: FilterField): (value: number) => string {
  if (kind === 'time') return shortDate;
  if (kind === 'duration' || name === 'elapsedSeconds') return formatDuration;
  if (isShare(name)) return formatPercent;
  if (name === 'seed' || name === 'split.seed') return String;
  return source === 'metric' || name === 'learningRate' ? (value) => formatNumber(value) : plainNumber;
}

const thisYear = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
});
const otherYear = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });

/** Nov 24, 16:17; with the year in place of the time where it is another one. */
function shortDate(ms: number): string {
  const isThisYear = new Date(ms).getFullYear() === new Date().getFullYear();
  return (isThisYear ? thisYear : otherYear).format(ms);
}

/** Settings are shown as they were given. */
const plainNumber = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) >= 10_000 ? formatCount(value) : String(value);

const isShare = (name: string): boolean => name.endsWith('Accuracy');

function groupText(field: FilterField, show: Shown): RunColumn['showGroup'] {
  if (field.kind === 'time')
    return (runs) => show(Math.max(...runs.map((run) => Number(field.read(run) ?? 0))) || null);
  if (field.name === 'duration' || field.source === 'metric') {
    return (runs) => {
      const values = runs.map(field.read).filter((value) => typeof value === 'number');
      const found = meanAndSpread(values);
      if (!found) return '';
      if (found.spread === null) return show(found.mean);
      if (field.name === 'duration') return show(found.mean);
      return isShare(field.name)
        ? `${(100 * found.mean).toFixed(2)} ± ${(100 * found.spread).toFixed(2)} %`
        : `${formatNumber(found.mean)} ± ${formatNumber(found.spread, 2)}`;
    };
  }
  return (runs) => {
    const shown = new Set(runs.map((run) => show(field.read(run))));
    if (shown.size === 1) return [...shown][0]!;
    return field.name === 'seed' ? seedRanges(runs.map((run) => run.config.seed)) : '…';
  };
}

/** 0–2, 5, 7: seeds in ascending order, neighbours as ranges. */
export function seedRanges(seeds: readonly number[]): string {
  const sorted = [...new Set(seeds)].toSorted((a, b) => a - b);
  const ranges: { first: number; last: number }[] = [];
  for (const seed of sorted) {
    const range = ranges.at(-1);
    if (range && seed === range.last + 1) range.last = seed;
    else ranges.push({ first: seed, last: seed });
  }
  return ranges.map(({ first, last }) => (first === last ? String(first) : `${first}–${last}`)).join(', ');
}
