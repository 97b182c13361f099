import type { Page } from 'playwright-core';

/** Milliseconds since 1970 of the first paint with anything in it. */
export function firstPaintMs(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const paint = await new Promise<PerformanceEntry>((resolve) => {
      const look = (): void => {
        const [entry] = performance.getEntriesByName('first-contentful-paint');
        if (entry) resolve(entry);
        else setTimeout(look, 5);
      };
      look();
    });
    return performance.timeOrigin + paint.startTime;
  });
}

/** Milliseconds since 1970 at which runs are listed, as seen from within the page. */
export async function runsListedMs(page: Page): Promise<number> {
  await page.getByRole('row').nth(1).waitFor({ timeout: 60_000 });
  return Date.now();
}

/** Milliseconds from asking for the view of a run until a chart says that it shows so many points. */
export function openRunMs(page: Page, runId: string, points: string): Promise<number> {
  return page.evaluate(
    async ([id, wanted]) => {
      const began = performance.now();
      window.location.hash = `#/runs/${id}`;
      await new Promise<void>((resolve) => {
        const look = (): void => {
          const chart = document.querySelector('[data-chart="loss"] canvas');
          if (chart?.getAttribute('aria-label')?.includes(`of ${wanted} points`)) resolve();
          else requestAnimationFrame(look);
        };
        look();
      });
      // the frame in which it says so is on the screen when the next one begins
      await new Promise(requestAnimationFrame);
      return performance.now() - began;
    },
    [runId, points] as const,
  );
}

/** Milliseconds from writing a filter until the count of runs has changed and the frame is on the screen. */
export function filterMs(page: Page, text: string): Promise<number> {
  return page.evaluate(async (filter) => {
    const input = document.querySelector<HTMLInputElement>('input[role="combobox"]')!;
    const count = (): string => document.querySelector('main header')?.textContent ?? '';
    const before = count();
    const began = performance.now();
    input.value = filter;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (count() !== before) resolve();
        else requestAnimationFrame(look);
      };
      look();
    });
    await new Promise(requestAnimationFrame);
    return performance.now() - began;
  }, text);
}

export interface FrameRate {
  perSecond: number;
  /** the longest time between two frames, in milliseconds */
  longestMs: number;
}

export function frameRate(page: Page, forMs: number): Promise<FrameRate> {
  return page.evaluate(async (duration) => {
    let frames = 0;
    let longestMs = 0;
    const began = performance.now();
    let last = began;
    while (last - began < duration) {
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      longestMs = Math.max(longestMs, now - last);
      last = now;
      frames++;
    }
    return { perSecond: (1000 * frames) / (last - began), longestMs };
  }, forMs);
}
