import * as tf from '@tensorflow/tfjs';
import { correctAveragePoolGradient } from '../averagePoolGradient.ts';
import type { Device } from '../device.ts';

/** Opens tfjs' plain JavaScript device: slow, needs nothing, and the reference that other devices are tested against. */
export async function openCpu(): Promise<Device> {
  await tf.setBackend('cpu');
  const restorePoolGradient = correctAveragePoolGradient(tf);
  let isOpen = true;
  return {
    id: 'cpu',
    description: 'JavaScript, 1 thread',
    threads: 1,
    tf,
    computesAhead: false,
    copiesInputs: false,
    fusedUpdate: () => undefined,
    close() {
      if (!isOpen) return;
      isOpen = false;
      restorePoolGradient();
    },
  };
}
