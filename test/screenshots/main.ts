/**
 * npm run screenshots -- [name ...]: takes the pictures of docs/screenshots in Chromium, light and dark, in two sizes, from
 * runs that it trains for them, and writes docs/screenshots.md. With names, only those views. Ends with exit code 1 when a
 * page complained in its console or cuts text off.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { format } from 'prettier';
import sharp from 'sharp';
import { processHost } from '../../src/main/cli/cliHost.ts';
import { connectWorkbench } from '../../src/main/cli/connectWorkbench.ts';
import { chromiumProgram, openBrowser, serveWorkbench, type Look } from '../e2e/surface.ts';
import { findCutText } from './cutText.ts';
import { writeFilesToDrop, type FilesToDrop } from './filesToDrop.ts';
import { screenshotsPage } from './page.ts';
import { prepareScene, training } from './scene.ts';
import type { PicturedView } from './picturedView.ts';
import { picturedViews } from './views.ts';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const looks: readonly Look[] = (['light', 'dark'] as const).flatMap((scheme) => [
  { width: 1280, height: 720, scheme },
  { width: 1920, height: 1080, scheme },
]);
/** Until fonts, transitions and the first frames of charts have settled. */
const settleMs = 600;

const wanted = new Set(process.argv.slice(2));
const views = picturedViews.filter(({ name }) => wanted.size === 0 || wanted.has(name));
const problems: string[] = [];

async function picture(page: Page, view: PicturedView, look: Look): Promise<void> {
  const place = `${view.name}, ${look.scheme}, ${look.width}x${look.height}`;
  const cut = await findCutText(page);
  problems.push(...cut.map((text) => `${place}: cut off: ${text}`));
  const png = await page.screenshot({ animations: 'disabled' });
  const file = join(docs, 'screenshots', `${view.name}-${look.scheme}-${look.width}.webp`);
  await sharp(png).webp({ quality: 75, effort: 6, smartSubsample: true }).toFile(file);
}

/** Lets a run train and others wait while the pictures are taken, and tells the ids of all runs and studies by their names. */
async function startTraining(dataDir: string): Promise<ReadonlyMap<string, string>> {
  const { runs, studies, close } = await connectWorkbench(processHost(), dataDir, '');
  try {
    for (const { name, config } of training) await runs.create({ name, config });
    const listed = await runs.list({});
    // the oldest of a name, so that what is queued now stands for itself
    return new Map([...listed, ...(await studies.list({}))].map(({ name, id }) => [name, id]));
  } finally {
    await close();
  }
}

async function photograph(scene: PicturedView['scene'], dataDir: string, files: FilesToDrop): Promise<void> {
  const chosen = views.filter((view) => view.scene === scene);
  if (chosen.length === 0) return;
  const served = await serveWorkbench(dataDir);
  try {
    const ids = scene === 'full' ? await startTraining(dataDir) : new Map<string, string>();
    const idOf = (name: string): string => {
      const id = ids.get(name);
      if (id === undefined) throw new Error(`no run or study is called "${name}"`);
      return id;
    };
    const origin = new URL('/', served.url);
    const { page, complaints, end } = await openBrowser(chromium, served.url);
    const go = async (address: string): Promise<void> => {
      await page.goto(new URL(`#${address}`, origin).href);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
    };
    try {
      for (const look of looks) {
        await page.setViewportSize({ width: look.width, height: look.height });
        await page.emulateMedia({ colorScheme: look.scheme });
        for (const view of chosen) {
          // every view begins as it does when it is opened first
          await page.goto('about:blank');
          await view.open(page, go, idOf, files);
          await page.mouse.move(look.width - 3, look.height - 3);
          await page.waitForTimeout(settleMs);
          await picture(page, view, look);
          problems.push(...complaints.splice(0).map((text) => `${view.name}: console: ${text}`));
        }
        process.stdout.write(`${scene}: ${look.scheme} ${look.width}x${look.height}\n`);
      }
    } finally {
      await end();
    }
  } finally {
    await served.end();
  }
}

const program = chromiumProgram();
if (!program) {
  process.stderr.write('There is no Chromium here; install it, or set LP_WORKBENCH_CHROMIUM to its program.\n');
  process.exit(2);
}
const chromium = program;
const folder = await mkdtemp(join(tmpdir(), 'lp-workbench-screenshots-'));
try {
  await mkdir(join(docs, 'screenshots'), { recursive: true });
  const files = await writeFilesToDrop(join(folder, 'files'));
  await photograph('empty', join(folder, 'empty'), files);
  if (views.some(({ scene }) => scene === 'full')) {
    process.stdout.write('training the runs that are shown ...\n');
    await prepareScene(join(folder, 'full'));
  }
  await photograph('full', join(folder, 'full'), files);
  await writeFile(join(docs, 'screenshots.md'), await format(screenshotsPage(picturedViews), { parser: 'markdown' }));
} finally {
  await rm(folder, { recursive: true, force: true });
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
