import { expect, it } from 'vitest';
import { createFrameScheduler } from '../../../src/renderer/charts/frameScheduler.ts';

const frameMs = 1000 / 60;

/** A page of 60 frames per second in a time of its own. `paintMs` is what is painted after each frame that drew. */
function page(paintMs: number) {
  let nowMs = 0;
  let frame: (() => void) | null = null;
  let painted: (() => void) | null = null;
  let frames = 0;
  const scheduler = createFrameScheduler({
    requestFrame: (callback) => (frame = callback),
    afterPaint: (callback) => (painted = callback),
    nowMs: () => nowMs,
  });
  return {
    scheduler,
    work: (ms: number) => () => void (nowMs += ms),
    now: () => nowMs,
    frames: () => frames,
    /** `eachFrame` is called at the beginning of every frame */
    run(forMs: number, eachFrame: () => void) {
      const end = nowMs + forMs;
      while (nowMs < end) {
        eachFrame();
        frames++;
        const began = nowMs;
        const due = frame;
        frame = null;
        due?.();
        if (painted) {
          const done = painted;
          painted = null;
          nowMs += paintMs;
          done();
        }
        nowMs = Math.max(nowMs, began + frameMs);
      }
    },
  };
}

it('points that keep coming leave the page its frames, however long they take to paint', () => {
  const { scheduler, work, run, frames } = page(40);
  let drawn = 0;
  const draw = (): void => {
    work(15)();
    drawn++;
  };
  run(10_000, () => scheduler.request(draw, 'data'));
  expect(frames() / 10).toBeGreaterThan(50);
  expect(drawn).toBeGreaterThan(20);
});

it('quick charts are drawn in every frame', () => {
  const { scheduler, run } = page(1);
  let drawn = 0;
  run(1_000, () => scheduler.request(() => drawn++, 'data'));
  expect(drawn).toBeGreaterThan(55);
});

it('what the user does is drawn at once, while points wait', () => {
  const { scheduler, work, run, now } = page(40);
  run(100, () => scheduler.request(work(15), 'data'));
  const asked = now();
  let shownAfterMs: number | null = null;
  let isAsked = false;
  run(500, () => {
    if (isAsked) return;
    isAsked = true;
    scheduler.request(() => (shownAfterMs ??= now() - asked), 'input');
  });
  expect(shownAfterMs).toBeLessThan(2 * frameMs);
});

it('several slow charts take turns, one in a frame, and none is forgotten', () => {
  const { scheduler, work, run } = page(0);
  const drawn = new Map<string, number>();
  const charts = ['loss', 'accuracy', 'p'].map((name) => (): void => {
    work(20)();
    drawn.set(name, (drawn.get(name) ?? 0) + 1);
  });
  run(5_000, () => charts.forEach((chart) => scheduler.request(chart, 'data')));
  const counts = [...drawn.values()];
  expect(counts).toHaveLength(3);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
});
