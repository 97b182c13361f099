import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parseNvidia, readSysfs } from '../../../src/worker/host/cardReader.ts';
import { createSystemSampler } from '../../../src/worker/host/systemSampler.ts';

it('samples memory and processor time of this process, and the card where one computes, each sample once', async () => {
  let isClosed = false;
  const sampler = createSystemSampler({
    nowMs: () => performance.now(),
    usesCard: true,
    everyMs: 50,
    openCard: () => ({ latest: () => ({ cardPercent: 40 }), close: () => (isClosed = true) }),
  });
  onTestFinished(() => sampler.close());
  expect(sampler.take()).toBeUndefined();
  const endMs = performance.now() + 60;
  while (performance.now() < endMs) Math.sqrt(endMs);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const sample = sampler.take()!;
  expect(sample).toMatchObject({ cardPercent: 40 });
  expect(sample['processorPercent']).toBeGreaterThan(5);
  expect(sample['processMemoryBytes']).toBeGreaterThan(2 ** 24);
  expect(sampler.take()).toBeUndefined();
  sampler.close();
  expect(isClosed).toBe(true);
});

it('reads the busiest of several NVIDIA cards', () => {
  expect(parseNvidia('3, 1024\n87, 2048\n')).toEqual({ cardPercent: 87, cardMemoryBytes: 2 ** 31 });
  expect(parseNvidia('[N/A], 12\n')).toBeUndefined();
});

it('reads what amdgpu writes, as far as it writes it', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lp-cards-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  expect(readSysfs(path.join(folder, 'missing'))).toEqual({});
  mkdirSync(path.join(folder, 'card0/device'), { recursive: true });
  expect(readSysfs(folder)).toEqual({});
  writeFileSync(path.join(folder, 'card0/device/gpu_busy_percent'), '55\n');
  expect(readSysfs(folder)).toEqual({ cardPercent: 55 });
  writeFileSync(path.join(folder, 'card0/device/mem_info_vram_used'), '4096\n');
  expect(readSysfs(folder)).toEqual({ cardPercent: 55, cardMemoryBytes: 4096 });
});
