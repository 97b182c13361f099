import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { deviceInfoSchema, type DeviceInfo } from '../../../src/core/contract/devices.ts';
import { answersIn } from '../../../src/main/devices/runProbe.ts';
import { createNodeProbe } from '../../../src/main/devices/runProbeInNode.ts';

const root = path.resolve(import.meta.dirname, '../../..');

it('a platform without a binary of ONNX Runtime says so and trains on wasm', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lp-no-runtime-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const hook = path.join(folder, 'hook.mjs');
  // as the package itself fails where it finds no binary
  writeFileSync(
    hook,
    `import { registerHooks } from 'node:module';
    registerHooks({
      resolve(name, context, next) {
        if (name !== 'onnxruntime-node') return next(name, context);
        throw new Error("Cannot find module '../bin/napi-v6/darwin/x64/onnxruntime_binding.node'");
      },
    });`,
  );
  const probe = createNodeProbe({
    program: path.join(root, 'src/worker/host/probe.ts'),
    wasmDir: path.join(root, 'resources/wasm'),
    execPath: process.execPath,
    env: { ...process.env, NODE_OPTIONS: `--import=${pathToFileURL(hook).href}` },
  });
  const examined = async (id: string): Promise<DeviceInfo> => {
    const { stdout } = await probe(['measure', id], 60_000);
    return deviceInfoSchema.parse(answersIn(stdout).at(-1));
  };
  const compiled = await examined('onnx-cpu');
  expect(compiled.available).toBe(false);
  expect(compiled.reason).toMatch(/has no binary for this platform.*train on the device wasm/);
  expect(await examined('wasm')).toMatchObject({ available: true });
});
