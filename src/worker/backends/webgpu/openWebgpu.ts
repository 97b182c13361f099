import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { correctAveragePoolGradient } from '../averagePoolGradient.ts';
import type { Device, OpenDeviceOptions } from '../device.ts';
import { openAdapter, type OpenAdapter } from './adapters.ts';
import { internalsOf, type BackendInternals } from './backendInternals.ts';
import { installGlobalGpu, loadDawn } from './dawn.ts';
import { outOfMemory, watchDevice } from './deviceHealth.ts';
import { createFusedUpdate } from './fusedUpdate.ts';

const backendName = 'webgpu';

/**
 * Opens a graphics processor through WebGPU, the strongest one or the one named in `options.adapter`. Works in a plain
 * Node process only. Throws AppError `deviceUnavailable`.
 */
export async function openWebgpu(options: OpenDeviceOptions): Promise<Device> {
  const dawn = await loadDawn();
  const found = await openAdapter(dawn, options.adapter);
  if (found.isSoftware) options.warn?.(softwareWarning(found.name));
  const gpuDevice = await requestDevice(found);
  const uninstallGpu = installGlobalGpu(found.gpu);
  let backend: WebGPUBackend;
  try {
    backend = await startBackend(gpuDevice, found.adapter.info);
  } catch (error) {
    gpuDevice.destroy();
    uninstallGpu();
    throw error;
  }
  const internals = internalsOf(backend);
  refuseHugeBuffers(internals, found.name);
  const health = watchDevice(gpuDevice, found.name);
  const restorePoolGradient = correctAveragePoolGradient(tf);
  let isOpen = true;
  return {
    id: backendName,
    description: `WebGPU, ${found.name}${found.isSoftware ? ' (software)' : ''}`,
    hardware: found.name,
    isSoftware: found.isSoftware,
    threads: 1,
    tf,
    computesAhead: true,
    copiesInputs: false,
    fusedUpdate: createFusedUpdate(tf, internals),
    lost: health.lost,
    failure: health.failure,
    close() {
      if (!isOpen) return;
      isOpen = false;
      health.close();
      restorePoolGradient();
      tf.removeBackend(backendName);
      gpuDevice.destroy();
      uninstallGpu();
    },
  };
}

const softwareWarning = (name: string): string =>
  `"${name}" is no graphics card but a program that plays one; the devices wasm and onnx-cpu are faster.`;

/** As much as the adapter has of what limits the size of tensors; a device without a wish gets the least of all. */
async function requestDevice({ adapter }: OpenAdapter): Promise<GPUDevice> {
  const { limits } = adapter;
  return adapter.requestDevice({
    requiredLimits: {
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxBufferSize: limits.maxBufferSize,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    },
  });
}

async function startBackend(gpuDevice: GPUDevice, info: GPUAdapterInfo): Promise<WebGPUBackend> {
  // it looks for navigator.gpu when it is loaded
  const { WebGPUBackend: Backend } = await import('@tensorflow/tfjs-backend-webgpu');
  if (tf.findBackendFactory(backendName)) tf.removeBackend(backendName);
  const backend = new Backend(gpuDevice as never, info as never);
  tf.registerBackend(backendName, () => backend);
  await tf.setBackend(backendName);
  return backend;
}

/**
 * A tensor larger than the adapter can bind would only be told beside the calls, after whatever else then fails; here it
 * stops the step that asks for it, with its size.
 */
function refuseHugeBuffers({ bufferManager, device }: BackendInternals, name: string): void {
  const most = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
  const acquire = bufferManager.acquireBuffer.bind(bufferManager);
  bufferManager.acquireBuffer = (size, ...rest) => {
    if (size > most) {
      const [needed, allowed] = [size, most].map((bytes) => `${Math.round(bytes / 2 ** 20)} MB`);
      throw outOfMemory(`A tensor of ${needed} is larger than the ${allowed} that "${name}" can hold in one piece`);
    }
    return acquire(size, ...rest);
  };
}
