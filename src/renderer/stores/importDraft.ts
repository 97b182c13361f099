import { importChoicesSchema, type Encoding, type ImportChoices } from '../../core/contract/datasetImport.ts';
import type { AppError } from '../../core/errors.ts';
import { withChanges } from '../../core/runs/withChanges.ts';

/** What the user decided about an import so far; fields may be wrong while they are typed. Without the paths. */
export type Decisions = Readonly<Record<string, unknown>>;

type Group = 'split' | 'text' | 'images';
const groups: readonly Group[] = ['split', 'text', 'images'];

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

/** The choices that are in force: those of the user over those that were guessed. */
export function choicesInForce(decisions: Decisions, guess: ImportChoices | null): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...guess, ...decisions };
  for (const group of [...groups, 'encodings'] as const) {
    if (guess?.[group] && decisions[group]) merged[group] = { ...guess[group], ...asRecord(decisions[group]) };
  }
  if (merged['encodings']) {
    const { [String(merged['target'])]: _, ...encodings } = asRecord(merged['encodings']);
    merged['encodings'] = encodings;
  }
  return merged;
}

/**
 * Sets choices by their dotted paths; undefined gives one back to the guess. A split is kept whole, because it means
 * nothing in parts. Another target asks for another task, so an earlier choice of the task is given back.
 */
export function decide(decisions: Decisions, changes: Decisions, guess: ImportChoices | null): Decisions {
  const touchesSplit = Object.keys(changes).some((path) => path.startsWith('split.'));
  const base = touchesSplit ? { ...decisions, split: choicesInForce(decisions, guess)['split'] } : decisions;
  const isNewTarget = 'target' in changes && changes['target'] !== choicesInForce(decisions, guess)['target'];
  return withChanges(base, isNewTarget ? { task: undefined, ...changes } : changes);
}

/** Sets how columns are encoded, by their names, which may hold dots. A target among them becomes a feature. */
export function decideEncodings(decisions: Decisions, names: readonly string[], encoding: Encoding): Decisions {
  const encodings = { ...asRecord(decisions['encodings']) };
  for (const name of names) encodings[name] = encoding;
  return { ...decisions, encodings };
}

/** What is wrong with the choices themselves, by dotted path; the data may have more to say. */
export function choiceProblems(paths: readonly string[], choices: Decisions): ReadonlyMap<string, string> {
  const parsed = importChoicesSchema.safeParse({ ...choices, paths: paths.length === 0 ? ['none'] : paths });
  const found = new Map<string, string>();
  for (const { path, message } of parsed.error?.issues ?? []) {
    const field = path.join('.');
    if (!found.has(field)) found.set(field, message);
  }
  return found;
}

/** Where the form shows what an inspection had to say against it. */
export interface PlacedError {
  error: AppError;
  /** a column that has a row of its own in the form, or null */
  column: string | null;
  /** dotted path of the choice that caused it, or null when the files themselves are at fault */
  field: string | null;
}

/**
 * Places a failed inspection: at the column that it names, else at the choice that was changed since the last one that
 * succeeded.
 */
export function placeError(error: AppError, changedFields: readonly string[], columns: readonly string[]): PlacedError {
  const named = error.details?.['column'];
  const column = typeof named === 'string' && columns.includes(named) ? named : null;
  const choice = error.details?.['choice'];
  const field = typeof choice === 'string' ? choice : (changedFields.at(-1) ?? null);
  return { error, column, field: column === null || field === 'target' || field === 'task' ? field : 'encodings' };
}

/** A name for people out of what was dropped: the only file or folder without its endings, or that and how many more. */
export function nameOfInput(paths: readonly string[]): string {
  const names = [...new Set(paths.map((path) => path.split(/[/\\]/).filter(Boolean)[0] ?? path))];
  const first = (names[0] ?? '').replace(
    /(\.(csv|tsv|txt|jsonl?|parquet|arrow|feather|npy|npz|h5|hdf5|xlsx|zip|tar|tgz|gz))+$/i,
    '',
  );
  return first.slice(0, 200);
}

export const lastName = (path: string): string => path.split(/[/\\]/).findLast(Boolean) ?? path;
