import type { Tensor } from '@tensorflow/tfjs';
import type { NamedTensors, TensorFunction, Tf } from '../device.ts';
import { Lowering, type Target } from './lowering.ts';
import type { OnnxValue } from './onnxGraph.ts';
import { traceBackendName, type TraceBackend } from './traceBackend.ts';

/** A function of tensors as an ONNX model. */
export interface TracedModel {
  bytes: Uint8Array;
  /** inputs that the results depend on */
  inputs: string[];
  /** by the function's own names: graph value and shape of each result */
  outputs: Record<string, OnnxValue>;
}

/**
 * Runs a function once on tensors without values and writes down what it computes. `shapes` are those of its inputs,
 * all float32. Throws AppError `kernelMissing` where it uses an operation that has no lowering.
 */
export async function traceFunction(
  tf: Tf,
  backend: TraceBackend,
  compute: TensorFunction,
  shapes: Readonly<Record<string, readonly number[]>>,
  target: Target,
): Promise<TracedModel> {
  const eagerBackend = tf.getBackend();
  await tf.setBackend(traceBackendName);
  try {
    const lowering = new Lowering(tf, target);
    return backend.record(lowering, () => record(tf, backend, lowering, compute, shapes));
  } finally {
    await tf.setBackend(eagerBackend);
  }
}

function record(
  tf: Tf,
  backend: TraceBackend,
  lowering: Lowering,
  compute: TensorFunction,
  shapes: Readonly<Record<string, readonly number[]>>,
): TracedModel {
  const { graph } = lowering;
  const engine = tf.engine();
  engine.startScope('trace');
  let results: NamedTensors = {};
  try {
    const inputs: Record<string, Tensor> = {};
    for (const [name, shape] of Object.entries(shapes)) {
      const info = lowering.define(shape, graph.input({ name, type: 'float32', shape }));
      inputs[name] = engine.makeTensorFromTensorInfo(info, backend);
    }
    results = compute(tf, inputs);
    const outputs: Record<string, OnnxValue> = {};
    const taken = new Set(Object.keys(shapes));
    for (const [name, tensor] of Object.entries(results)) {
      let value = lowering.value(tensor);
      // an output is a value of its own, neither an input nor another output
      while (taken.has(value)) value = graph.node('Identity', [value]);
      taken.add(value);
      outputs[name] = { name: value, type: 'float32', shape: tensor.shape };
    }
    return { ...graph.encode(Object.values(outputs)), outputs };
  } finally {
    for (const tensor of Object.values(results)) tensor.dispose();
    engine.endScope();
  }
}
