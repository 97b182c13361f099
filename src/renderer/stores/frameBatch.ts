/**
 * Collects changes by key and hands them over together, at most once per interval, so that a screen full of live runs costs
 * one update instead of hundreds. The timer starts with the first change: waiting is bounded.
 */
export interface FrameBatch<Value> {
  put(key: string, value: Value): void;
  /** what was put and not handed over yet */
  pending(key: string): Value | undefined;
}

export function createFrameBatch<Value>(
  flush: (changes: ReadonlyMap<string, Value>) => void,
  schedule: (callback: () => void) => void,
): FrameBatch<Value> {
  let changes = new Map<string, Value>();
  return {
    put(key, value) {
      if (changes.size === 0) {
        schedule(() => {
          const due = changes;
          changes = new Map();
          flush(due);
        });
      }
      changes.set(key, value);
    },
    pending: (key) => changes.get(key),
  };
}
