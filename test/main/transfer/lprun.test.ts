import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { openPromise } from 'yauzl';
import { ZipFile } from 'yazl';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run, Series } from '../../../src/core/contract/runs.ts';
import {
  checkpointNames,
  openTestApp,
  refusal,
  smallRun,
  temporaryFolders,
  type TestApp,
} from '../services/testApp.ts';

const folders = temporaryFolders();
let home: TestApp;
let away: TestApp;
let run: Run;
let file: string;

beforeAll(async () => {
  home = openTestApp(folders.create());
  away = openTestApp(folders.create());
  run = await home.train(smallRun({ epochs: 4 }), '=HYPERLINK("evil") <script>');
  run = await home.untilStatus(run, 'completed', 'failed');
  // longer than at first, so that it has two configurations
  await home.runs.resume({ runId: run.id, epochs: 6, extend: 'keepHorizon' });
  run = await home.until(run, ({ status, config }) => status === 'completed' && config.epochs === 6);
  run = await home.runs.setTags({ runId: run.id, tags: ['kept', 'ключ'] });
  run = await home.runs.setNote({ runId: run.id, note: 'two\nlines, "quoted"' });
  file = path.join(folders.create(), 'run.lprun');
  await home.app.transfers.exportRun({ runId: run.id, path: file });
}, 60_000);

afterAll(async () => {
  await home.app.close();
  await away.app.close();
  folders.remove();
});

const everything = async ({ runs }: TestApp, runId: string): Promise<Series[]> => runs.metrics({ runId, maxPoints: 0 });

/** Files of the checkpoints of a run with their bytes. */
function checkpointBytes({ dataDir }: TestApp, runId: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of checkpointNames(dataDir, runId)) {
    const dir = path.join(dataDir, 'runs', runId, 'checkpoints', name);
    for (const entry of readdirSync(dir)) found[`${name}/${entry}`] = readFileSync(path.join(dir, entry), 'base64');
  }
  return found;
}

const removeFor = async ({ runs }: TestApp, runId: string): Promise<void> => {
  await runs.delete({ runId });
  await runs.purge({ runId });
};

describe('a run in one file', () => {
  it('is the same run on another machine: id, settings, every point, log, checkpoints', async () => {
    const there = await away.app.transfers.importRun({ path: file });
    expect(there).toStrictEqual(run);
    expect(await everything(away, run.id)).toStrictEqual(await everything(home, run.id));
    expect(checkpointBytes(away, run.id)).toStrictEqual(checkpointBytes(home, run.id));
    expect(await away.runs.logs({ runId: run.id })).toStrictEqual(await home.runs.logs({ runId: run.id }));
    const plain = async (app: TestApp) =>
      (await app.runs.checkpoints({ runId: run.id })).map(({ path: at, ...rest }) => ({
        ...rest,
        name: path.basename(at),
      }));
    expect(await plain(away)).toStrictEqual(await plain(home));
    await removeFor(away, run.id);
  });

  it('goes on where it was, bit for bit, on another machine', async () => {
    await away.app.transfers.importRun({ path: file });
    for (const app of [home, away]) {
      await app.runs.resume({ runId: run.id, epochs: 8, extend: 'keepHorizon' });
      await app.until(run, ({ status, config }) => status === 'completed' && config.epochs === 8);
    }
    const last = (app: TestApp) => checkpointBytes(app, run.id)['step-000000096/weights.safetensors'];
    expect(last(home)).toBeDefined();
    expect(last(away)).toBe(last(home));
    await removeFor(away, run.id);
  });

  it('comes back after it was deleted', async () => {
    const again = path.join(folders.create(), 'again.lprun');
    await home.app.transfers.exportRun({ runId: run.id, path: again });
    const before = await home.runs.get({ runId: run.id });
    const points = await everything(home, run.id);
    await removeFor(home, run.id);
    expect(await home.app.transfers.importRun({ path: again })).toStrictEqual(before);
    expect(await everything(home, run.id)).toStrictEqual(points);
  });

  it('holds its report when asked, for people, and is taken in all the same', async () => {
    const withReport = path.join(folders.create(), 'with-report.lprun');
    await home.app.transfers.exportRun({ runId: run.id, path: withReport, includeReport: true });
    const page = (await entriesOf(withReport)).find(({ name }) => name === 'report.html')!.bytes.toString();
    expect(page).toContain('<!doctype html>');
    expect(page).toContain('=HYPERLINK(&quot;evil&quot;) &lt;script&gt;');
    expect(page).not.toContain('<script');
    expect((await entriesOf(file)).map(({ name }) => name)).not.toContain('report.html');
    const there = await away.app.transfers.importRun({ path: withReport });
    expect(there.id).toBe(run.id);
    await removeFor(away, run.id);
  });

  it('is not taken in twice, but as a copy', async () => {
    const twice = await refusal(home.app.transfers.importRun({ path: file }));
    expect(twice).toMatchObject({ code: 'conflict', message: expect.stringContaining('here already') });
    const copy = await home.app.transfers.importRun({ path: file, asCopy: true });
    expect(copy.id).not.toBe(run.id);
    expect(copy).toMatchObject({ name: run.name, config: { epochs: 6 } });
    expect(Object.keys(checkpointBytes(home, copy.id)).length).toBeGreaterThan(0);
  });

  it('is not written over a file that is there, unless asked', async () => {
    const there = path.join(folders.create(), 'thesis.doc');
    writeFileSync(there, 'mine');
    const call = home.app.transfers.exportRun({ runId: run.id, path: there });
    expect(await refusal(call)).toMatchObject({ code: 'conflict' });
    expect(readFileSync(there, 'utf8')).toBe('mine');
    await home.app.transfers.exportRun({ runId: run.id, path: there, overwrite: true });
    expect(readFileSync(there).subarray(0, 2).toString()).toBe('PK');
  });

  it('of a run that trains is refused', async () => {
    const training = await home.train(smallRun({ epochs: 100_000 }), 'training');
    await home.untilStatus(training, 'running');
    const call = home.app.transfers.exportRun({ runId: training.id, path: path.join(folders.create(), 'x.lprun') });
    expect(await refusal(call)).toMatchObject({
      code: 'wrongState',
      message: expect.stringContaining('pause or stop'),
    });
    await home.runs.stop({ runId: training.id });
    await home.untilStatus(training, 'stopped');
  });
});

interface Entry {
  name: string;
  bytes: Buffer;
}

async function entriesOf(source: string): Promise<Entry[]> {
  const zip = await openPromise(source, { lazyEntries: true, autoClose: false });
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) {
    const pieces: Buffer[] = [];
    for await (const piece of (await zip.openReadStreamPromise(entry)) as Readable) pieces.push(piece as Buffer);
    entries.push({ name: entry.fileName, bytes: Buffer.concat(pieces) });
  }
  zip.close();
  return entries;
}

/** A zip with entries as given, whatever they are called. */
async function pack(entries: readonly Entry[]): Promise<string> {
  const target = path.join(folders.create(), 'attack.lprun');
  const zip = new ZipFile();
  const real = new Map<string, string>();
  entries.forEach(({ name, bytes }, i) => {
    // yazl refuses bad names, so they are put in afterwards, at the same length
    const harmless = name.replaceAll('..', 'qq').replace(/^\//, 'q');
    if (harmless !== name) real.set(harmless, name);
    zip.addBuffer(bytes, harmless, { mtime: new Date(2000, 0, 1 + i) });
  });
  zip.end();
  await pipeline(zip.outputStream as unknown as Readable, createWriteStream(target));
  let packed = readFileSync(target).toString('latin1');
  for (const [harmless, name] of real) packed = packed.replaceAll(harmless, name);
  writeFileSync(target, packed, 'latin1');
  return target;
}

const withManifest = (entries: readonly Entry[], change: (manifest: Record<string, never>) => void): Entry[] =>
  entries.map((entry) => {
    if (entry.name !== 'manifest.json') return entry;
    const manifest = JSON.parse(entry.bytes.toString()) as Record<string, never>;
    change(manifest);
    return { ...entry, bytes: Buffer.from(JSON.stringify(manifest)) };
  });

describe('a file that is not what it should be', () => {
  /** Everything in the data folder that could change. */
  const state = async () => ({
    runs: await away.runs.list({ includeDeleted: true }),
    folders: existsSync(path.join(away.dataDir, 'runs')) ? readdirSync(path.join(away.dataDir, 'runs')) : [],
    temporary: existsSync(path.join(away.dataDir, 'temporary'))
      ? readdirSync(path.join(away.dataDir, 'temporary'))
      : [],
    outside: readdirSync(path.dirname(away.dataDir)).filter((name) => name.includes('evil')),
  });
  /** Tries to take a file in, and tells whether anything is there that was not there before. */
  const attempt = async (source: string) => {
    const before = await state();
    const answer = await refusal(away.app.transfers.importRun({ path: source }));
    expect(await state()).toStrictEqual(before);
    return answer;
  };
  const refusedFor = (code: string, words: RegExp) => ({ code, message: expect.stringMatching(words) as string });

  it.each([0, 10, 0.25, 0.5, 0.9, 0.999])('cut off at %d of its length is refused', async (part) => {
    const bytes = readFileSync(file);
    const cut = path.join(folders.create(), 'cut.lprun');
    writeFileSync(cut, bytes.subarray(0, part < 1 ? Math.floor(part * bytes.length) : part));
    expect(await attempt(cut)).toMatchObject(refusedFor('fileUnreadable', /damaged or cut off/));
  });

  it('with one changed byte in weights, points or manifest is refused or the same', async () => {
    const bytes = readFileSync(file);
    const whole = await everything(home, run.id);
    const outcomes = new Set<string>();
    for (let i = 1; i < 40; i++) {
      const at = Math.floor((i / 40) * bytes.length);
      const changed = Buffer.from(bytes);
      changed[at]! ^= 0x10;
      const target = path.join(folders.create(), 'changed.lprun');
      writeFileSync(target, changed);
      const { code } = await refusal(away.app.transfers.importRun({ path: target }));
      outcomes.add(code);
      if (code !== 'none') continue;
      // a byte that says nothing, such as a time stamp
      outcomes.add(`the same: ${(await everything(away, run.id)).length === whole.length}`);
      await removeFor(away, run.id);
    }
    const allowed = ['fileUnreadable', 'unsafeArchive', 'none', 'the same: true'];
    expect([...outcomes].filter((outcome) => !allowed.includes(outcome))).toStrictEqual([]);
    expect(outcomes).toContain('fileUnreadable');
  });

  it('with other points than were written is refused, even when the zip is whole', async () => {
    const entries = await entriesOf(file);
    const better = entries.map((entry) =>
      entry.name === 'metrics.csv'
        ? {
            ...entry,
            bytes: Buffer.from(
              entry.bytes.toString().replace(/testAccuracy,\d+,0\.\d/, (row) => `${row.slice(0, -1)}9`),
            ),
          }
        : entry,
    );
    expect(await attempt(await pack(better))).toMatchObject(
      refusedFor('fileUnreadable', /metrics\.csv is not what was written|another size/),
    );
  });

  it.each(['../../evil.txt', '/evil.txt', 'checkpoints/../../../evil/state.json'])(
    'with the path %s writes nothing there',
    async (name) => {
      const entries = [...(await entriesOf(file)), { name, bytes: Buffer.from('evil') }];
      expect(await attempt(await pack(entries))).toMatchObject(refusedFor('unsafeArchive', /leads out|absolute/));
    },
  );

  it('with files that no run has, named in its manifest or not, is refused', async () => {
    const entries = await entriesOf(file);
    const extra = { name: 'checkpoints/step-48/evil.so', bytes: Buffer.from('evil') };
    expect(await attempt(await pack([...entries, extra]))).toMatchObject(refusedFor('unsafeArchive', /does not name/));
    const named = withManifest(entries, (manifest) => {
      (manifest['files'] as unknown as object[]).push({ name: extra.name, bytes: 4, sha256: '0'.repeat(64) });
    });
    expect(await attempt(await pack([...named, extra]))).toMatchObject(refusedFor('unsafeArchive', /no run has/));
  });

  it('with an id that is a path is refused', async () => {
    const entries = withManifest(await entriesOf(file), (manifest) => {
      (manifest['run'] as unknown as { id: string }).id = '../../evil';
    });
    expect(await attempt(await pack(entries))).toMatchObject(
      refusedFor('fileUnreadable', /manifest\.json is not valid \(run\.id/),
    );
  });

  it('of a newer version says to update', async () => {
    const entries = withManifest(await entriesOf(file), (manifest) => {
      (manifest as unknown as { version: number }).version = 2;
    });
    expect(await attempt(await pack(entries))).toMatchObject(refusedFor('fileUnreadable', /newer version/));
  });

  it('of another kind says so', async () => {
    const target = path.join(folders.create(), 'notes.lprun');
    writeFileSync(target, 'not a zip at all');
    expect(await attempt(target)).toMatchObject(refusedFor('fileUnreadable', /no \.lprun file/));
    expect(await attempt(await pack([{ name: 'a.txt', bytes: Buffer.from('a') }]))).toMatchObject(
      refusedFor('fileUnreadable', /no manifest\.json/),
    );
  });
});

it('a program that ended while a run was taken in leaves nothing of it', async () => {
  const dataDir = folders.create();
  const first = openTestApp(dataDir);
  await first.app.transfers.importRun({ path: file });
  await first.app.close();
  // as it looks when the program ended before the last step of taking in
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(path.join(dataDir, 'lp-workbench.db'));
  db.prepare('INSERT INTO settings (key, value) VALUES (?, ?)').run(`partialRun.${run.id}`, '{"sinceMs":1}');
  db.close();
  const second = openTestApp(dataDir);
  expect(await second.runs.list({ includeDeleted: true })).toStrictEqual([]);
  expect((await second.app.transfers.importRun({ path: file })).id).toBe(run.id);
  await second.app.close();
});

it('a place that cannot be written is named, and nothing is left', async () => {
  const dir = folders.create();
  mkdirSync(path.join(dir, 'sub'));
  copyFileSync(file, path.join(dir, 'blocker'));
  const call = home.app.transfers.exportRun({ runId: run.id, path: path.join(dir, 'blocker', 'x.lprun') });
  expect(await refusal(call)).toMatchObject({ code: 'fileNotWritable', message: expect.stringContaining('blocker') });
  expect(readdirSync(dir).toSorted()).toStrictEqual(['blocker', 'sub']);
  rmSync(dir, { recursive: true });
});
