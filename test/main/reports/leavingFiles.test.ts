import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportFormats } from '../../../src/core/contract/reports.ts';
import type { Run } from '../../../src/core/contract/runs.ts';
import { printWithChromium } from '../../../src/main/reports/printWithChromium.ts';
import { openTestApp, refusal, smallRun, temporaryFolders, type TestApp } from '../services/testApp.ts';

const folders = temporaryFolders();
const canLimit = process.platform === 'linux' && existsSync('/usr/bin/prlimit');
if (!canLimit) process.stderr.write('Not checked: files that leave on a full disk (no prlimit of util-linux).\n');

/** A browser that prints something, on a disk of its own, so to say. */
const printer = `#!/bin/sh
prlimit --pid $$ --fsize=unlimited
for word in "$@"; do
  case "$word" in --print-to-pdf=*) { printf '%%PDF-'; head -c 200000 /dev/zero; } > "\${word#--print-to-pdf=}" ;; esac
done
`;

let test: TestApp;
let run: Run;

beforeAll(async () => {
  const bin = path.join(folders.create(), 'chromium');
  writeFileSync(bin, printer);
  chmodSync(bin, 0o755);
  const env = { ...process.env, LP_WORKBENCH_CHROMIUM: bin };
  test = openTestApp(folders.create(), {
    printPdf: (html, file) => printWithChromium(html, file, { env, platform: process.platform }),
  });
  run = await test.train(smallRun({ model: { preset: 'mlp', options: { hidden: [64] } } }), 'leaving');
  run = await test.untilStatus(run, 'completed', 'failed');
  // judged before, so that a full disk is met by what leaves alone
  await test.app.results.evaluate({ runId: run.id });
}, 60_000);
afterAll(async () => {
  await test.app.close();
  folders.remove();
});

/** Everything that can be written to a place of the user's choice. */
const ways: [string, (target: string) => Promise<unknown>][] = [
  ...reportFormats.map((format): [string, (target: string) => Promise<unknown>] => [
    `a report as ${format}`,
    (target) => test.app.reports.create({ subject: { runIds: [run.id] }, format, path: target }),
  ]),
  ['predictions', (target) => test.app.results.exportPredictions({ runId: run.id, part: 'all', path: target })],
  ['a tfjs model', (target) => test.app.results.exportModel({ runId: run.id, format: 'tfjs', path: target })],
  [
    'a safetensors model',
    (target) => test.app.results.exportModel({ runId: run.id, format: 'safetensors', path: target }),
  ],
  ['a packed run', (target) => test.app.transfers.exportRun({ runId: run.id, path: target })],
  [
    'a packed run with its report',
    (target) => test.app.transfers.exportRun({ runId: run.id, path: target, includeReport: true }),
  ],
  ['event files', (target) => test.app.transfers.exportEvents({ runIds: [run.id], path: target })],
];

describe('a place that cannot be written', () => {
  it.each(ways)('%s says where and why, and leaves nothing', async (_, write) => {
    const dir = folders.create();
    const blocked = path.join(dir, 'a-file');
    writeFileSync(blocked, 'mine');
    const { code, message } = await refusal(write(path.join(blocked, 'out')));
    expect({ code, message }).toStrictEqual({
      code: 'fileNotWritable',
      message: expect.stringContaining(blocked) as string,
    });
    expect(message).not.toMatch(/partial/);
    expect(readdirSync(dir)).toStrictEqual(['a-file']);
  });

  // root may write everywhere but in places like this one
  const readOnly = process.platform === 'linux' && existsSync('/sys/kernel') ? '/sys/kernel' : null;
  it.runIf(readOnly !== null).each(ways)('%s says so of one that is read-only', async (_, write) => {
    const target = path.join(readOnly!, 'lp-workbench-out');
    const { code, message } = await refusal(write(target));
    expect({ code, message }).toStrictEqual({
      code: 'fileNotWritable',
      message: expect.stringContaining(target) as string,
    });
  });
});

describe.runIf(canLimit)('a full disk', () => {
  // no file of this program and those it starts may grow beyond that, which fails as a full disk does
  const limit = (bytes: string): void =>
    void execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`]);

  it.each(ways)('%s says so, and leaves nothing', async (_, write) => {
    const dir = path.join(folders.create(), 'place');
    mkdirSync(dir);
    limit('2048');
    const answer = await refusal(write(path.join(dir, 'out'))).finally(() => limit('unlimited'));
    expect(answer).toMatchObject({ code: 'diskFull', message: expect.stringContaining(path.join(dir, 'out')) });
    expect(readdirSync(dir)).toStrictEqual([]);
  });
});
