import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReportFormat } from '../../../src/core/contract/reports.ts';
import type { Run } from '../../../src/core/contract/runs.ts';
import { reportDataSchema, type ReportData } from '../../../src/core/reports/reportData.ts';
import { findChromium } from '../../../src/main/reports/printWithChromium.ts';
import { openTestApp, refusal, smallRun, temporaryFolders, type TestApp } from '../services/testApp.ts';

const folders = temporaryFolders();
const browserPath = findChromium({ env: process.env, platform: process.platform });
const evil =
  '<img src=x onerror=alert(1)> =HYPERLINK("http://evil") | `code` [link](javascript:alert(1)) \u202eright to left';
let test: TestApp;
let run: Run;
let others: Run[];
let out: string;

beforeAll(async () => {
  if (browserPath === null)
    process.stdout.write('Skipped: the look of reports and their PDF, because no Chromium was found.\n');
  test = openTestApp(folders.create());
  out = folders.create();
  const train = async (seed: number, base: number, name: string): Promise<Run> => {
    const started = await test.train(smallRun({ seed, learningRate: { base } }), name);
    return test.untilStatus(started, 'completed', 'failed');
  };
  run = await train(0, 0.003, evil);
  others = [];
  for (const [seed, base] of [
    [0, 0.01],
    [1, 0.01],
    [2, 0.01],
    [0, 0.001],
    [1, 0.001],
    [2, 0.001],
  ] as const) {
    others.push(await train(seed, base, `rate ${base} seed ${seed}`));
  }
}, 120_000);

afterAll(async () => {
  await test.app.close();
  folders.remove();
});

let made = 0;
const report = async (runIds: readonly string[], format: ReportFormat, options: object = {}) => {
  const file = path.join(out, `report-${made++}.${format}`);
  return test.app.reports.create({ subject: { runIds: [...runIds] }, options, format, path: file });
};
const textOf = async (runIds: readonly string[], format: ReportFormat, options: object = {}): Promise<string> => {
  const { path: file } = await report(runIds, format, options);
  return readFileSync(format === 'md' ? path.join(file, 'README.md') : file, 'utf8');
};
const jsonOf = async (runIds: readonly string[], options: object = {}): Promise<ReportData> =>
  reportDataSchema.parse(JSON.parse(await textOf(runIds, 'json', options)));

describe('the numbers of a report', () => {
  it('are those of the database: last values, best values, every point of the CSV', async () => {
    const data = await jsonOf([run.id]);
    expect(data.kind).toBe('run');
    expect(data.runs[0]!.final).toStrictEqual(run.latest);
    for (const [key, { value, step }] of Object.entries(data.runs[0]!.best)) {
      const [series] = await test.runs.metrics({ runId: run.id, keys: [key], maxPoints: 0 });
      const values = series!.values.map(Number);
      expect(value).toBe(key.endsWith('Accuracy') ? Math.max(...values) : Math.min(...values));
      expect(values[series!.steps.indexOf(step)]).toBe(value);
    }
    const lines = (await textOf([run.id], 'csv')).trimEnd().split('\n').slice(1);
    const keys = await test.runs.metricKeys({ runId: run.id });
    expect(lines).toHaveLength(keys.reduce((sum, { points }) => sum + points, 0));
    const written = new Map(lines.map((line) => [line.split(',').slice(-3, -1).join(), line.split(',').at(-1)]));
    for (const series of await test.runs.metrics({ runId: run.id, maxPoints: 0 })) {
      series.steps.forEach((step, i) =>
        expect(written.get(`${series.key},${step}`)).toBe(String(series.values[i] ?? '')),
      );
    }
  });

  it('over seeds are mean, sample deviation and Student’s interval, computed here by hand', async () => {
    const ids = others.slice(0, 3).map(({ id }) => id);
    const data = await jsonOf(ids);
    const values = others.slice(0, 3).map(({ latest }) => latest['testAccuracy']!);
    const mean = (values[0]! + values[1]! + values[2]!) / 3;
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2);
    // t(0.975; 2) = 4.302653
    const half = (4.302652729911275 * spread) / Math.sqrt(3);
    const summary = data.groups[0]!.final['testAccuracy']!;
    expect(data.groups).toHaveLength(1);
    expect(summary.count).toBe(3);
    expect(summary.mean).toBeCloseTo(mean, 12);
    expect(summary.spread).toBeCloseTo(spread, 12);
    expect(summary.interval!.high).toBeCloseTo(mean + half, 9);
  });

  it('of a comparison say what differs, pair the seeds and name no winner that the data do not show', async () => {
    const data = await jsonOf(others.map(({ id }) => id));
    expect(data.kind).toBe('comparison');
    expect(data.differences).toStrictEqual([{ name: 'learningRate', values: [0.01, 0.001] }]);
    const [first, second] = [others.slice(0, 3), others.slice(3)].map((runs) =>
      runs.map(({ latest }) => latest['testAccuracy']!),
    );
    const differences = first!.map((value, i) => value - second![i]!);
    const [comparison] = data.comparisons;
    expect(comparison!.seeds).toBe(3);
    expect(Math.abs(comparison!.difference)).toBeCloseTo(Math.abs(differences.reduce((a, b) => a + b) / 3), 12);
    expect(data.verdict.rule).toContain('at least 3 common seeds');
    const alone = await jsonOf([others[0]!.id, others[3]!.id]);
    expect(alone.verdict.sentence).toContain('more seeds are needed');
  });

  it('of one run carry the uncertainty of its test rows and say that one seed is one seed', async () => {
    const data = await jsonOf([run.id]);
    expect(data.verdict.sentence).toMatch(/95 % interval .* for 359 test rows/);
    expect(data.verdict.sentence).toContain('one seed');
    expect(data.evaluations[0]!.accuracy).toBeCloseTo(run.latest['testAccuracy']!, 9);
  });

  it('that cannot be had are named, not invented', async () => {
    const data = await jsonOf([run.id], { which: 'best' });
    const omitted = (await test.runs.checkpoints({ runId: run.id })).some(({ kind }) => kind === 'best') ? 0 : 1;
    expect(data.omissions).toHaveLength(omitted);
    expect(data.evaluations).toHaveLength(1 - omitted);
  });
});

describe('a name that means harm', () => {
  it('is text in HTML, Markdown and CSV', async () => {
    const page = await textOf([run.id], 'html', {
      notes: `# Notes\n${evil}\n<script>alert(2)</script> ![x](http://evil/x.png)`,
    });
    expect(page).not.toMatch(/<img src=x|<script|src="http|href="javascript/i);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page).not.toContain('\u202e');
    const markdown = await textOf([run.id], 'md');
    expect(markdown.split('\n')[0]).not.toMatch(/[^\\]<img|[^\\]\]\(|[^\\]`/);
    const csv = await textOf([run.id], 'csv');
    const formula = await test.runs.rename({ runId: others[0]!.id, name: '=1+1' });
    expect(csv.split('\n')[1]).toContain('"<img src=x');
    expect((await textOf([formula.id], 'csv')).split('\n')[1]).toContain(",'=1+1,");
    await test.runs.rename({ runId: others[0]!.id, name: others[0]!.name });
  });

  it('of great length breaks into lines', async () => {
    await test.runs.rename({ runId: others[1]!.id, name: 'x'.repeat(500) });
    const page = await textOf([others[1]!.id], 'html');
    expect(page).toContain('overflow-wrap: anywhere');
    await test.runs.rename({ runId: others[1]!.id, name: others[1]!.name });
  });
});

describe('where a report goes', () => {
  it('nothing is replaced without being asked, and never a folder of other things', async () => {
    const subject = { runIds: [run.id] };
    const file = path.join(out, 'mine.html');
    writeFileSync(file, 'mine');
    expect(await refusal(test.app.reports.create({ subject, format: 'html', path: file }))).toMatchObject({
      code: 'conflict',
    });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    await test.app.reports.create({ subject, format: 'html', path: file, overwrite: true });
    expect(readFileSync(file, 'utf8')).toContain('<!doctype html>');
    const dir = path.join(out, 'photos');
    mkdirSync(dir);
    writeFileSync(path.join(dir, 'a.jpg'), '');
    const call = test.app.reports.create({ subject, format: 'md', path: dir, overwrite: true });
    expect(await refusal(call)).toMatchObject({ code: 'conflict', message: expect.stringContaining('other things') });
    expect(readdirSync(dir)).toStrictEqual(['a.jpg']);
  });

  it('a place that cannot be written is named, and nothing is left', async () => {
    const blocked = path.join(out, 'blocked');
    writeFileSync(blocked, '');
    const call = test.app.reports.create({
      subject: { runIds: [run.id] },
      format: 'html',
      path: path.join(blocked, 'r.html'),
    });
    expect(await refusal(call)).toMatchObject({ code: 'fileNotWritable', message: expect.stringContaining(blocked) });
    expect(readdirSync(out).filter((name) => name.includes('partial'))).toStrictEqual([]);
  });

  it('without a browser a PDF says what to do', async () => {
    const { printWithChromium } = await import('../../../src/main/reports/printWithChromium.ts');
    const print = printWithChromium('<p>x</p>', path.join(out, 'x.pdf'), { env: { PATH: out }, platform: 'linux' });
    expect(await refusal(print)).toMatchObject({
      code: 'notFound',
      message: expect.stringContaining('LP_WORKBENCH_CHROMIUM'),
    });
  });

  it('templates are kept by name', async () => {
    const saved = await test.app.reports.saveTemplate({
      name: 'short',
      options: { sections: ['notes', 'results'], notes: 'hello' },
    });
    expect((await test.app.reports.templates({})).map(({ name }) => name)).toStrictEqual(['short']);
    expect(saved.options).toMatchObject({ sections: ['notes', 'results'], notes: 'hello', x: 'epoch' });
    const { html } = await test.app.reports.preview({ subject: { runIds: [run.id] }, options: saved.options });
    expect(html).toContain('hello');
    expect(html).not.toContain('Formulas');
    await test.app.reports.removeTemplate({ name: 'short' });
    expect(await test.app.reports.templates({})).toStrictEqual([]);
  });
});

describe.runIf(browserPath !== null)('a report in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: browserPath!,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
  });
  afterAll(() => browser.close());

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
  ] as const)('%s at %d pixels: no errors, no requests, nothing wider than the page', async (colorScheme, width) => {
    for (const ids of [[run.id], others.map(({ id }) => id)]) {
      const { path: file } = await report(ids, 'html');
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      const troubles: string[] = [];
      page.on('console', (message) => troubles.push(message.text()));
      page.on('pageerror', (error) => troubles.push(error.message));
      page.on('request', (request) => {
        if (!/^(?:file|data):/.test(request.url())) troubles.push(request.url());
      });
      await page.goto(`file://${file}`);
      const { wide, drawn } = await page.evaluate(() => ({
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        drawn: [...document.querySelectorAll('figure svg')].filter((svg) => svg.getBoundingClientRect().width > 0)
          .length,
      }));
      expect(troubles).toStrictEqual([]);
      expect(wide).toBeLessThanOrEqual(0);
      expect(drawn).toBeGreaterThan(4);
      await page.close();
    }
  });

  it('prints to a PDF of several pages', async () => {
    const { path: file, bytes } = await report([run.id], 'pdf');
    const pdf = readFileSync(file).toString('latin1');
    expect(pdf.startsWith('%PDF-')).toBe(true);
    expect(pdf.match(/\/Type\s*\/Page\b/g)!.length).toBeGreaterThan(1);
    expect(bytes).toBeGreaterThan(20_000);
    expect(existsSync(file)).toBe(true);
  });
});
