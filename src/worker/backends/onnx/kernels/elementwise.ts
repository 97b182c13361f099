import type { DataType, TensorInfo } from '@tensorflow/tfjs';
import { commonLayout, elementTypes, type Lower, type Lowering, type LoweringTable } from '../lowering.ts';
import { absorbBias, absorbRelu } from './absorb.ts';
import { binary, expanded, type Combine } from './binary.ts';
import { power } from './power.ts';
import { elementTypeCodes } from '../onnxGraph.ts';

const withOperator =
  (operator: string): Combine =>
  ({ graph }, a, b) =>
    graph.node(operator, [a, b]);

function unary(compute: (lowering: Lowering, x: string) => string, dtype?: DataType): Lower {
  return (lowering, { x }) => {
    const layout = commonLayout(lowering, [x!]);
    return lowering.define(x!.shape, compute(lowering, lowering.value(x!, layout)), dtype ?? x!.dtype, layout);
  };
}

const relu = ({ graph }: Lowering, x: string): string => absorbRelu(graph, x) ?? graph.node('Relu', [x]);

const unaryOperator = (operator: string): Lower => unary(({ graph }, x) => graph.node(operator, [x]));

/** A bias of one number per channel goes into the product or convolution it is added to. */
const add: Lower = (lowering, inputs, attributes) => {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  const layout = commonLayout(lowering, [a]);
  if (b.shape.length === 1 && b.shape[0] === a.shape.at(-1) && lowering.symbol(a).fill === undefined) {
    const sum = absorbBias(lowering.graph, lowering.value(a, layout), lowering.value(b));
    if (sum !== undefined) return lowering.define(a.shape, sum, a.dtype, layout);
  }
  return binary(withOperator('Add'))(lowering, inputs, attributes);
};

const select: Lower = (lowering, { condition, t, e }) => {
  const tensors = [condition!, t!, e!];
  const layout = commonLayout(lowering, tensors);
  const { shape, dtype } = t!;
  if (condition!.shape.join() !== shape.join()) {
    const aligned = [...condition!.shape, ...Array<number>(shape.length - condition!.shape.length).fill(1)];
    const mask = lowering.reshaped(lowering.value(condition!), aligned);
    return lowering.define(shape, lowering.graph.node('Where', [mask, lowering.value(t!), lowering.value(e!)]), dtype);
  }
  const operands = tensors.map((each) => lowering.operand(each, layout, shape.length));
  const result = lowering.graph.node('Where', operands);
  return lowering.define(shape, expanded(lowering, result, tensors, shape, layout), dtype, layout);
};

const cast: Lower = (lowering, { x }, attributes) => {
  const dtype = attributes['dtype'] as DataType;
  if (dtype === x!.dtype) return lowering.alias(x!);
  const { fill } = lowering.symbol(x!);
  if (fill !== undefined) return lowering.defineFill(x!.shape, dtype === 'float32' ? fill : Math.trunc(fill), dtype);
  const to = elementTypeCodes[elementTypes[dtype]!];
  return unary(({ graph }, value) => graph.node('Cast', [value], { to }), dtype)(lowering, { x: x! }, attributes);
};

const addN: Lower = (lowering, inputs) => {
  const tensors = Object.values(inputs);
  const layout = commonLayout(lowering, tensors);
  const values = tensors.map((each) => lowering.value(each, layout));
  return lowering.define(tensors[0]!.shape, lowering.graph.node('Sum', values), tensors[0]!.dtype, layout);
};

export const elementwiseLowerings: LoweringTable = {
  Add: add,
  Sub: binary(withOperator('Sub')),
  Multiply: binary(withOperator('Mul')),
  RealDiv: binary(withOperator('Div')),
  Maximum: binary(withOperator('Max')),
  Minimum: binary(withOperator('Min')),
  Pow: power,
  SquaredDifference: binary(({ graph }, a, b) => {
    const difference = graph.node('Sub', [a, b]);
    return graph.node('Mul', [difference, difference]);
  }),
  Equal: binary(withOperator('Equal'), 'bool'),
  Greater: binary(withOperator('Greater'), 'bool'),
  GreaterEqual: binary(withOperator('GreaterOrEqual'), 'bool'),
  Less: binary(withOperator('Less'), 'bool'),
  LessEqual: binary(withOperator('LessOrEqual'), 'bool'),
  LogicalAnd: binary(withOperator('And'), 'bool'),
  Relu: unary(relu),
  Exp: unaryOperator('Exp'),
  Log: unaryOperator('Log'),
  Neg: unaryOperator('Neg'),
  Sqrt: unaryOperator('Sqrt'),
  Abs: unaryOperator('Abs'),
  Sign: unaryOperator('Sign'),
  Tanh: unaryOperator('Tanh'),
  Sigmoid: unaryOperator('Sigmoid'),
  Reciprocal: unaryOperator('Reciprocal'),
  LogicalNot: unaryOperator('Not'),
  Rsqrt: unary(({ graph }, x) => graph.node('Reciprocal', [graph.node('Sqrt', [x])])),
  Square: unary(({ graph }, x) => graph.node('Mul', [x, x])),
  // A ReLU's gradient asks for the step of its input. Taken from its output, it lets the input be forgotten, and the
  // ReLU be merged into what came before. A clipped steep line is far cheaper than comparing and selecting.
  Step: unary((lowering, x) =>
    lowering.graph.node('HardSigmoid', [relu(lowering, x)], { alpha: { real: 1e38 }, beta: { real: 0 } }),
  ),
  Select: select,
  Cast: cast,
  AddN: addN,
};
