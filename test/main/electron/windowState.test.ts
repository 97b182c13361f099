import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { launchOptions } from '../../../src/main/electron/launchOptions.ts';
import { onScreen, windowStateFile, type WindowState } from '../../../src/main/electron/windowState.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'lp-workbench-state-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const state: WindowState = { x: 10, y: 20, width: 900, height: 700, isMaximized: true, theme: 'dark' };

it('what was written is read; what is missing, damaged or absurd is the first state', async () => {
  const file = windowStateFile(dataDir);
  const first = file.read();
  expect(first).toMatchObject({ isMaximized: false, theme: 'system' });
  file.write(state);
  expect(file.read()).toEqual(state);
  for (const text of ['', '{', '{"width": 1e9}', JSON.stringify({ ...state, width: 3 })]) {
    await writeFile(join(dataDir, 'window.json'), text);
    expect(file.read()).toEqual(first);
  }
});

it('a state that cannot be written stops nothing', () => {
  expect(() => windowStateFile(join(dataDir, 'missing')).write(state)).not.toThrow();
});

const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }];
it.each([
  ['on the screen', { x: 100, y: 100 }, true],
  ['partly beside it, but to be taken hold of', { x: -800, y: 0 }, true],
  ['on a screen that is gone', { x: 2_000, y: 100 }, false],
  ['above it, where nobody can reach its title', { x: 100, y: -500 }, false],
  ['below it', { x: 100, y: 1_079 }, false],
])('a window %s', (_where, place, isKept) => {
  const kept = onScreen({ ...state, ...place }, screens);
  expect(kept).toMatchObject({ width: state.width, isMaximized: true });
  expect([kept.x, kept.y]).toEqual(isKept ? [place.x, place.y] : [undefined, undefined]);
});

it('the data folder is read from either form of the flag, among flags that are not ours', () => {
  expect(launchOptions(['electron', '--no-sandbox', 'app', '--data-dir', '/a', '--inspect=0'])).toEqual({
    dataDir: '/a',
  });
  expect(launchOptions(['electron', 'app', '--data-dir=/a b'])).toEqual({ dataDir: '/a b' });
  expect(launchOptions(['electron', 'app', '--unknown'])).toEqual({ dataDir: undefined });
  for (const wrong of [['--data-dir'], ['--data-dir', '--inspect'], ['--data-dir=']]) {
    expect(() => launchOptions(wrong)).toThrow('--data-dir needs a folder');
  }
});
