import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumProgram, openBrowser, serveWorkbench } from '../e2e/surface.ts';
import { ensureAppBuilt } from '../ensureBuilt.ts';
import { findRuntime } from '../main/electron/findRuntime.ts';
import { openWindow } from '../main/electron/openWindow.ts';
import { formatTable, summarise } from './statistics.ts';
import { openBenchHost, type BenchHost } from './workbench/benchHost.ts';
import { filterMs, firstPaintMs, frameRate, openRunMs, runsListedMs } from './workbench/pageTimes.ts';
import {
  liveRunId,
  liveRuns,
  longRunId,
  manyRuns,
  pointsOfLiveRun,
  pointsOfLongRun,
  storeRuns,
} from './workbench/storedRuns.ts';
import { trainBare, trainInWorkbench, trainings, type WatchedTraining } from './workbench/training.ts';

type Row = [what: string, measured: string, aim: string];
const count = (value: number): string => value.toLocaleString('en');
const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const median = (values: readonly number[]): number => summarise(values).median;

const parts = ['start', 'views', 'training'];

/**
 * npm run bench -- workbench [start | views | training ...]: what a user waits for, measured in the real pages: starting, opening, filtering, frames while runs train; and what
 * logging and charts cost the training. Data folders are made for it and removed.
 */
export async function benchWorkbench(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !parts.includes(name));
  if (unknown !== undefined) throw new Error(`"${unknown}" is none of ${parts.join(', ')}.`);
  const program = chromiumProgram();
  if (!program) {
    console.log('No Chromium; install it, or set LP_WORKBENCH_CHROMIUM to its program.');
    return;
  }
  const takesPart = (part: string): boolean => names.length === 0 || names.includes(part);
  await ensureAppBuilt();
  const folder = await mkdtemp(join(tmpdir(), 'lp-workbench-bench-'));
  try {
    const stored = join(folder, 'stored');
    const rows: Row[] = [];
    if (takesPart('start') || takesPart('views')) {
      console.log(`storing ${count(manyRuns)} runs, and one of ${count(pointsOfLongRun)} points ...`);
      await storeRuns(stored);
    }
    if (takesPart('start')) rows.push(...(await measureStart(program, stored)));
    if (takesPart('views')) rows.push(...(await withHost(stored, (host) => measureViews(program, host))));
    if (takesPart('training')) {
      rows.push(...(await withHost(join(folder, 'training'), (host) => measureTraining(program, host))));
    }
    console.log(formatTable(['what', 'measured', 'aim'], rows));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function withHost<Result>(dataDir: string, work: (host: BenchHost) => Promise<Result>): Promise<Result> {
  const host = await openBenchHost(dataDir);
  try {
    return await work(host);
  } finally {
    await host.close();
  }
}

const repeats = 5;
/** of a training, whose times differ by more than what is looked for */
const trainingRepeats = 10;

async function measureStart(program: string, dataDir: string): Promise<Row[]> {
  const [served, painted, listed]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < repeats; i++) {
    const began = Date.now();
    const host = await serveWorkbench(dataDir);
    served.push(Date.now() - began);
    const { page, end } = await openBrowser(program, host.url);
    const launched = await page.evaluate(() => performance.timeOrigin);
    painted.push((await firstPaintMs(page)) - launched);
    listed.push((await runsListedMs(page)) - launched);
    await end();
    await host.end();
  }
  const rows: Row[] = [
    ['serve: from the command to the link', ms(median(served)), ''],
    ['browser: from opening the link to first paint', ms(median(painted)), ''],
    [`browser: from opening the link to ${count(manyRuns)} runs listed`, ms(median(listed)), ''],
  ];
  const runtime = findRuntime();
  if (runtime.program === null) {
    console.log(`The window is not measured: ${runtime.reason}.`);
    return rows;
  }
  const [windowPainted, windowListed]: [number[], number[]] = [[], []];
  for (let i = 0; i < repeats; i++) {
    const began = Date.now();
    const { page, end } = await openWindow(runtime.program, dataDir);
    windowPainted.push((await firstPaintMs(page)) - began);
    windowListed.push((await runsListedMs(page)) - began);
    await end();
  }
  return [
    ...rows,
    ['window: from starting Electron to first paint', ms(median(windowPainted)), ''],
    [`window: from starting Electron to ${count(manyRuns)} runs listed`, ms(median(windowListed)), ''],
  ];
}

async function measureViews(program: string, host: BenchHost): Promise<Row[]> {
  const { page, end } = await openBrowser(program, host.link());
  try {
    await runsListedMs(page);
    const filters = ['optimizer = lpsgdm and testAccuracy > 95%', 'sgdm', 'trainLoss < 0.5 and not seed = 1', 'run-00'];
    const filtering: number[] = [];
    for (const filter of filters) {
      filtering.push(await filterMs(page, filter));
      filtering.push(await filterMs(page, ''));
    }
    const opening: number[] = [];
    for (let i = 0; i < repeats; i++) {
      opening.push(await openRunMs(page, longRunId, count(pointsOfLongRun)));
      await page.evaluate(() => {
        window.location.hash = '#/queue';
      });
      await page.getByRole('heading', { name: 'Queue', level: 1 }).waitFor();
    }
    const ids = Array.from({ length: liveRuns }, (_, i) => liveRunId(i)).join(',');
    await page.evaluate((chosen) => {
      window.location.hash = `#/compare?ids=${chosen}`;
    }, ids);
    await page
      .getByRole('img', { name: /showing .* of/ })
      .first()
      .waitFor();
    const stop = host.goLive(100);
    await page.waitForTimeout(2_000);
    const frames = await frameRate(page, 10_000);
    stop();
    return [
      [`filtering ${count(manyRuns)} runs`, ms(median(filtering)), '100 ms'],
      ['  the slowest of the filters', ms(Math.max(...filtering)), ''],
      [`opening a run of ${count(pointsOfLongRun)} points`, ms(median(opening)), '300 ms'],
      ['  the first time, with the view to load', ms(opening[0]!), ''],
      [
        `${liveRuns} live runs of ${count(pointsOfLiveRun)} points in one view`,
        `${frames.perSecond.toFixed(0)} frames / s`,
        '50',
      ],
      ['  the longest time between two frames', ms(frames.longestMs), ''],
    ];
  } finally {
    await end();
  }
}

async function measureTraining(program: string, host: BenchHost): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { title, config } of Object.values(trainings)) {
    const { page, end } = await openBrowser(program, host.link());
    try {
      await trainBare(host, config);
      const bare: number[] = [];
      const [kept, shown]: [WatchedTraining[], WatchedTraining[]] = [[], []];
      for (let i = 0; i < trainingRepeats; i++) {
        await page.goto('about:blank');
        bare.push(await trainBare(host, config));
        kept.push(await trainInWorkbench(host, config, null));
        await page.goto(host.link());
        shown.push(await trainInWorkbench(host, config, page));
      }
      const slower = (trained: readonly WatchedTraining[]): string => {
        const seconds = trained.map((each) => each.seconds);
        const medians = median(seconds) / median(bare);
        return `${percent(medians - 1)} (least: ${percent(Math.min(...seconds) / Math.min(...bare) - 1)})`;
      };
      const hostShare = kept.map(({ hostSeconds, seconds }) => hostSeconds / seconds);
      rows.push(
        [`training alone, metrics thrown away: ${title}`, `${median(bare).toFixed(2)} s`, ''],
        ['  the spread of it (quartiles)', percent(summarise(bare).spread / median(bare)), ''],
        ['  slower with every metric stored', slower(kept), '1 %'],
        ['  slower with metrics stored and charts open', slower(shown), '1 %'],
        ['  time of one core that storing takes', percent(median(hostShare)), ''],
        ['  main process blocked, charts open: p99', ms(median(shown.map(({ blockedMs }) => blockedMs.p99))), '16 ms'],
        ['  the longest', ms(Math.max(...shown.map(({ blockedMs }) => blockedMs.most))), ''],
      );
    } finally {
      await end();
    }
  }
  return rows;
}
