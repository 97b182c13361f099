/** Seconds that pass while it runs, on top of those it began with. */
export interface Stopwatch {
  start(): void;
  stop(): void;
  seconds(): number;
}

export function createStopwatch(nowMs: () => number, initialSeconds: number): Stopwatch {
  let total = initialSeconds;
  let sinceMs: number | null = null;
  const seconds = (): number => total + (sinceMs === null ? 0 : Math.max(0, nowMs() - sinceMs) / 1000);
  return {
    start() {
      sinceMs ??= nowMs();
    },
    stop() {
      total = seconds();
      sinceMs = null;
    },
    seconds,
  };
}
