import type { ImportWarning } from '../../../../core/contract/datasetImport.ts';
import { tableBlocks, type ColumnBlock, type StoredTable } from './storedTable.ts';
import { noText } from './tableColumn.ts';
import type { TablePlan } from './tablePlan.ts';

/** Every value must have been seen so many times on average before its class says something. */
const rowsPerValue = 5;
const fewestRows = 20;
const certainCorrelation = 0.99999;

/** Numbers that stand for the cells of a column; NaN where there is no value. */
function keysOf({ values, codes }: ColumnBlock): Float64Array {
  if (codes === null) return values;
  return values.map((value, i) => (codes[i] === noText ? value : -1e300 - codes[i]! * 1e290));
}

/** Whether every value goes with one class only, in enough rows to be no accident. */
function tellsClass(keys: Float64Array, targets: Float64Array): boolean {
  const classOf = new Map<number, number>();
  let rows = 0;
  for (let i = 0; i < keys.length; i++) {
    const [key, target] = [keys[i]!, targets[i]!];
    if (key !== key || target !== target) continue;
    rows++;
    const known = classOf.get(key);
    if (known === undefined) classOf.set(key, target);
    else if (known !== target) return false;
  }
  const classes = new Set(classOf.values());
  return rows >= fewestRows && classes.size > 1 && classOf.size * rowsPerValue <= rows;
}

function correlation(a: Float64Array, b: Float64Array): number {
  let [n, sumA, sumB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    if (Number.isNaN(a[i]! + b[i]!)) continue;
    n++;
    sumA += a[i]!;
    sumB += b[i]!;
  }
  if (n < fewestRows) return 0;
  const [meanA, meanB] = [sumA / n, sumB / n];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    if (Number.isNaN(a[i]! + b[i]!)) continue;
    const [da, db] = [a[i]! - meanA, b[i]! - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

/** Features that give the target away, looked for in the first rows: a code of the class, the same amount in another unit. */
export function leakWarnings(table: StoredTable, plan: TablePlan): ImportWarning[] {
  for (const block of tableBlocks(table)) {
    const targets = keysOf(block.column(plan.target));
    return plan.features.flatMap(({ column, categories }): ImportWarning[] => {
      const cells = block.column(column);
      const isLeak = plan.classes
        ? tellsClass(keysOf(cells), targets)
        : categories === null && Math.abs(correlation(cells.values, targets)) > certainCorrelation;
      if (!isLeak) return [];
      const { name } = table.columns[column]!;
      const message = `Column "${name}" tells the target in each of the first ${block.rows.toLocaleString('en')} rows; if it is known only together with the target, ignore it.`;
      return [{ kind: 'leakingColumn', message }];
    });
  }
  return [];
}
