import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import type { ImportProgress } from '../../../../src/core/contract/datasetImport.ts';
import { openTestApp, refusal, smallRun, temporaryFolders, type TestApp } from '../../services/testApp.ts';

const folders = temporaryFolders();
let open: TestApp | undefined;
afterEach(async () => {
  await open?.app.close();
  open = undefined;
});
afterAll(() => folders.remove());

function start(): TestApp & { file(name: string, content: string | Uint8Array): string; kept(): string[] } {
  open = openTestApp(folders.create());
  const { dataDir } = open;
  return {
    ...open,
    file(name, content) {
      const file = path.join(dataDir, name);
      writeFileSync(file, content);
      return file;
    },
    kept: () => (existsSync(path.join(dataDir, 'datasets')) ? readdirSync(path.join(dataDir, 'datasets')) : []),
  };
}

/** Rows of two features and a class that follows from them. */
function flowers(rows: number, seed = 1): string {
  let state = seed;
  const next = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
  const lines = Array.from({ length: rows }, () => {
    const [a, b] = [next(), next()];
    return `${a.toFixed(4)},${b.toFixed(4)},${a > b ? 'wide' : 'tall'}`;
  });
  return ['width,height,kind', ...lines, ''].join('\n');
}

it('imports a CSV that then trains a run, tells its progress, and shows how it was made', async () => {
  const { app, file, train, untilStatus } = start();
  const progress: ImportProgress[] = [];
  const changes: unknown[] = [];
  app.subscribe('importProgress', (event) => progress.push(event));
  app.subscribe('datasetsChanged', (event) => changes.push(event));
  const source = file('Flowers 2024.csv', flowers(300));

  const inspection = await app.datasets.inspect({ importId: 'look', choices: { paths: [source] } });
  expect(inspection).toMatchObject({
    kind: 'table',
    rows: 300,
    isPartial: false,
    guess: { target: 'kind', task: 'classes', normalize: 'standardize' },
  });
  const { meta, isNew } = await app.datasets.import({ importId: 'in', choices: inspection.guess });
  expect(isNew).toBe(true);
  expect(meta).toMatchObject({
    id: 'flowers-2024',
    name: 'Flowers 2024',
    rows: 300,
    shape: [2],
    classes: ['tall', 'wide'],
    features: ['width', 'height'],
  });
  expect(progress.map(({ stage }) => stage)).toContain('writing');
  expect(changes).toHaveLength(1);

  const details = await app.datasets.details({ id: 'flowers-2024' });
  expect(details.record).toMatchObject({ files: [source], choices: inspection.guess });
  expect(details.record!.columns.map(({ name, role }) => [name, role])).toEqual([
    ['width', 'feature'],
    ['height', 'feature'],
    ['kind', 'target'],
  ]);

  const run = await train(smallRun({ dataset: { id: 'flowers-2024' }, epochs: 40, learningRate: { base: 0.02 } }));
  const ended = await untilStatus(run, 'completed', 'failed');
  expect(ended.failure).toBeNull();
  expect(ended.latest['testAccuracy']).toBeGreaterThan(0.9);
  expect((await app.datasets.details({ id: 'flowers-2024' })).runs).toEqual([ended.name]);
});

it('makes one dataset of the same data, and different names of different data', async () => {
  const { app, file, kept } = start();
  const a = file('a.csv', flowers(40));
  const first = await app.datasets.import({ importId: '1', choices: { paths: [a] } });
  const again = await app.datasets.import({ importId: '2', choices: { paths: [file('b.csv', flowers(40))] } });
  expect(again).toMatchObject({ isNew: false, meta: { id: first.meta.id, hash: first.meta.hash } });
  expect(again.warnings.map(({ kind }) => kind)).toContain('sameData');
  // two that end at the same time do not take each other's name
  const both = await Promise.all(
    [7, 8].map((seed) => {
      const source = file(`both-${seed}.csv`, flowers(40, seed));
      return app.datasets.import({ importId: `both ${seed}`, choices: { paths: [source], name: 'Both' } });
    }),
  );
  expect(both.map(({ meta }) => meta.id).toSorted()).toEqual(['both', 'both-2']);
  for (const { meta } of both) expect((await app.datasets.describe({ id: meta.id })).hash).toBe(meta.hash);
  expect(kept()).toHaveLength(3);
});

it('renames, and deletes only what no run uses unless told to', async () => {
  const { app, file, train, untilStatus, kept } = start();
  const { meta } = await app.datasets.import({ importId: '1', choices: { paths: [file('a.csv', flowers(60))] } });
  expect(await app.datasets.rename({ id: meta.id, name: ' Tall or wide ' })).toMatchObject({ name: 'Tall or wide' });
  expect(await app.datasets.describe({ id: meta.id })).toMatchObject({ id: 'a', name: 'Tall or wide' });
  expect(await refusal(app.datasets.rename({ id: 'digits', name: 'x' }))).toMatchObject({ code: 'unknownDataset' });

  const run = await train(smallRun({ dataset: { id: meta.id }, epochs: 1 }), 'my run');
  await untilStatus(run, 'completed', 'failed');
  const asked = await refusal(app.datasets.delete({ id: meta.id }));
  expect(asked.code).toBe('conflict');
  expect(asked.message).toContain('"my run"');
  expect(kept()).toHaveLength(1);
  await app.datasets.delete({ id: meta.id, force: true });
  expect(kept()).toEqual([]);
  expect(await refusal(app.datasets.describe({ id: meta.id }))).toMatchObject({ code: 'unknownDataset' });
});

it('cancels at once and leaves nothing', async () => {
  const { app, file, kept } = start();
  const source = file('large.csv', flowers(400_000));
  const importing = refusal(app.datasets.import({ importId: 'big', choices: { paths: [source] } }));
  await new Promise<void>((resolve) => {
    app.subscribe('importProgress', () => resolve());
  });
  expect(await refusal(app.datasets.import({ importId: 'big', choices: { paths: [source] } }))).toMatchObject({
    code: 'conflict',
  });
  expect(await app.datasets.cancelImport({ importId: 'big' })).toEqual({ wasRunning: true });
  expect((await importing).code).toBe('cancelled');
  expect(kept()).toEqual([]);
  expect(await app.datasets.cancelImport({ importId: 'big' })).toEqual({ wasRunning: false });
});

it('exports what can be imported again as the same numbers', async () => {
  const { app, file, dataDir } = start();
  const { meta } = await app.datasets.import({
    importId: '1',
    choices: { paths: [file('a.csv', flowers(80))], normalize: 'none' },
  });
  const csv = path.join(dataDir, 'out.csv');
  const written = await app.datasets.export({ id: meta.id, path: csv, format: 'csv' });
  expect(written).toEqual({ path: csv, bytes: statSync(csv).size });
  expect(readFileSync(csv, 'utf8')).toMatch(/^width,height,kind,part\n/);
  expect(await refusal(app.datasets.export({ id: meta.id, path: csv, format: 'csv' }))).toMatchObject({
    code: 'conflict',
  });
  await app.datasets.export({ id: meta.id, path: csv, format: 'npz', overwrite: true });
  expect(readFileSync(csv).subarray(0, 2).toString()).toBe('PK');
  expect(readdirSync(dataDir).filter((name) => name.includes('.part'))).toEqual([]);
});
