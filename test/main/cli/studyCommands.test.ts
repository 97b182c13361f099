import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../../src/core/contract/runs.ts';
import type { Study } from '../../../src/core/contract/studies.ts';
import { temporaryFolders } from '../services/testApp.ts';
import { commandsOver } from './commandsOver.ts';

const folders = temporaryFolders();
const folder = folders.create();
const dataDir = path.join(folder, 'data');
afterAll(folders.remove);

const { call, json } = commandsOver(() => dataDir);

const spec = {
  base: { dataset: { id: 'digits' }, model: { preset: 'softmax' }, epochs: 1, device: 'wasm' },
  optimizers: [{ id: 'lpsgdm' }, { id: 'sgdm' }],
  seeds: [0],
};

async function trained(name: string): Promise<Study> {
  const file = path.join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify(spec));
  const { code, stderr } = await call('study', 'run', file, '--name', name);
  expect(code, stderr).toBe(0);
  const study = (await json<Study[]>('study', 'list')).find((each) => each.name === name);
  expect(study?.status).toBe('completed');
  return study!;
}

describe('what is done with a study from the command line', () => {
  let study: Study;
  beforeAll(async () => {
    study = await trained('two rates');
  });

  it('gives it another name and a note, found by its old name and its new one', async () => {
    await json('study', 'rename', 'two rates', 'softmax on digits');
    await json('study', 'note', 'softmax on digits', 'a first look');
    expect(await json<Study>('study', 'show', study.id)).toMatchObject({
      name: 'softmax on digits',
      note: 'a first look',
    });
    const { code, stdout, stderr } = await call('study', 'show', 'two rates');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('two rates');
  });

  it('one that has ended stays as it is when it is stopped', async () => {
    await call('study', 'stop', study.id);
    expect(await json<Study>('study', 'show', study.id)).toMatchObject({ status: 'completed' });
  });

  it('deleted alone it leaves its runs, deleted with them they are in the trash', async () => {
    const other = await trained('another');
    await json('study', 'delete', study.id);
    await json('study', 'delete', other.id, '--with-runs');
    expect(await json<Study[]>('study', 'list')).toEqual([]);
    const left = await json<Run[]>('runs', 'list');
    expect(left.map(({ id }) => id).toSorted()).toEqual(study.runs.map(({ runId }) => runId).toSorted());
    for (const { runId } of other.runs) {
      expect((await json<Run>('runs', 'show', runId!)).deletedAtMs).not.toBeNull();
    }
  });
});
