import type { Run } from '../../../core/contract/runs.ts';

/** Training seconds that are left at the mean speed so far; null while too little is known. */
export function remainingSeconds({ step, totalSteps, trainSeconds, parent }: Run): number | null {
  const own = step - (parent?.step ?? 0);
  if (totalSteps === null || own <= 0 || trainSeconds <= 0) return null;
  return (Math.max(0, totalSteps - step) * trainSeconds) / own;
}
