import type { ColumnSummary } from '../../../../core/contract/datasetImport.ts';
import type { TableColumn } from './tableColumn.ts';

export type ColumnType = ColumnSummary['type'];

const idName = /^(?:id|idx|index|row|row_?(?:id|num|number)|unnamed: 0|uuid|guid|.*_id|.*Id)$/;

export function typeOf(column: TableColumn): ColumnType {
  if (column.textCells > 0) {
    if (column.numbers > 0) return 'mixed';
    return column.dateCells === column.textCells ? 'date' : 'text';
  }
  if (column.numbers === 0) return 'empty';
  return column.isInteger ? 'integer' : 'number';
}

/** Different values, missing ones not counted; null when there were too many to count. */
export function distinctOf(column: TableColumn): number | null {
  if (column.isTextOverflown || column.numberCounts === null) return null;
  return column.texts.length + column.numberCounts.size;
}

/** Numbers that name rows instead of describing them. */
export function isRowId(column: TableColumn, rows: number): boolean {
  if (rows < 20 || column.textCells > 0 || !column.isInteger || column.numbers !== rows) return false;
  if (column.isSequence) return true;
  const isUnique = column.numberCounts === null || column.numberCounts.size === rows;
  return isUnique && idName.test(column.name.trim());
}

export function isConstant(column: TableColumn): boolean {
  const distinct = distinctOf(column);
  return distinct === 1 && column.missing === 0;
}

/** The values of a column as classes or categories: numbers in order, then texts in the order of their characters. */
export interface Categories {
  names: string[];
  counts: number[];
  byNumber: ReadonlyMap<number, number>;
  /** place of each text of the column's dictionary */
  byText: Int32Array;
}

/** Null when the column has more values than could be counted. */
export function categoriesOf(column: TableColumn): Categories | null {
  if (distinctOf(column) === null) return null;
  const numbers = [...(column.numberCounts ?? [])].toSorted((a, b) => a[0] - b[0]);
  const texts = column.texts.map((text, i) => ({ text, i })).toSorted((a, b) => (a.text < b.text ? -1 : 1));
  const byText = new Int32Array(texts.length);
  texts.forEach(({ i }, place) => {
    byText[i] = numbers.length + place;
  });
  return {
    names: [...numbers.map(([value]) => String(value)), ...texts.map(({ text }) => text)],
    counts: [...numbers.map(([, count]) => count), ...texts.map(({ i }) => column.textCounts[i]!)],
    byNumber: new Map(numbers.map(([value], place) => [value, place])),
    byText,
  };
}
