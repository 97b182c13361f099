/**
 * Who asks for a frame. `input`: the user moved, zoomed or changed something and waits for it. `data`: new points came,
 * which may be shown a little later.
 */
export type FrameReason = 'input' | 'data';

/** Draws what is dirty in animation frames, and leaves most of the time to the rest of the page. */
export interface FrameScheduler {
  /** Has the task run in one of the next frames; asking again before that changes nothing but that input is not kept waiting. */
  request(task: () => void, reason?: FrameReason): void;
  /** Forgets a task that has not run yet. */
  cancel(task: () => void): void;
}

export interface FrameSchedulerOptions {
  requestFrame: (callback: () => void) => void;
  /** Calls back when the frame in which this is called is on the screen. */
  afterPaint: (callback: () => void) => void;
  nowMs: () => number;
  /** least time between the beginnings of two frames */
  minIntervalMs?: number;
  /** called with every frame drawn: when it began and how long it took, painting included */
  onFrame?: (atMs: number, durationMs: number) => void;
}

/** New points take up at most one part in so many of the time, so that fifty live runs leave the page its frames. */
const dataShare = 6;
/** Tasks of one frame are put off to the next when those before took this long. */
const sliceMs = 8;

export function createFrameScheduler({
  requestFrame,
  afterPaint,
  nowMs,
  minIntervalMs = 15,
  onFrame,
}: FrameSchedulerOptions): FrameScheduler {
  const tasks = new Map<() => void, FrameReason>();
  let isFrameAsked = false;
  /** a frame is drawn and not painted yet */
  let isPainting = false;
  const nextAtMs: Record<FrameReason, number> = { input: -Infinity, data: -Infinity };

  const ask = (): void => {
    if (isFrameAsked || isPainting) return;
    isFrameAsked = true;
    requestFrame(frame);
  };
  const runDue = (startMs: number): boolean => {
    const due = [...tasks].filter(([, reason]) => startMs >= nextAtMs[reason]);
    for (const [task] of due) {
      tasks.delete(task);
      task();
      if (nowMs() - startMs > sliceMs) break;
    }
    return due.length > 0;
  };
  const settle = (startMs: number): void => {
    isPainting = false;
    // drawing on a canvas only notes down what is to be drawn; most of the work may be done when it is painted
    const durationMs = nowMs() - startMs;
    nextAtMs.input = startMs + Math.max(minIntervalMs, durationMs);
    nextAtMs.data = startMs + Math.max(minIntervalMs, dataShare * durationMs);
    onFrame?.(startMs, durationMs);
    if (tasks.size > 0) ask();
  };
  function frame(): void {
    isFrameAsked = false;
    const startMs = nowMs();
    let hasDrawn = true;
    try {
      hasDrawn = runDue(startMs);
    } finally {
      if (hasDrawn) {
        isPainting = true;
        afterPaint(() => settle(startMs));
      } else if (tasks.size > 0) ask();
    }
  }

  return {
    request(task, reason = 'input') {
      if (tasks.get(task) !== 'input') tasks.set(task, reason);
      ask();
    },
    cancel: (task) => void tasks.delete(task),
  };
}
