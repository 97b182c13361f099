import type { ColumnSummary } from '../../../../core/contract/datasetImport.ts';
import { categoriesOf, distinctOf, typeOf } from './columnFacts.ts';
import { tableBlocks, type StoredTable } from './storedTable.ts';
import type { TableColumn } from './tableColumn.ts';
import type { TablePlan } from './tablePlan.ts';

const bins = 20;
const topValues = 10;

function topOf(column: TableColumn): { value: string; count: number }[] {
  const categories = categoriesOf(column);
  if (!categories) return [];
  return categories.names
    .map((value, i) => ({ value, count: categories.counts[i]! }))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, topValues);
}

/** What a preview shows of every column. Reads the kept rows once, for the histograms. */
export function summarizeColumns(table: StoredTable, plan: TablePlan): ColumnSummary[] {
  const histograms = table.columns.map((column) => new Float64Array(column.numbers > 0 ? bins : 0));
  for (const block of tableBlocks(table)) {
    table.columns.forEach(({ numbers, minimum, maximum }, index) => {
      if (numbers === 0) return;
      const { values, codes } = block.column(index);
      const perUnit = maximum > minimum ? bins / (maximum - minimum) : 0;
      const counts = histograms[index]!;
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!;
        if (value !== value || (codes !== null && codes[i] !== -1)) continue;
        const bin = ((value - minimum) * perUnit) | 0;
        counts[bin < bins ? bin : bins - 1]!++;
      }
    });
  }
  return table.columns.map((column, index) => {
    const isTarget = index === plan.target;
    const encoding = isTarget ? (plan.classes ? 'ordinal' : 'numeric') : (plan.encodings[column.name] ?? 'ignore');
    const hasNumbers = column.numbers > 0;
    return {
      name: column.name,
      type: typeOf(column),
      missing: column.missing,
      infinite: column.infinite,
      distinct: distinctOf(column),
      minimum: hasNumbers ? column.minimum : null,
      maximum: hasNumbers ? column.maximum : null,
      mean: hasNumbers ? column.sum / column.numbers : null,
      top: topOf(column),
      histogram: [...histograms[index]!],
      role: isTarget ? 'target' : encoding === 'ignore' ? 'ignored' : 'feature',
      encoding,
    };
  });
}
