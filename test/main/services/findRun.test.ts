import { afterAll, beforeEach, expect, it } from 'vitest';
import { parseRunConfig } from '../../../src/core/contract/runConfig.ts';
import type { Run } from '../../../src/core/contract/runs.ts';
import { AppError } from '../../../src/core/errors.ts';
import { findRun } from '../../../src/main/services/findRun.ts';
import { createRunIds } from '../../../src/main/services/runId.ts';
import { openStorage, type Storage } from '../../../src/main/storage/openStorage.ts';
import { temporaryFolders } from './testApp.ts';

const folders = temporaryFolders();
afterAll(folders.remove);
let storage: Storage;
beforeEach(() => {
  storage = openStorage({ dataDir: folders.create(), readOnly: false });
  return () => storage.close();
});

function add(id: string, name: string, changes: Partial<Run> = {}): void {
  storage.runs.insert({
    id,
    name,
    note: '',
    tags: [],
    status: 'completed',
    endReason: null,
    failure: null,
    config: parseRunConfig({}),
    softwareVersion: '0',
    datasetHash: null,
    device: null,
    parameterCount: null,
    createdAtMs: 0,
    startedAtMs: null,
    endedAtMs: null,
    deletedAtMs: null,
    queuePosition: null,
    step: 0,
    totalSteps: null,
    stepsPerEpoch: null,
    trainSeconds: 0,
    latest: {},
    parent: null,
    ...changes,
  });
  if (changes.deletedAtMs !== undefined) storage.runs.update(id, { deletedAtMs: changes.deletedAtMs });
}
const find = (text: string): string => findRun(storage.runs, text).id;
function refusalOf(text: string): AppError {
  try {
    find(text);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error(`"${text}" was found`);
}

it('finds a run by id, by the beginning of one id, and by name, in this order', () => {
  add('abc123', 'first');
  add('abd456', 'second try');
  add('xyz789', 'abc123');
  expect(find('abc123')).toBe('abc123');
  expect(find('ABC123')).toBe('abc123');
  expect(find('abd')).toBe('abd456');
  expect(find('  second try ')).toBe('abd456');
  expect(find('x')).toBe('xyz789');
});

it('names the candidates when several runs fit', () => {
  add('abc1', 'same');
  add('abc2', 'same');
  expect(refusalOf('abc')).toMatchObject({
    code: 'ambiguousRun',
    message: '2 runs have an id that begins with "abc": abc1 (same), abc2 (same). Give the whole id.',
  });
  expect(refusalOf('same')).toMatchObject({ code: 'ambiguousRun', details: { runIds: ['abc1', 'abc2'] } });
  for (let i = 3; i <= 7; i++) add(`abc${i}`, `run ${i}`);
  expect(refusalOf('abc').message).toContain('and 2 more');
});

it('prefers runs outside the trash, and finds those in it where there is no other', () => {
  add('abc1', 'same', { deletedAtMs: 5 });
  add('abc2', 'same');
  add('def1', 'gone', { deletedAtMs: 5 });
  expect(find('same')).toBe('abc2');
  expect(find('abc')).toBe('abc2');
  expect(find('gone')).toBe('def1');
  expect(find('abc1')).toBe('abc1');
});

it('suggests the nearest name when there is none', () => {
  add('abc1', 'baseline');
  expect(refusalOf('basline')).toMatchObject({
    code: 'unknownRun',
    message: 'There is no run "basline"; did you mean "baseline"?',
  });
  expect(refusalOf('').code).toBe('unknownRun');
  expect(refusalOf('%').code).toBe('unknownRun');
});

it('makes ids that sort by age, also within a millisecond and when the clock goes back', () => {
  let nowMs = 1_700_000_000_000;
  let chance = 0;
  const newId = createRunIds(
    () => nowMs,
    () => (chance = (chance + 0.618) % 1),
  );
  const ids = Array.from({ length: 1_000 }, (_, i) => {
    if (i === 500) nowMs -= 60_000;
    return newId();
  });
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(1_000);
  expect(ids.every((id) => /^[0-9a-z]{12}$/.test(id))).toBe(true);
});
