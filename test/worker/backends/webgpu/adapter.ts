import { listAdapters } from '../../../../src/worker/backends/webgpu/adapters.ts';
import { loadDawn } from '../../../../src/worker/backends/webgpu/dawn.ts';

/** Why nothing can be tested on webgpu here, or undefined where it can: a software adapter will do. */
export async function webgpuReason(): Promise<string | undefined> {
  try {
    const adapters = await listAdapters(await loadDawn());
    return adapters.length > 0 ? undefined : 'this machine has no Vulkan driver, not even a software one';
  } catch (error) {
    return (error as Error).message;
  }
}
