import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportFormats } from '../../src/core/contract/reports.ts';
import { findChromium } from '../../src/main/reports/printWithChromium.ts';
import { lengthen } from '../main/reports/longRun.ts';
import { openTestApp, smallRun } from '../main/services/testApp.ts';
import { formatTable, summarise } from './statistics.ts';

const points = 1_000_000;
const repeats = 3;

/** Watches how long the process does nothing else; answers the longest time in ms. */
function watchTurns(): () => number {
  let longestMs = 0;
  let before = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - before - 1);
    before = now;
  }, 1);
  return () => {
    clearInterval(timer);
    return longestMs;
  };
}

/** How long reports of a run of a million points take, how large they are, and for how long they hold up the program. */
export async function benchReports(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'lp-workbench-bench-reports-'));
  try {
    console.log(`training a small run and storing ${points.toLocaleString('en')} points of it ...`);
    const first = openTestApp(dataDir);
    const run = await first.untilStatus(await first.train(smallRun(), 'a long run'), 'completed', 'failed');
    await first.app.results.evaluate({ runId: run.id });
    await first.app.close();
    await lengthen(dataDir, run, points);
    const { app } = openTestApp(dataDir);
    const hasBrowser = findChromium({ env: process.env, platform: process.platform }) !== null;
    const rows: string[][] = [];
    for (const format of reportFormats) {
      if (format === 'pdf' && !hasBrowser) continue;
      const [seconds, turns]: [number[], number[]] = [[], []];
      let size = 0;
      for (let i = 0; i < repeats; i++) {
        const end = watchTurns();
        const began = performance.now();
        const path = join(dataDir, `report-${i}.${format}`);
        const { bytes } = await app.reports.create({ subject: { runIds: [run.id] }, format, path });
        seconds.push((performance.now() - began) / 1_000);
        turns.push(end());
        size = bytes;
      }
      rows.push([
        format,
        `${summarise(seconds).median.toFixed(2)} s`,
        `${(size / 1e6).toFixed(2)} MB`,
        `${summarise(turns).median.toFixed(0)} ms`,
        `${Math.max(...turns).toFixed(0)} ms`,
      ]);
    }
    await app.close();
    console.log(formatTable(['report', 'time (aim 5 s)', 'size (aim 5 MB)', 'held up (aim 16 ms)', 'at most'], rows));
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
