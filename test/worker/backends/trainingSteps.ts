import type { Tensor, Tensor4D, Variable } from '@tensorflow/tfjs';
import type { Device } from '../../../src/worker/backends/device.ts';
import { trainingBatchNorm } from '../../../src/worker/models/ops/batchNorm.ts';
import { normals } from './comparison.ts';

/** A small network with every kind of layer, a few steps of LPSGDM; returns all losses and final weights in one list. */
export function trainingSteps(device: Device, steps = 4): number[] {
  const { tf } = device;
  const shapes: Record<string, number[]> = {
    filter: [3, 3, 3, 8],
    gamma: [8],
    beta: [8],
    strided: [3, 3, 8, 12],
    kernel: [48, 10],
    bias: [10],
  };
  const before = tf.memory();
  const weights: Record<string, Variable> = {};
  const slots: Record<string, Tensor> = {};
  for (const [index, [name, shape]] of Object.entries(shapes).entries()) {
    const size = shape.reduce((product, length) => product * length, 1);
    const values = normals(size, index + 1).map((value) => (name === 'gamma' ? 1 : value / 4));
    weights[name] = tf.tidy(() => tf.variable(tf.tensor(values, shape), true, name));
    slots[name] = tf.zeros(shape);
  }
  const x = tf.tensor(normals(32 * 8 * 8 * 3, 9), [32, 8, 8, 3]) as Tensor4D;
  const labels = tf.tidy(() =>
    tf.oneHot(
      tf.tensor1d(
        [...normals(32, 8)].map((v) => Math.floor(Math.abs(v) * 3)),
        'int32',
      ),
      10,
      1,
      0,
      'float32',
    ),
  );
  const loss = (): Tensor => {
    const first = trainingBatchNorm(
      tf,
      tf.conv2d(x, weights.filter as Tensor4D, 1, 'same'),
      weights.gamma!,
      weights.beta!,
      1e-5,
    );
    const second = tf.conv2d(tf.relu(first.y) as Tensor4D, weights.strided as Tensor4D, 2, 'same');
    const flat = tf.reshape(tf.maxPool(second as Tensor4D, 2, 2, 'valid'), [32, 48]);
    const logits = tf.add(tf.matMul(flat, weights.kernel as never), weights.bias!);
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits as never), labels), 1)));
  };
  const numbers: number[] = [];
  const hyper = { learningRate: 0.01, beta: 0.9, epsilon: 1e-8, rho: 0.7, weightDecay: 0.01 };
  for (let step = 0; step < steps; step++) {
    const { value, grads } = tf.variableGrads(loss as never, Object.values(weights));
    for (const [name, weight] of Object.entries(weights)) {
      const norms = device.fusedUpdate('lpsgdm', weight, grads[name]!, { m: slots[name]! }, hyper);
      if (!norms || !('gradSquared' in norms)) throw new Error('the update was not fused');
      numbers.push(norms.gradSquared, norms.updateSquared, norms.weightSquared);
    }
    numbers.push(value.dataSync()[0]!);
    tf.dispose([value, grads]);
  }
  for (const weight of Object.values(weights)) numbers.push(...weight.dataSync());
  tf.dispose([x, labels, ...Object.values(weights), ...Object.values(slots)]);
  const after = tf.memory();
  if (after.numTensors !== before.numTensors || after.numDataBuffers !== before.numDataBuffers) {
    throw new Error(`left ${after.numTensors - before.numTensors} tensors behind`);
  }
  return numbers;
}
