import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { RunConfigInput } from '../../src/core/contract/runConfig.ts';
import { createNodeLauncher } from '../../src/main/process/launchNodeWorker.ts';
import { openTestApp, temporaryFolders } from '../main/services/testApp.ts';

const folders = temporaryFolders();
afterAll(folders.remove);

// other systems have no limit of memory that a shell could set
const canLimit = process.platform === 'linux';
if (!canLimit) process.stderr.write('Not checked: a training process whose memory runs out (Linux only).\n');

/** A Node that gets 1.6 GB of memory and no more, as on a small machine. */
function smallNode(): string {
  const file = path.join(folders.create(), 'node');
  writeFileSync(file, `#!/bin/sh\nulimit -d 1600000\nexec '${process.execPath}' "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}

/** Trains with 16 MB a tensor; the validation rows in one batch need 2.6 GB for the same. */
const wide: RunConfigInput = {
  threads: 1,
  model: {
    layers: [{ type: 'conv2d', filters: 8_000, kernelSize: 3, activation: 'relu' }, { type: 'globalAveragePool' }],
  } as unknown as RunConfigInput['model'],
  split: { validation: 0.7, test: 0.2 },
  batchSize: 8,
  epochs: 2,
  evaluation: { batchSize: 10_000 },
  checkpoint: { everySeconds: 0.001 },
};

describe.runIf(canLimit)('a batch too large for the memory there is', () => {
  it.each(['onnx-cpu', 'wasm'])(
    'ends the run on %s with a sentence; its checkpoints are whole and the next run trains',
    async (device) => {
      const program = path.resolve(import.meta.dirname, '../../src/worker/host/main.ts');
      const launchWorker = createNodeLauncher({ program, execPath: smallNode() });
      const { app, runs, train, untilStatus } = openTestApp(folders.create(), { launchWorker });
      onTestFinished(() => app.close());
      const run = await train({ ...wide, device });
      const failed = await untilStatus(run, 'failed', 'interrupted', 'completed');
      expect(failed).toMatchObject({ status: 'failed', failure: { code: 'outOfMemory' } });
      expect(failed.failure!.message).toMatch(/(memory|room) for \d+ MB more.*smaller batch/);

      const [newest] = (await runs.checkpoints({ runId: run.id })).toSorted((a, b) => b.step - a.step);
      expect(newest!.step).toBeGreaterThan(0);
      await runs.resume({ runId: run.id });
      await untilStatus(run, 'failed', 'interrupted', 'completed');
      const said = (await runs.logs({ runId: run.id })).map(({ message }) => message);
      expect(said).toContainEqual(
        expect.stringContaining(`Trains from the checkpoint of step ${newest!.step} on ${device}`),
      );

      const small = await train({ device, threads: 1, model: { preset: 'softmax' }, epochs: 1 });
      expect((await untilStatus(small, 'failed', 'interrupted', 'completed')).status).toBe('completed');
    },
  );
});
