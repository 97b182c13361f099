/** What a classifier did, counted: `counts[target][predicted]` rows. */
export type ConfusionMatrix = readonly (readonly number[])[];

export interface ClassScore {
  /** right among the rows given this class; null when none was */
  precision: number | null;
  /** right among the rows of this class; null when there are none */
  recall: number | null;
  /** harmonic mean of both; null where one of them is */
  f1: number | null;
  /** rows of this class */
  support: number;
}

/**
 * Precision, recall and F1 of every class:
 *   precision_c = n_cc / sum_t n_tc    recall_c = n_cc / sum_p n_cp    F1_c = 2 n_cc / (sum_t n_tc + sum_p n_cp)
 */
export function classScores(counts: ConfusionMatrix): ClassScore[] {
  const given = counts.map((_, predicted) => counts.reduce((sum, row) => sum + row[predicted]!, 0));
  return counts.map((row, target) => {
    const right = row[target]!;
    const support = row.reduce((sum, n) => sum + n, 0);
    const taken = given[target]!;
    return {
      precision: taken === 0 ? null : right / taken,
      recall: support === 0 ? null : right / support,
      f1: taken === 0 || support === 0 ? null : (2 * right) / (taken + support),
      support,
    };
  });
}

/** Share of all rows on the diagonal; null without rows. */
export function accuracyOf(counts: ConfusionMatrix): number | null {
  const total = counts.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0);
  return total === 0 ? null : counts.reduce((sum, row, i) => sum + row[i]!, 0) / total;
}
