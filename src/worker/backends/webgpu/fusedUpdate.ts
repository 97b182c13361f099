import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { rhoOf } from '../../../core/schedules/rho.ts';
import type { FusedUpdate, Tf } from '../device.ts';
import type { BackendInternals } from './backendInternals.ts';
import { mostWorkgroups, shaderCode, uniformNames, updateShaders, workgroupSize } from './updateShaders.ts';

/**
 * Optimizer updates in one dispatch per variable, in place, recorded between tfjs' own. Undefined, and nothing changed,
 * for an optimizer without a shader and for a tensor that shares its memory with another (the update would change both).
 */
export function createFusedUpdate(tf: Tf, backend: BackendInternals): FusedUpdate {
  const { device } = backend;
  const pipelines = new Map<string, GPUComputePipeline>();
  const pipelineOf = (id: string): GPUComputePipeline => {
    const known = pipelines.get(id);
    if (known) return known;
    const module = device.createShaderModule({ code: shaderCode(updateShaders[id]!) });
    const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } });
    pipelines.set(id, pipeline);
    return pipeline;
  };
  const bufferOf = ({ dataId }: Tensor): GPUBuffer => {
    backend.uploadToGPU(dataId);
    return backend.tensorMap.get(dataId).resource!;
  };

  return (optimizerId, weight, gradient, slots, hyper) => {
    const state = updateShaders[optimizerId]?.slots.map((name) => slots[name]);
    if (!state || !state.every((slot) => slot !== undefined)) return undefined;
    const written = [weight, ...state];
    if (!written.every(({ dataId }) => backend.refCount(dataId) === 1)) return undefined;
    if (![...written, gradient].every(({ dtype, size }) => dtype === 'float32' && size === weight.size))
      return undefined;

    const groups = Math.min(Math.ceil(weight.size / workgroupSize), mostWorkgroups);
    const norms = emptyTensor(tf, [groups, 3]);
    const buffers = [weight, gradient, norms].map(bufferOf);
    const uniform = uniformBuffer(backend, weight.size, numbersOf(optimizerId, hyper));
    const entries = [...buffers, uniform, ...state.map(bufferOf)].map((buffer, binding) => ({
      binding,
      resource: { buffer },
    }));
    const pipeline = pipelineOf(optimizerId);
    const bindGroup = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    for (const { dataId } of [...written, gradient, norms]) backend.commandQueueOwnedIds.add(dataId);
    // what was read of them before lies beside the buffer and is outdated now
    for (const { dataId } of written) backend.tensorMap.get(dataId).values = null;
    dispatch(tf, backend, pipeline, bindGroup, groups);
    return norms;
  };
}

/** A tensor whose buffer is made when it is first used, with undefined contents. */
function emptyTensor(tf: Tf, shape: [number, number]): Tensor2D {
  const info = (
    tf.backend() as unknown as { makeTensorInfo(shape: number[], dtype: 'float32'): Tensor }
  ).makeTensorInfo(shape, 'float32');
  return tf.engine().makeTensorFromTensorInfo(info) as Tensor2D;
}

function numbersOf(optimizerId: string, hyper: Readonly<Record<string, number>>): Record<string, number> {
  const { beta, beta1, beta2 = 0, t = 1 } = hyper;
  const firstBeta = beta ?? beta1 ?? 0;
  return {
    ...hyper,
    beta1: firstBeta,
    // taken here, because 1 - 0.999 in float32 is off by 6e-5 of itself
    fresh1: 1 - firstBeta,
    fresh2: 1 - beta2,
    rho: optimizerId === 'stacey' ? rhoOf(hyper['p']!) : (hyper['rho'] ?? 0),
    correction1: 1 - (beta1 ?? 0) ** t,
    correction2: 1 - beta2 ** t,
  };
}

function uniformBuffer(backend: BackendInternals, size: number, numbers: Readonly<Record<string, number>>): GPUBuffer {
  const bytes = new ArrayBuffer(4 * (1 + uniformNames.length));
  new Uint32Array(bytes, 0, 1)[0] = size;
  new Float32Array(bytes, 4).set(uniformNames.map((name) => numbers[name] ?? 0));
  const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM;
  const buffer = backend.bufferManager.acquireBuffer(bytes.byteLength, usage);
  backend.queue.writeBuffer(buffer, 0, bytes);
  backend.uniformPendingDisposal.push(buffer);
  return buffer;
}

function dispatch(
  tf: Tf,
  backend: BackendInternals,
  pipeline: GPUComputePipeline,
  bindGroup: GPUBindGroup,
  groups: number,
): void {
  backend.ensureCommandEncoderReady();
  backend.computePassEncoder ??= backend.commandEncoder!.beginComputePass();
  backend.computePassEncoder.setPipeline(pipeline);
  backend.computePassEncoder.setBindGroup(0, bindGroup);
  backend.computePassEncoder.dispatchWorkgroups(groups);
  backend.dispatchCountInPass++;
  if (backend.dispatchCountInPass >= tf.env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
}
