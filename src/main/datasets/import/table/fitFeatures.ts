import { partCodes } from '../dealParts.ts';
import { featureValues } from './featureValues.ts';
import { tableBlocks, type StoredTable } from './storedTable.ts';
import type { TablePlan } from './tablePlan.ts';

/** What was learned of a feature from the training rows. */
export interface FittedFeature {
  /** numbers per row that it becomes */
  width: number;
  /** what stands for a missing value */
  fill: number;
  /** a model receives (value - shift) / deviation */
  shift: number;
  deviation: number;
}

/** Mean and spread of every feature over its training rows; missing values do not count. One-hot features stay 0 and 1. */
export function fitFeatures(table: StoredTable, plan: TablePlan, kept: Uint8Array, parts: Uint8Array): FittedFeature[] {
  // sums around a value near the mean lose no digits
  const centers = plan.features.map(({ column: index, encoding }) => {
    const column = table.columns[index]!;
    return encoding === 'numeric' && column.numbers > 0 ? column.sum / column.numbers : 0;
  });
  const sums = plan.features.map(() => ({ count: 0, sum: 0, squares: 0, minimum: Infinity, maximum: -Infinity }));
  let at = 0;
  for (const block of tableBlocks(table)) {
    const isFitted = new Uint8Array(block.rows);
    for (let i = 0; i < block.rows; i++) {
      if (kept[block.firstRow + i]) isFitted[i] = parts[at++] === partCodes.train ? 1 : 0;
    }
    plan.features.forEach((feature, f) => {
      if (feature.encoding === 'oneHot') return;
      const values = featureValues(feature, block.column(feature.column));
      const total = sums[f]!;
      const center = centers[f]!;
      let { count, sum, squares, minimum, maximum } = total;
      for (let i = 0; i < block.rows; i++) {
        const value = values[i]!;
        if (!isFitted[i] || value !== value) continue;
        const distance = value - center;
        count++;
        sum += distance;
        squares += distance * distance;
        if (value < minimum) minimum = value;
        if (value > maximum) maximum = value;
      }
      Object.assign(total, { count, sum, squares, minimum, maximum });
    });
  }
  return plan.features.map((feature, f) => {
    const width = feature.names.length;
    const { count, sum, squares, minimum, maximum } = sums[f]!;
    if (feature.encoding === 'oneHot' || count === 0) return { width, fill: 0, shift: 0, deviation: 1 };
    const mean = centers[f]! + sum / count;
    const variance = Math.max(0, squares / count - (sum / count) ** 2);
    const fill = plan.missing === 'zero' ? 0 : mean;
    if (plan.normalize === 'minMax') return { width, fill, shift: minimum, deviation: maximum - minimum || 1 };
    return { width, fill, shift: mean, deviation: Math.sqrt(variance) || 1 };
  });
}
