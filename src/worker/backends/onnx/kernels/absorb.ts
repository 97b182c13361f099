import type { OnnxGraph, OnnxNode } from '../onnxGraph.ts';
import { microsoftBlocked } from '../onnxGraph.ts';

/*
 * A product or convolution can add a bias, and a convolution in blocks clip at zero, in the pass in which it writes its
 * result. These find the node that made a value and give the value made by it with that done as well.
 */

/** Undefined where what made the value cannot add a bias. `bias` holds one number per column or filter. */
export function absorbBias(graph: OnnxGraph, value: string, bias: string): string | undefined {
  return remade(graph, value, (node) =>
    ['Conv', 'Gemm'].includes(node.operator) && node.inputs.length === 2 && !('activation' in node.attributes)
      ? { ...node, inputs: [...node.inputs, bias] }
      : undefined,
  );
}

/** Undefined where what made the value cannot clip it; plain products and convolutions ONNX Runtime merges itself. */
export function absorbRelu(graph: OnnxGraph, value: string): string | undefined {
  return remade(graph, value, (node) =>
    node.domain === microsoftBlocked && !('activation' in node.attributes)
      ? { ...node, attributes: { ...node.attributes, activation: 'Relu' } }
      : undefined,
  );
}

/** Looks through the reordering behind a convolution in blocks. */
function remade(graph: OnnxGraph, value: string, change: (node: OnnxNode) => OnnxNode | undefined): string | undefined {
  const node = graph.producerOf(value);
  if (node?.operator === 'ReorderOutput') {
    const blocked = remade(graph, node.inputs[0]!, change);
    return blocked && graph.node(node.operator, [blocked], node.attributes, node.domain);
  }
  const changed = node && change(node);
  return changed && graph.node(changed.operator, changed.inputs, changed.attributes, changed.domain);
}
