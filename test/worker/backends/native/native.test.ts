import { describe, expect, it } from 'vitest';
import * as tf from '@tensorflow/tfjs';
import { tensorflowEnvironment } from '../../../../src/worker/backends/native/environment.ts';
import { openNative } from '../../../../src/worker/backends/native/openNative.ts';
import { loadFailure, noCardReason } from '../../../../src/worker/backends/native/reasons.ts';
import { repairUtil } from '../../../../src/worker/backends/native/repairUtil.ts';
import { wasmDir } from '../comparison.ts';

describe('TensorFlow through tfjs-node', () => {
  it('gets back the functions of util that Node took out, and keeps those that are there', () => {
    const kept = (): boolean => true;
    const util: Record<string, unknown> = { isArray: kept };
    repairUtil(util);
    expect(util['isArray']).toBe(kept);
    const isNullOrUndefined = util['isNullOrUndefined'] as (value: unknown) => boolean;
    expect([null, undefined, 0, '', false].map(isNullOrUndefined)).toEqual([true, true, false, false, false]);
  });

  it.each([
    ['native', {}, { CUDA_VISIBLE_DEVICES: '' }],
    ['cuda', {}, { CUDA_VISIBLE_DEVICES: '0', TF_FORCE_GPU_ALLOW_GROWTH: 'true' }],
    // TensorFlow would take the last of several
    ['cuda', { CUDA_VISIBLE_DEVICES: '2,1' }, { CUDA_VISIBLE_DEVICES: '2' }],
    ['cuda', { TF_FORCE_GPU_ALLOW_GROWTH: 'false' }, { TF_FORCE_GPU_ALLOW_GROWTH: 'false' }],
  ] as const)('sees one card and takes its memory bit by bit: %s with %o', (kind, env, expected) => {
    expect(tensorflowEnvironment(kind, env)).toMatchObject(expected);
  });

  it.each([
    ['native', "Cannot find module '@tensorflow/tfjs-node'", 'npm install @tensorflow/tfjs-node@4.22.0'],
    ['cuda', "Cannot find package '@tensorflow/tfjs-node-gpu'", 'npm install @tensorflow/tfjs-node-gpu@4.22.0'],
    ['native', "Cannot find module '/x/lib/napi-v8/tfjs_binding.node'", 'npm rebuild @tensorflow/tfjs-node'],
    ['native', 'libtensorflow.so.2: cannot open shared object file', 'npm rebuild @tensorflow/tfjs-node'],
    ['cuda', 'libcuda.so.1: cannot open shared object file', 'The NVIDIA driver is missing'],
    ['cuda', 'libcudart.so.11.0: cannot open shared object file', 'CUDA 11.2 with cuDNN 8.1'],
    ['cuda', 'libcudnn.so.8: cannot open shared object file', 'libcudnn.so.8 was not found'],
    ['native', 'the moon is full', 'the moon is full'],
  ] as const)('says what %s lacks: %s', (kind, said, expected) => {
    const error = loadFailure(kind, new Error(said));
    expect(error).toMatchObject({ code: 'deviceUnavailable', message: expect.stringContaining(expected) as string });
  });

  it('says which card is not used for want of CUDA 11.2, and when there is none', () => {
    expect(noCardReason(['NVIDIA T4'])).toMatch(/NVIDIA T4: it needs CUDA 11\.2 with cuDNN 8\.1/);
    expect(noCardReason([])).toContain('nvidia-smi');
  });

  it('is opened on a prepared environment, computes, and refuses to pass the processor off as a card', async () => {
    const env: Record<string, string | undefined> = {};
    const seen: Record<string, unknown>[] = [];
    // stands in for the package, which registers a backend of this name when it is loaded
    const load = (packageName: string): void => {
      seen.push({ packageName, ...env });
      if (!tf.findBackendFactory('tensorflow')) tf.registerBackend('tensorflow', () => tf.findBackend('cpu'));
    };
    await tf.setBackend('cpu');
    const device = await openNative('native', { wasmDir }, { env, load, cards: () => [] });
    expect(device.description).toBe('TensorFlow, native');
    device.close();
    await expect(openNative('cuda', { wasmDir }, { env, load, cards: () => ['NVIDIA T4'] })).rejects.toMatchObject({
      code: 'deviceUnavailable',
      message: expect.stringContaining('NVIDIA T4') as string,
    });
    expect(seen.map(({ packageName }) => packageName)).toEqual(['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu']);
    expect(seen[0]).toMatchObject({ CUDA_VISIBLE_DEVICES: '' });
  });
});
