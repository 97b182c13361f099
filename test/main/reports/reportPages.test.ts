import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReportSubject } from '../../../src/core/contract/reports.ts';
import { findChromium } from '../../../src/main/reports/printWithChromium.ts';
import { openTestApp, temporaryFolders, type TestApp } from '../services/testApp.ts';
import { inkOutside, overlaps, pagesOf, readPdf, wordsOutside } from './readPdf.ts';
import { readReport, shows, type ReadReport } from './reportPage.ts';
import { trainScene, type ReportScene } from './reportScene.ts';

const folders = temporaryFolders();
const browserPath = findChromium({ env: process.env, platform: process.platform });
const hasPoppler = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'].some((dir) =>
  existsSync(path.join(dir, 'pdftoppm')),
);
if (browserPath === null) process.stderr.write('Not checked: what reports show (no Chromium).\n');
else if (!hasPoppler) process.stderr.write('Not checked: the pages of reports as PDF (no pdftoppm of poppler).\n');

interface StoredRun {
  config: Record<string, unknown>;
  parameters: number;
  trainSeconds: number;
  datasetHash: string;
  /** of every metric, in step order */
  series: Record<string, { step: number; value: number }[]>;
}

/** A run as the database file has it, read with SQL alone. */
function stored(dataDir: string, runId: string): StoredRun {
  const db = new Database(path.join(dataDir, 'lp-workbench.db'), { readonly: true });
  try {
    const row = db
      .prepare<[string], { config: string; parameters: number; trainSeconds: number; datasetHash: string }>(
        `SELECT (SELECT config FROM run_configs WHERE run_id = runs.id ORDER BY version DESC LIMIT 1) AS config,
           parameter_count AS parameters, train_seconds AS trainSeconds, dataset_hash AS datasetHash
         FROM runs WHERE id = ?`,
      )
      .get(runId)!;
    const points = db
      .prepare<[string], { key: string; step: number; value: number }>(
        'SELECT key, step, value FROM metrics JOIN metric_keys ON metric_keys.id = key_id WHERE run_id = ? ORDER BY key, step',
      )
      .all(runId);
    const series: StoredRun['series'] = {};
    for (const { key, step, value } of points) (series[key] ??= []).push({ step, value });
    return { ...row, config: JSON.parse(row.config) as Record<string, unknown>, series };
  } finally {
    db.close();
  }
}

const wordsOf = (metric: string): string => metric.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
/** `test accuracy` as it is stored: `testAccuracy` */
const keyOf = (words: string): string => words.replaceAll(/ ([a-z])/g, (_, letter: string) => letter.toUpperCase());
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const deviation = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1));

/** All that a configuration says, as text by the last part of its path. */
function leaves(value: unknown, name = ''): [string, string][] {
  if (Array.isArray(value))
    return [[name, value.map((item) => (typeof item === 'object' ? JSON.stringify(item) : item)).join(',')]];
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => [...leaves(inner, key)]);
}

/** Letters that pdftotext finds in the order in which they were written. */
const plain = (text: string): string => text.replaceAll(/[^\x21-\x7e]/g, '');

/** Tables of a Markdown file, with every mark of a text taken off. */
function markdownTables(markdown: string): string[][][] {
  const tables: string[][][] = [];
  let open: string[][] | null = null;
  for (const line of markdown.split('\n')) {
    if (!line.startsWith('| ')) {
      open = null;
      continue;
    }
    if (line.startsWith('| ---')) continue;
    if (!open) tables.push((open = []));
    const cells = line.slice(2, -2).split(/(?<!\\) \| /);
    open.push(cells.map((cell) => cell.replaceAll('**', '').replaceAll(/\\(.)/g, '$1').trim()));
  }
  return tables;
}

describe.runIf(browserPath !== null)('a report', () => {
  let test: TestApp;
  let scene: ReportScene;
  let browser: Browser;
  let out: string;
  let made = 0;

  const write = async (
    subject: ReportSubject,
    format: 'html' | 'pdf' | 'md',
    options: object = {},
  ): Promise<string> => {
    const file = path.join(out, `report-${made++}.${format}`);
    await test.app.reports.create({ subject, options, format, path: file });
    return file;
  };
  const read = async (subject: ReportSubject): Promise<ReadReport> => readReport(browser, await write(subject, 'html'));

  beforeAll(async () => {
    test = openTestApp(folders.create(), { concurrency: 2 });
    out = folders.create();
    scene = await trainScene(test, (name, text) => {
      writeFileSync(path.join(out, name), text);
      return path.join(out, name);
    });
    browser = await chromium.launch({
      executablePath: browserPath!,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await test?.app.close();
    folders.remove();
  });

  describe('of a digits run, opened without a network', () => {
    let page: ReadReport;
    let run: StoredRun;
    let predictions: { row: number; target: number; predicted: number; loss: number; confidence: number }[];
    beforeAll(async () => {
      page = await read({ runIds: [scene.digits.id] });
      run = stored(test.dataDir, scene.digits.id);
      const csv = path.join(out, 'predictions.csv');
      await test.app.results.exportPredictions({ runId: scene.digits.id, path: csv });
      predictions = readFileSync(csv, 'utf8')
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => {
          const [row, , target, predicted, ...shares] = line.split(',');
          const [right, said] = [Number(shares[Number(target)]), Number(shares[Number(predicted)])];
          const loss = -Math.log(right);
          return { row: Number(row), target: Number(target), predicted: Number(predicted), loss, confidence: said };
        });
    }, 60_000);

    it('asks for nothing, complains of nothing, and names the run', () => {
      expect(page.troubles).toStrictEqual([]);
      expect(page.title).toBe('LPSGDM on digits');
      expect(Object.keys(page.sections)).toStrictEqual([
        'Results',
        'Curves',
        'Classes',
        'Worst samples',
        'Settings',
        'Environment and data',
        'How to repeat it',
        'Formulas and references',
      ]);
    });

    it('its results are the last and the best stored values', () => {
      const [, ...rows] = page.sections['Results']!.tables[0]!;
      expect(rows.map(([metric]) => metric)).toContain('test accuracy');
      expect(rows.length).toBeGreaterThanOrEqual(6);
      for (const [words, last, best, step] of rows) {
        const points = run.series[keyOf(words!)]!;
        const isHigher = words!.endsWith('accuracy');
        const values = points.map(({ value }) => value);
        const wanted = isHigher ? Math.max(...values) : Math.min(...values);
        expect([words, last, shows(last!, values.at(-1))]).toStrictEqual([words, last, true]);
        expect([words, best, shows(best!, wanted)]).toStrictEqual([words, best, true]);
        expect(step).toBe(String(points.find(({ value }) => value === wanted)!.step));
      }
      expect(page.facts).toContain(`${run.trainSeconds.toFixed(1)} s of training`);
    });

    it('its verdict has the accuracy with Wilson’s interval', () => {
      const share = run.series['testAccuracy']!.at(-1)!.value;
      const [z, n] = [1.959964, 359];
      const center = (share + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
      const half = (z / (1 + z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2));
      const found = [...page.verdict.matchAll(/\d+\.\d+ %/g)].map(([text]) => text);
      expect(found).toHaveLength(3);
      [share, center - half, center + half].forEach((value, i) => {
        expect([found[i], shows(found[i]!, value)]).toStrictEqual([found[i], true]);
      });
      expect(page.verdict).toContain('after 12 epochs');
    });

    it('its confusion matrix, precision and recall are those of the predictions row by row', () => {
      const [matrix, scores] = page.sections['Classes']!.tables;
      const count = (is: (row: (typeof predictions)[number]) => boolean): number => predictions.filter(is).length;
      for (let target = 0; target < 10; target++) {
        const row = matrix![target + 1]!.slice(1).map((cell) => Number(cell || 0));
        expect(row).toStrictEqual(
          Array.from({ length: 10 }, (_, i) => count((each) => each.target === target && each.predicted === i)),
        );
        const right = count((each) => each.target === target && each.predicted === target);
        const [given, support] = [
          count(({ predicted }) => predicted === target),
          count((each) => each.target === target),
        ];
        const [name, rows, precision, recall, f1] = scores![target + 1]!;
        expect([name, rows]).toStrictEqual([String(target), String(support)]);
        expect(shows(precision!, given === 0 ? null : right / given)).toBe(true);
        expect(shows(recall!, right / support)).toBe(true);
        expect(shows(f1!, given === 0 ? null : (2 * right) / (given + support))).toBe(true);
      }
    });

    it('its worst samples are the rows of greatest loss', () => {
      const text = page.sections['Worst samples']!.text;
      const shown = [...text.matchAll(/says (\d) \((\d+) %\), is (\d)\s*row (\d+), loss ([\d.]+)/g)].map((match) =>
        match.slice(1).map(Number),
      );
      const worst = predictions.toSorted((a, b) => b.loss - a.loss).slice(0, 12);
      expect(shown).toHaveLength(12);
      shown.forEach(([predicted, percent, target, row, loss], i) => {
        const wanted = predictions.find((each) => each.row === row)!;
        expect([predicted, target]).toStrictEqual([wanted.predicted, wanted.target]);
        expect(percent).toBe(Math.round(100 * wanted.confidence));
        expect(loss).toBeCloseTo(worst[i]!.loss, 3);
      });
    });

    it('its settings, environment and command are those that were stored', () => {
      const known = leaves(run.config);
      const rows = page.sections['Settings']!.tables[0]!;
      expect(rows.length).toBeGreaterThan(25);
      for (const [name, value] of rows) {
        const stands = name === 'seeds' ? [String(run.config['seed'])] : known.map(([, text]) => text);
        expect(stands).toContain(value);
      }
      const environment = Object.fromEntries(page.sections['Environment and data']!.tables[0]! as [string, string][]);
      expect(environment['Trainable numbers']).toBe(run.parameters.toLocaleString('en'));
      expect(environment['Hash of the data']).toBe(run.datasetHash);
      expect(environment['Split']).toBe('test 0.2, validation 0.1, split seed 0');
      expect(page.sections['How to repeat it']!.text).toContain('--lr 0.01 --epochs 12');
    });

    it('its curves run through the stored points', () => {
      const { points } = page.sections['Curves']!;
      const steps = run.series['trainLoss']![0]!.step;
      for (const [title, key, line, isLog] of [
        ['Accuracy (%)', 'trainAccuracy', 0, false],
        ['Accuracy (%)', 'validationAccuracy', 1, false],
        ['Accuracy (%)', 'testAccuracy', 2, false],
        ['Loss', 'testLoss', 2, true],
        ['p of the norm', 'p', 0, false],
      ] as const) {
        const drawn = points.find((chart) => chart.title === title)!.lines[line]!;
        const stretch = run.series[key]!;
        expect(drawn).toHaveLength(stretch.length);
        const values = stretch.map(({ value }) => (isLog ? Math.log10(value) : value));
        const heights = drawn.map(([, y]) => y);
        // pixels are a line over values; those that lie outside of what is shown stand at its frame
        const [top, bottom] = [Math.min(...heights), Math.max(...heights)];
        const inside = values.map((_, i) => i).filter((i) => heights[i]! > top && heights[i]! < bottom);
        const [a, b] = [inside[0]!, inside.findLast((i) => values[i] !== values[inside[0]!])!];
        const slope = (heights[b]! - heights[a]!) / (values[b]! - values[a]!);
        for (const i of inside) expect(heights[i]).toBeCloseTo(heights[a]! + slope * (values[i]! - values[a]!), 0);
        expect(slope).toBeLessThan(0);
        const xSlope = (drawn.at(-1)![0] - drawn[0]![0]) / (stretch.at(-1)!.step - stretch[0]!.step);
        stretch.forEach(({ step }, i) => {
          expect(drawn[i]![0]).toBeCloseTo(drawn[0]![0] + xSlope * (step - stretch[0]!.step), 0);
        });
      }
      expect(steps).toBeGreaterThan(0);
    });

    it('says the same in Markdown, with its pictures beside it', async () => {
      const dir = await write({ runIds: [scene.digits.id] }, 'md');
      const markdown = readFileSync(path.join(dir, 'README.md'), 'utf8');
      const tables = markdownTables(markdown);
      const [results, matrix, scores, , settings] = tables;
      expect(results).toStrictEqual(page.sections['Results']!.tables[0]);
      expect(matrix!.map((row) => row.slice(1))).toStrictEqual(
        page.sections['Classes']!.tables[0]!.map((row) => row.slice(1)),
      );
      expect(scores).toStrictEqual(page.sections['Classes']!.tables[1]);
      expect(settings!.slice(1)).toStrictEqual(page.sections['Settings']!.tables[0]);
      const pictures = [...markdown.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, name]) => name!);
      expect(pictures.filter((name) => name.endsWith('.svg')).length).toBeGreaterThan(4);
      expect(pictures.filter((name) => name.endsWith('.png'))).toHaveLength(12);
      for (const name of pictures) expect(existsSync(path.join(dir, name))).toBe(true);
    });
  });

  describe('of a study over three seeds, opened without a network', () => {
    it('has means, spreads, paired differences and runs as they were stored', async () => {
      const { study, studyRuns } = scene;
      const page = await read({ studyId: study.id });
      expect(page.troubles).toStrictEqual([]);
      expect(page.title).toBe('LPSGDM beside SGDM on digits');
      const byOptimizer = Map.groupBy(studyRuns, ({ config }) => config.optimizer.id);
      const values = (optimizer: string, key: string): number[] =>
        byOptimizer
          .get(optimizer)!
          .toSorted((a, b) => a.config.seed - b.config.seed)
          .map(({ id }) => stored(test.dataDir, id).series[key]!.at(-1)!.value);

      const [groups, pairs, each] = page.sections['Results']!.tables;
      const [titles, ...rows] = groups!;
      expect(rows).toHaveLength(2);
      const optimizers = rows.map(([label]) => (/sgd with momentum/i.test(label!) ? 'sgdm' : 'lpsgdm'));
      expect(new Set(optimizers).size).toBe(2);
      rows.forEach((row, i) => {
        expect(row[1]).toBe('3');
        titles!.slice(2).forEach((words, at) => {
          const [average, spread] = row[at + 2]!.split(' ± ');
          const found = values(optimizers[i]!, keyOf(words));
          const isShare = words.endsWith('accuracy');
          const scale = isShare ? 100 : 1;
          // both end at the second digit of the spread, of a share at the second decimal
          const decimals = average!.split('.')[1]?.length ?? 0;
          const half = 0.5000001 * 10 ** -decimals;
          expect(Math.abs(Number(average) - scale * mean(found))).toBeLessThan(half);
          expect(Math.abs(Number.parseFloat(spread!) - scale * deviation(found))).toBeLessThan(half);
          expect(decimals).toBe(isShare ? 2 : 1 - Math.floor(Math.log10(deviation(found))));
        });
      });

      const [best, other] =
        mean(values('lpsgdm', 'testAccuracy')) >= mean(values('sgdm', 'testAccuracy'))
          ? ['lpsgdm', 'sgdm']
          : ['sgdm', 'lpsgdm'];
      const differences = values(best!, 'testAccuracy').map((value, i) => value - values(other!, 'testAccuracy')[i]!);
      // t(0.975; 2) = 4.302653
      const half = (4.302652729911275 * deviation(differences)) / Math.sqrt(3);
      const [, [, seeds, difference, interval] = []] = pairs!;
      const [low, high] = interval!.split(' to ');
      expect(seeds).toBe('3');
      expect([difference, shows(difference!, mean(differences))]).toStrictEqual([difference, true]);
      expect([low, shows(low!, mean(differences) - half)]).toStrictEqual([low, true]);
      expect([high, shows(high!, mean(differences) + half)]).toStrictEqual([high, true]);

      const [runTitles, ...runRows] = each!;
      expect(runRows).toHaveLength(6);
      for (const row of runRows) {
        const run = studyRuns.find(({ name }) => name === row[0])!;
        const { series, trainSeconds } = stored(test.dataDir, run.id);
        expect(row.slice(1, 3)).toStrictEqual([String(run.config.seed), 'completed']);
        runTitles!.slice(3, -1).forEach((words, at) => {
          const value = series[keyOf(words)]!.at(-1)!.value;
          expect([words, row[at + 3], shows(row[at + 3]!, value)]).toStrictEqual([words, row[at + 3], true]);
        });
        expect(row.at(-1)).toBe(`${trainSeconds.toFixed(1)} s`);
      }
      const markdown = markdownTables(
        readFileSync(path.join(await write({ studyId: study.id }, 'md'), 'README.md'), 'utf8'),
      );
      expect(markdown.slice(0, 3)).toStrictEqual([groups, pairs, each]);
      expect(wordsOf('testAccuracy')).toBe('test accuracy');
    });
  });

  describe.runIf(hasPoppler)('as a PDF', () => {
    it.each([
      ['a run', () => ({ runIds: [scene.digits.id] })],
      ['a study', () => ({ studyId: scene.study.id })],
      [
        'a comparison whose names are long or mean harm',
        () => ({ runIds: [...scene.odd, scene.digits].map(({ id }) => id) }),
      ],
      ['classes whose names are long or mean harm', () => ({ runIds: [scene.table.id] })],
    ] as const)(
      'of %s has all its sections, and nothing on its pages is cut or lies over something else',
      async (_, subject) => {
        const notes = `Notes with $\\frac{1}{p}$, ${'averylongword'.repeat(20)} and\n\n| a | b |\n| - | - |\n| 1 | ${'cell'.repeat(40)} |`;
        const shown = await readReport(browser, await write(subject(), 'html', { notes }));
        const file = await write(subject(), 'pdf', { notes });
        const pages = readPdf(file);
        expect(pages.length).toBeGreaterThan(1);
        const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
        for (const title of Object.keys(shown.sections)) {
          expect(plain(text)).toContain(plain(title));
        }
        // A4 with margins of 16 and 14 mm, in points
        expect(wordsOutside(pages, { side: 39, end: 42 })).toStrictEqual([]);
        expect(overlaps(pages)).toStrictEqual([]);
        for (const [i, ink] of inkOutside(pagesOf(file, out), { side: 38, end: 42 }).entries()) {
          expect({ page: i + 1, ...ink }).toStrictEqual({
            page: i + 1,
            outside: 0,
            inside: expect.any(Number) as number,
          });
          expect(ink.inside).toBeGreaterThan(50);
        }
        // a figure lies whole on one page: its title and its axis are words of the same page
        const titles = shown.sections['Curves']!.points.map(({ title }) => title);
        for (const title of titles)
          expect(
            pages.some((words) =>
              words
                .map(({ text: word }) => word)
                .join(' ')
                .includes(title),
            ),
          ).toBe(true);
      },
      120_000,
    );
  });
});
