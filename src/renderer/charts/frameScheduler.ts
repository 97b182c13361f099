/** Draws what is dirty, everything in one animation frame, and leaves at least half of the time to the rest of the page. */
export interface FrameScheduler {
  /** Has the task run in one of the next frames; asking again before that changes nothing. */
  request(task: () => void): void;
  /** Forgets a task that has not run yet. */
  cancel(task: () => void): void;
}

export interface FrameSchedulerOptions {
  requestFrame: (callback: () => void) => void;
  nowMs: () => number;
  /** least time between the beginnings of two frames */
  minIntervalMs?: number;
  /** called with every frame drawn: when it began and how long it took */
  onFrame?: (atMs: number, durationMs: number) => void;
}

export function createFrameScheduler({
  requestFrame,
  nowMs,
  minIntervalMs = 15,
  onFrame,
}: FrameSchedulerOptions): FrameScheduler {
  let tasks = new Set<() => void>();
  let isFrameAsked = false;
  let nextAtMs = -Infinity;

  const ask = (): void => {
    if (isFrameAsked) return;
    isFrameAsked = true;
    requestFrame(frame);
  };
  const frame = (): void => {
    isFrameAsked = false;
    if (tasks.size === 0) return;
    const startMs = nowMs();
    if (startMs < nextAtMs) return ask();
    const due = tasks;
    tasks = new Set();
    try {
      for (const task of due) task();
    } finally {
      const durationMs = nowMs() - startMs;
      nextAtMs = startMs + Math.max(minIntervalMs, 2 * durationMs);
      onFrame?.(startMs, durationMs);
    }
  };

  return {
    request(task) {
      tasks.add(task);
      ask();
    },
    cancel: (task) => void tasks.delete(task),
  };
}
