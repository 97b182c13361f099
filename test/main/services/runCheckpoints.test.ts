import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import {
  checkpointToResume,
  createRunCheckpoints,
  type RunCheckpoints,
} from '../../../src/main/services/runCheckpoints.ts';
import { createRunFiles } from '../../../src/main/services/runFiles.ts';
import { openStorage } from '../../../src/main/storage/openStorage.ts';
import { storedRun } from '../storage/storageFixtures.ts';
import { temporaryFolders } from './testApp.ts';

const folders = temporaryFolders();
afterAll(folders.remove);
let dir: string;
let checkpoints: RunCheckpoints;
beforeEach(() => {
  const dataDir = folders.create();
  const storage = openStorage({ dataDir, readOnly: false });
  storage.runs.insert(storedRun('a'));
  const files = createRunFiles(path.join(dataDir, 'runs'));
  dir = files.checkpointDir('a');
  checkpoints = createRunCheckpoints(storage.checkpoints, files, () => 7);
  return () => storage.close();
});

/** A checkpoint folder as a worker leaves it. */
function write(name: string, writtenAtMs = 1_000): string {
  const folder = path.join(dir, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'weights.safetensors'), 'weights');
  writeFileSync(path.join(folder, 'state.json'), JSON.stringify({ sha256: { 'weights.safetensors': 'x' } }));
  utimesSync(path.join(folder, 'state.json'), writtenAtMs / 1_000, writtenAtMs / 1_000);
  return folder;
}
const record = (name: string, step: number): void =>
  checkpoints.record(
    'a',
    { path: path.join(dir, name), step, epoch: step / 10, bytes: 1, kind: 'periodic', monitored: null },
    [],
  );
const stepsKnown = (): number[] => checkpoints.list('a').map(({ step }) => step);

it('learns of checkpoints that nobody reported, and forgets those that are gone or not whole', async () => {
  for (const step of [10, 20, 30]) {
    write(`step-${step}`);
    record(`step-${step}`, step);
  }
  rmSync(path.join(dir, 'step-20'), { recursive: true });
  rmSync(path.join(dir, 'step-30', 'weights.safetensors'));
  write('step-40');
  write('best-35');
  write('.step-50.123.tmp');
  const found = await checkpoints.reconcile('a', 10);
  expect(found.map(({ step, kind, epoch }) => [step, kind, epoch])).toEqual([
    [40, 'periodic', 4],
    [35, 'best', 3.5],
    [10, 'periodic', 1],
  ]);
  expect(found[0]).toMatchObject({ path: path.join(dir, 'step-40'), bytes: 45, createdAtMs: 7 });
  expect(stepsKnown()).toEqual([40, 35, 10]);
});

it('a run goes on where its stored metrics reach; where none do, from the earliest checkpoint', async () => {
  for (const step of [10, 20, 30]) write(`step-${step}`);
  const known = await checkpoints.reconcile('a', 10);
  expect(checkpointToResume(known, 30)?.step).toBe(30);
  expect(checkpointToResume(known, 29)?.step).toBe(20);
  expect(checkpointToResume(known, 3)?.step).toBe(10);
  expect(checkpointToResume([], 3)).toBeUndefined();
});

it('checkpoints of steps that are taken again go, but not those written meanwhile', async () => {
  for (const step of [10, 20, 30]) write(`step-${step}`);
  await checkpoints.reconcile('a', 10);
  const removeOutdated = await checkpoints.outdatedAfter('a', 10);
  write('step-30', 2_000);
  write('step-40');
  await removeOutdated();
  expect(readdirSync(dir).toSorted()).toEqual(['step-10', 'step-30', 'step-40']);
  expect(stepsKnown()).toEqual([30, 10]);
});
