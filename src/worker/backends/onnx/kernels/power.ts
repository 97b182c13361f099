import type { Lower, Lowering } from '../lowering.ts';
import type { OnnxGraph } from '../onnxGraph.ts';
import { binary } from './binary.ts';

/** Below any logarithm of a float32, and times 0 still 0. */
const logarithmOfZero = -1e30;

/**
 * Small whole powers as products; powers of what cannot be negative through logarithm and exponential, which ONNX Runtime
 * computes many at a time (half the time of its Pow, relative error below 3e-6); else Pow.
 */
export const power: Lower = (lowering, inputs, attributes) =>
  binary(powerOf(lowering.symbol(inputs['b']!).fill))(lowering, inputs, attributes);

function powerOf(exponent: number | undefined) {
  return ({ graph }: Lowering, a: string, b: string): string => {
    if (exponent === 2 || exponent === 3) {
      const square = graph.node('Mul', [a, a]);
      return exponent === 2 ? square : graph.node('Mul', [square, a]);
    }
    if (!isNeverNegative(graph, a)) return graph.node('Pow', [a, b]);
    const logarithm = graph.node('Max', [graph.node('Log', [a]), graph.real(logarithmOfZero)]);
    return graph.node('Exp', [graph.node('Mul', [logarithm, b])]);
  };
}

function isNeverNegative(graph: OnnxGraph, value: string): boolean {
  const number = graph.realOf(value);
  if (number !== undefined) return number >= 0;
  const producer = graph.producerOf(value);
  if (producer?.operator === 'Add') return producer.inputs.every((input) => isNeverNegative(graph, input));
  return ['Abs', 'Exp', 'Sqrt', 'Relu'].includes(producer?.operator ?? '');
}
