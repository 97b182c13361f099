import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

/**
 * What our kernels use of tfjs' WebGPU backend beyond its types: its command encoder and its buffers, so that a kernel
 * of ours takes its place in the order of tfjs' own. Held by the pinned version 4.22.0 and by the tests of the fused
 * updates.
 */
export interface BackendInternals {
  device: GPUDevice;
  queue: GPUQueue;
  bufferManager: {
    acquireBuffer(size: number, usage: number, mappedAtCreation?: boolean, reuse?: boolean): GPUBuffer;
  };
  tensorMap: { get(dataId: object): { values: unknown; resource?: GPUBuffer | null } };
  /** tensors that a command not yet submitted uses; their buffers are not given away before */
  commandQueueOwnedIds: WeakSet<object>;
  uniformPendingDisposal: GPUBuffer[];
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  uploadToGPU(dataId: object): void;
  refCount(dataId: object): number;
  dispose(): void;
}

export const internalsOf = (backend: WebGPUBackend): BackendInternals => backend as unknown as BackendInternals;
