import { execFileSync, spawn } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { deviceInfoSchema, type DeviceInfo } from '../../../src/core/contract/devices.ts';
import { answersIn, type ProbeOutcome } from '../../../src/main/devices/runProbe.ts';
import { createNodeProbe } from '../../../src/main/devices/runProbeInNode.ts';
import { wasmDir } from './comparison.ts';
import { graphicsDevices, graphicsVariable } from './devicesUnderTest.ts';

// A graphics driver can block its process for good, and two runtimes that drive one software graphics processor abort it.
// So the tests of a graphics device run here, one file at a time, in processes of their own that are killed when they are late.

const root = path.resolve(import.meta.dirname, '../../..');
const limitS = 150;

const filesOf = (id: string): string[] => [
  'test/worker/probe/checkStep.test.ts',
  'test/worker/optimizers/tensorOptimizers.test.ts',
  'test/worker/backends/agreement.test.ts',
  ...(id === 'webgpu'
    ? [
        'test/worker/backends/fusedUpdate.test.ts',
        'test/worker/engine/engine.test.ts',
        'test/process/deviceFailures.graphics.ts',
      ]
    : []),
];

const probe = createNodeProbe({
  program: path.join(root, 'src/worker/host/probe.ts'),
  wasmDir,
  execPath: process.execPath,
});

/** Why the tests of a device cannot run here; undefined where they can, or where it is a failure that they cannot. */
function absence({ stdout, failure }: ProbeOutcome): string | undefined {
  if (failure !== undefined) return undefined;
  const [answer] = answersIn(stdout).flatMap((each) => deviceInfoSchema.safeParse(each).data ?? []);
  return answer?.available === false ? whyNot(answer) : undefined;
}
const whyNot = ({ reason = '', description }: DeviceInfo): string | undefined =>
  reason.includes('computes wrongly') ? undefined : `${description}: ${reason}`;

/** Processes that a process started, and those they started, workers that lead a group of their own included. */
function descendants(of: number): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const found = [of];
  for (const parent of found) for (const [pid, ppid] of pairs) if (ppid === parent) found.push(pid!);
  return found.slice(1);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself
  }
}

/** Runs the tests of a file that name the device. Answers with what they wrote, and how they ended if not well. */
function runTests(id: string, file: string): Promise<{ output: string; failure?: string }> {
  return new Promise((resolve) => {
    const args = [
      'run',
      '--config',
      'test/vitest.config.ts',
      '--root',
      '.',
      '--maxWorkers=1',
      '-t',
      `\\b(?<!-)${id}\\b`,
    ];
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...args, file], {
      cwd: root,
      env: { ...process.env, [graphicsVariable]: id, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    let failure: string | undefined;
    const timer = setTimeout(() => {
      failure = `the device ${id} was not done with ${file} after ${limitS} seconds; its processes were killed`;
      for (const pid of [child.pid!, ...descendants(child.pid!)]) killIfThere(pid);
    }, limitS * 1_000);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      if (code !== 0) failure ??= `the device ${id} failed in ${file} (${signal ?? `exit code ${code}`})`;
      resolve({ output, ...(failure ? { failure } : {}) });
    });
  });
}

const examined = await Promise.all(
  graphicsDevices.map(async (id) => ({ id, reason: absence(await probe(['measure', id], 60_000)) })),
);

describe.each(examined)('$id', ({ id, reason }) => {
  test.skipIf(reason !== undefined).each(filesOf(id))(
    `passes %s in a process of its own${reason === undefined ? '' : ` (not here. ${reason})`}`,
    { timeout: (limitS + 30) * 1_000 },
    async (file) => {
      const { output, failure } = await runTests(id, file);
      expect(failure, output).toBeUndefined();
      // a file without a test of this device would pass as well
      expect(output).toMatch(/Tests\s.*\b[1-9]\d* passed/);
    },
  );
});
