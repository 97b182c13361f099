import type { ImportWarning } from '../../../core/contract/datasetImport.ts';
import type { Task } from '../../../core/contract/datasets.ts';

/** One class has so many times the rows of another before it is worth a word. */
const imbalanceRatio = 10;

/** What is odd about the targets. */
export function classWarnings(classes: readonly string[], y: ArrayLike<number>, task: Task): ImportWarning[] {
  if (task === 'regression') return [];
  if (classes.length === 1) {
    return [{ kind: 'oneClass', message: `Every row is of class "${classes[0]}": there is nothing to learn.` }];
  }
  const counts = countClasses(classes.length, y);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (most < imbalanceRatio * least) return [];
  const named = (count: number): string => `"${classes[counts.indexOf(count)]}" has ${count.toLocaleString('en')}`;
  return [
    {
      kind: 'imbalance',
      message: `The classes are of very different size: ${named(most)} rows, ${named(least)}. Accuracy alone will mislead.`,
    },
  ];
}

/** Rows of each class; a row without a class is -1. */
export function countClasses(classCount: number, y: ArrayLike<number>): number[] {
  const counts = Array.from({ length: classCount }, () => 0);
  for (let i = 0; i < y.length; i++) if (y[i]! >= 0) counts[y[i]!]!++;
  return counts;
}
