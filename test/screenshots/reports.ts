/**
 * npm run screenshots:reports: makes reports of a run, of a comparison and of a study from runs that it trains for them, and
 * takes their pictures in Chromium for docs/reports.md: light, dark, as wide as a phone, and on paper. Ends with exit code 1
 * when a report complains in its console, cuts text off or is wider than its window.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import type { RunConfigInput } from '../../src/core/contract/runConfig.ts';
import type { ReportFormat, ReportSubject } from '../../src/core/contract/reports.ts';
import { sampleRunConfig } from '../../src/core/runs/sampleRun.ts';
import { chromiumProgram } from '../e2e/surface.ts';
import { openTestApp } from '../main/services/testApp.ts';
import { findCutText } from './cutText.ts';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const pictures = join(docs, 'screenshots');
const wide = { width: 1280, height: 1500 };
const phone = { width: 390, height: 1100 };
const webp = { quality: 78, effort: 6, smartSubsample: true } as const;

const base: RunConfigInput = {
  dataset: { id: 'digits' },
  model: { preset: 'mlp' },
  split: { validation: 0.1, test: 0.2 },
  epochs: 30,
};
const notes =
  'The **same split** for all runs. With $\\rho = \\frac{p - 2}{p - 1}$ annealed to 0, the last epochs are those of SGD with momentum.';

interface Pictured {
  name: string;
  subject: ReportSubject;
}

/** Trains what is pictured and writes each report as HTML and, where it can be drawn, as PDF. */
async function makeReports(folder: string): Promise<Pictured[]> {
  const { app, train, untilStatus, untilStudy } = openTestApp(join(folder, 'data'), {
    concurrency: 2,
    softwareVersion: '0.1.0',
  });
  try {
    const sample = await train(sampleRunConfig, 'LPSGDM, small CNN on digits');
    const compared: [string, RunConfigInput][] = [
      ['LPSGDM', { optimizer: { id: 'lpsgdm' }, learningRate: { base: 0.01 } }],
      ['SGD with momentum', { optimizer: { id: 'sgdm' }, learningRate: { base: 0.05 } }],
      ['AdamW', { optimizer: { id: 'adamw' }, learningRate: { base: 0.003 } }],
    ];
    const runs = [];
    for (const [name, changes] of compared) runs.push(await train({ ...base, ...changes }, name));
    const { id: studyId } = await app.studies.create({
      name: 'Does annealing p help on digits?',
      spec: {
        base,
        optimizers: [
          {
            id: 'lpsgdm',
            label: 'p from 6 to 2',
            settings: { 'learningRate.base': 0.01 },
          },
          {
            id: 'lpsgdm',
            label: 'p stays at 6',
            settings: {
              'learningRate.base': 0.01,
              'pSchedule.kind': 'constant',
            },
          },
        ],
        seeds: [0, 1, 2],
      },
    });
    await app.studies.start({ studyId });
    for (const run of [sample, ...runs]) await untilStatus(run, 'completed', 'failed');
    await untilStudy({ id: studyId }, ({ status }) => status === 'completed');
    const reports: Pictured[] = [
      { name: 'run', subject: { runIds: [sample.id] } },
      { name: 'comparison', subject: { runIds: runs.map(({ id }) => id) } },
      { name: 'study', subject: { studyId } },
    ];
    for (const { name, subject } of reports) {
      for (const format of ['html', 'pdf'] satisfies ReportFormat[]) {
        const options = name === 'study' ? { notes } : {};
        await app.reports.create({
          subject,
          options,
          format,
          path: join(folder, `${name}.${format}`),
        });
      }
    }
    return reports;
  } finally {
    await app.close();
  }
}

const problems: string[] = [];

async function photograph(page: Page, folder: string, { name }: Pictured): Promise<void> {
  for (const [look, size, colorScheme] of [
    ['light', wide, 'light'],
    ['dark', wide, 'dark'],
    ['phone', phone, 'light'],
  ] as const) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    await page.goto(`file://${join(folder, `${name}.html`)}`);
    const place = `${name}, ${look}`;
    problems.push(...(await findCutText(page)).map((text) => `${place}: cut off: ${text}`));
    const png = await page.screenshot();
    await sharp(png)
      .webp(webp)
      .toFile(join(pictures, `report-${name}-${look}.webp`));
  }
}

/** The first pages of a PDF beside each other. */
async function paper(folder: string, name: string): Promise<void> {
  const place = join(folder, 'pages');
  await mkdir(place);
  execFileSync('pdftoppm', ['-r', '72', '-png', '-l', '4', join(folder, `${name}.pdf`), join(place, 'page')]);
  const pages = (await readdir(place)).toSorted().map((file) => join(place, file));
  const [width, height, gap] = [596, 842, 14];
  await sharp({
    create: {
      width: pages.length * (width + gap) + gap,
      height: height + 2 * gap,
      channels: 3,
      background: '#8a929c',
    },
  })
    .composite(
      pages.map((input, i) => ({
        input,
        left: gap + i * (width + gap),
        top: gap,
      })),
    )
    .webp(webp)
    .toFile(join(pictures, `report-${name}-paper.webp`));
}

const program = chromiumProgram();
if (!program || !existsSync('/usr/bin/pdftoppm')) {
  process.stderr.write('Pictures of reports need Chromium and pdftoppm (poppler).\n');
  process.exit(2);
}
const folder = await mkdtemp(join(tmpdir(), 'lp-workbench-reports-'));
try {
  process.stdout.write('training the runs that are reported ...\n');
  const reports = await makeReports(folder);
  const browser = await chromium.launch({
    executablePath: program,
    args: ['--no-sandbox'],
  });
  const page = await browser.newPage();
  page.on('console', (message) => problems.push(`console: ${message.text()}`));
  for (const report of reports) await photograph(page, folder, report);
  await browser.close();
  await paper(folder, 'run');
} finally {
  await rm(folder, { recursive: true, force: true });
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
