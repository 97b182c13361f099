import type { Encoding, ImportChoices, ImportSplit, ImportWarning } from '../../../../core/contract/datasetImport.ts';
import type { Task } from '../../../../core/contract/datasets.ts';
import { nearestName } from '../../../../core/text/nearestName.ts';
import { badChoice, unreadable } from '../importErrors.ts';
import { categoriesOf, distinctOf, isConstant, isRowId, typeOf, type Categories } from './columnFacts.ts';
import type { StoredTable } from './storedTable.ts';
import type { TableColumn } from './tableColumn.ts';

export interface FeaturePlan {
  column: number;
  encoding: Exclude<Encoding, 'ignore'>;
  /** null for numbers */
  categories: Categories | null;
  /** names of the features it becomes */
  names: string[];
}

/** Everything that decides how a table becomes x and y. */
export interface TablePlan {
  target: number;
  task: Task;
  /** null for regression */
  classes: Categories | null;
  features: FeaturePlan[];
  encodings: Record<string, Encoding>;
  missing: NonNullable<ImportChoices['missing']>;
  normalize: NonNullable<ImportChoices['normalize']>;
  split: ImportSplit;
  /** the column that a split by column or by group goes by */
  splitColumn: number | null;
  warnings: ImportWarning[];
}

const targetNames = ['target', 'label', 'class', 'y', 'labels', 'classes', 'outcome', 'output', 'species', 'survived'];
const maxOneHot = 50;
const maxClasses = 10_000;
const fewValues = 20;
const defaultTestFraction = 0.2;

const quoted = (names: readonly string[]): string => {
  const shown = names.slice(0, 8).map((name) => `"${name}"`);
  return names.length > 8 ? `${shown.join(', ')} and ${names.length - 8} more` : shown.join(', ');
};

export function findColumn(table: StoredTable, name: string): number {
  const found = table.columns.findIndex((column) => column.name === name);
  if (found !== -1) return found;
  const names = table.columns.map((column) => column.name);
  const near = nearestName(name, names);
  throw badChoice(
    `${table.file} has no column "${name}"${near ? `; did you mean "${near}"?` : '.'} It has: ${quoted(names)}.`,
  );
}

function guessTarget(table: StoredTable): number {
  for (const name of targetNames) {
    const found = table.columns.findIndex((column) => column.name.toLowerCase() === name);
    if (found !== -1) return found;
  }
  return table.columns.length - 1;
}

function guessTask(column: TableColumn): Task {
  const type = typeOf(column);
  if (type === 'text' || type === 'mixed') return 'classes';
  const distinct = distinctOf(column);
  const isFew = distinct !== null && distinct <= fewValues && distinct * 2 <= column.numbers;
  return type === 'integer' && isFew ? 'classes' : 'regression';
}

function planClasses(table: StoredTable, column: TableColumn): Categories {
  const categories = categoriesOf(column);
  if (!categories || categories.names.length > maxClasses) {
    throw badChoice(
      `Column "${column.name}" of ${table.file} has more than ${maxClasses} different values, too many to be classes. ` +
        'Choose another target, or regression as the task.',
    );
  }
  if (categories.names.length === 0) throw noTargets(table, column);
  return categories;
}

function noTargets(table: StoredTable, column: TableColumn) {
  return unreadable({ file: table.file, column: column.name }, 'the target column is empty. Choose another target.');
}

function checkRegressionTarget(table: StoredTable, column: TableColumn): void {
  if (column.firstText && typeOf(column) !== 'date') {
    const { row, text } = column.firstText;
    throw unreadable(
      { file: table.file, row, column: column.name },
      `the target of a regression must be a number, not "${text.slice(0, 80)}". Correct it, or choose classes as the task.`,
    );
  }
  if (column.numbers + column.dateCells === 0) throw noTargets(table, column);
}

function guessEncoding(column: TableColumn, rows: number, warnings: ImportWarning[]): Encoding {
  const type = typeOf(column);
  const warn = (kind: ImportWarning['kind'], message: string): Encoding => {
    warnings.push({ kind, message });
    return 'ignore';
  };
  if (type === 'empty') return warn('constantColumn', `Column "${column.name}" is empty and is left out.`);
  if (isConstant(column)) {
    return warn('constantColumn', `Column "${column.name}" has the same value in every row and is left out.`);
  }
  if (isRowId(column, rows)) {
    return warn('idColumn', `Column "${column.name}" numbers the rows, which would leak their order, and is left out.`);
  }
  if (type === 'number' || type === 'integer' || type === 'date') return 'numeric';
  const distinct = distinctOf(column);
  if (distinct === null || distinct > maxOneHot) {
    const count = distinct === null ? 'too many' : distinct.toLocaleString('en');
    return warn('tooManyValues', `Column "${column.name}" has ${count} different texts and is left out.`);
  }
  return 'oneHot';
}

function planFeature(table: StoredTable, index: number, encoding: Exclude<Encoding, 'ignore'>): FeaturePlan {
  const column = table.columns[index]!;
  if (encoding === 'numeric') {
    const type = typeOf(column);
    if (column.firstText && type !== 'date') {
      const { row, text } = column.firstText;
      throw unreadable(
        { file: table.file, row, column: column.name },
        `"${text.slice(0, 80)}" is no number, so the column cannot be a numeric feature. Encode it as oneHot or ordinal, or ignore it.`,
      );
    }
    return { column: index, encoding, categories: null, names: [column.name] };
  }
  const categories = categoriesOf(column);
  if (!categories) {
    throw badChoice(`Column "${column.name}" has too many different values to be encoded as ${encoding}: ignore it.`);
  }
  const names = encoding === 'oneHot' ? categories.names.map((value) => `${column.name}=${value}`) : [column.name];
  return { column: index, encoding, categories, names };
}

function findSplitColumn(table: StoredTable, split: ImportChoices['split'], target: number): number | null {
  if (split?.kind !== 'column' && split?.kind !== 'group') return null;
  if (split.column === undefined) throw badChoice(`A split by ${split.kind} needs the name of a column.`);
  const found = findColumn(table, split.column);
  if (found === target) throw badChoice(`"${split.column}" is the target; split by another column.`);
  return found;
}

/** Completes the choices of a user for a table and checks them. Throws `badUsage` or `fileUnreadable`. */
export function planTable(table: StoredTable, choices: ImportChoices, hasFixedParts: boolean): TablePlan {
  if (table.rows === 0) throw unreadable({ file: table.file }, 'it has no rows of data.');
  if (table.columns.length < 2) {
    throw unreadable(
      { file: table.file },
      'it has a single column; a target and at least one feature are needed. Is the separator a comma, semicolon, tab or bar?',
    );
  }
  const warnings: ImportWarning[] = [];
  const target = choices.target === undefined ? guessTarget(table) : findColumn(table, choices.target);
  const column = table.columns[target]!;
  const task = choices.task ?? guessTask(column);
  if (task === 'regression') checkRegressionTarget(table, column);
  const classes = task === 'classes' ? planClasses(table, column) : null;
  for (const name of Object.keys(choices.encodings ?? {})) findColumn(table, name);
  const splitColumn = findSplitColumn(table, choices.split, target);
  const encodings: Record<string, Encoding> = {};
  const features: FeaturePlan[] = [];
  table.columns.forEach((candidate, index) => {
    if (index === target) return;
    if (index === splitColumn) {
      encodings[candidate.name] = 'ignore';
      return;
    }
    const encoding = choices.encodings?.[candidate.name] ?? guessEncoding(candidate, table.rows, warnings);
    encodings[candidate.name] = encoding;
    if (encoding !== 'ignore') features.push(planFeature(table, index, encoding));
  });
  if (features.length === 0) {
    throw badChoice(`${table.file} has no column that can be a feature beside the target "${column.name}".`);
  }
  if (choices.split?.kind === 'fixed' && !hasFixedParts) {
    throw badChoice(
      `The names of the files do not say which is for testing, so the split of ${table.file} cannot be fixed.`,
    );
  }
  const test = choices.testFraction ?? defaultTestFraction;
  const split: ImportSplit =
    choices.split ??
    (hasFixedParts && choices.testFraction === undefined
      ? { kind: 'fixed', test: 0, validation: 0, seed: 0 }
      : { kind: classes ? 'stratified' : 'random', test, validation: 0, seed: 0 });
  return {
    target,
    task,
    classes,
    features,
    encodings,
    missing: choices.missing ?? 'mean',
    normalize: choices.normalize ?? 'standardize',
    split,
    splitColumn,
    warnings,
  };
}
