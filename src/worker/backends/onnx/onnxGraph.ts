import { ProtobufMessage } from '../../../core/encoding/protobufMessage.ts';

export type ElementType = 'float32' | 'int32' | 'int64' | 'bool';

/** TensorProto.DataType */
export const elementTypeCodes: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

/** A whole number, a real one (which needs saying, for 1 may be either), whole numbers, or text. */
export type Attribute = number | { real: number } | readonly number[] | string;
export type Attributes = Readonly<Record<string, Attribute>>;

export interface OnnxNode {
  operator: string;
  domain: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Attributes;
}

export interface OnnxValue {
  name: string;
  type: ElementType;
  shape: readonly number[];
}

type ConstantValues = Float32Array | Int32Array | BigInt64Array | Uint8Array;

/** ONNX Runtime's own operators. */
export const microsoft = 'com.microsoft';
/** its operators on channels in blocks, which are of the cpu provider only */
export const microsoftBlocked = 'com.microsoft.nchwc';
const irVersion = 9;
const opsetVersion = 17;

/**
 * An ONNX graph under construction. Asking for a node that is already there gives the one that is there, so lowerings
 * may ask for what they need without knowing who else did; what no output needs is left out when encoding.
 */
export class OnnxGraph {
  readonly #inputs = new Map<string, OnnxValue>();
  readonly #constants = new Map<string, ProtobufMessage>();
  readonly #reals = new Map<string, number>();
  readonly #nodes: OnnxNode[] = [];
  readonly #producers = new Map<string, OnnxNode>();
  readonly #known = new Map<string, readonly string[]>();
  #count = 0;

  input(value: OnnxValue): string {
    this.#inputs.set(value.name, value);
    return value.name;
  }

  constant(type: ElementType, shape: readonly number[], values: ConstantValues): string {
    const create = (): string[] => {
      const name = this.#fresh('constant');
      const tensor = new ProtobufMessage();
      for (const length of shape) tensor.integer(1, length);
      tensor.integer(2, elementTypeCodes[type]).bytes(8, name);
      tensor.bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      this.#constants.set(name, tensor);
      return [name];
    };
    return values.length > 64 ? create()[0]! : this.#once(`${type} ${shape.join()}:${values.join()}`, create)[0]!;
  }

  real(value: number): string {
    const name = this.constant('float32', [], Float32Array.of(value));
    this.#reals.set(name, value);
    return name;
  }

  /** The number behind a value made by `real`. */
  realOf(name: string): number | undefined {
    return this.#reals.get(name);
  }

  /** A list of int64, as shapes and axes are given to operators. */
  integers(values: readonly number[]): string {
    return this.constant('int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  node(operator: string, inputs: readonly string[], attributes: Attributes = {}, domain = ''): string {
    return this.nodeWithOutputs(1, operator, inputs, attributes, domain)[0]!;
  }

  nodeWithOutputs(
    count: number,
    operator: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    domain = '',
  ): readonly string[] {
    return this.#once(JSON.stringify([operator, domain, inputs, attributes, count]), () => {
      const outputs = Array.from({ length: count }, () => this.#fresh(operator));
      const node = { operator, domain, inputs, outputs, attributes };
      this.#nodes.push(node);
      for (const output of outputs) this.#producers.set(output, node);
      return outputs;
    });
  }

  /** The node that computes a value; undefined for inputs and constants. */
  producerOf(name: string): OnnxNode | undefined {
    return this.#producers.get(name);
  }

  /** The model as bytes, with the names of the inputs that it needs. */
  encode(outputs: readonly OnnxValue[]): { bytes: Uint8Array; inputs: string[] } {
    const needed = this.#neededFor(outputs);
    const inputs = [...this.#inputs.values()].filter(({ name }) => needed.has(name));
    const graph = new ProtobufMessage();
    for (const node of this.#nodes) {
      if (node.outputs.some((output) => needed.has(output))) graph.bytes(1, nodeMessage(node));
    }
    graph.bytes(2, 'step');
    for (const [name, tensor] of this.#constants) if (needed.has(name)) graph.bytes(5, tensor);
    for (const input of inputs) graph.bytes(11, valueMessage(input));
    for (const output of outputs) graph.bytes(12, valueMessage(output));
    const model = new ProtobufMessage().integer(1, irVersion).bytes(2, 'lp-workbench').bytes(7, graph);
    model.bytes(8, new ProtobufMessage().bytes(1, '').integer(2, opsetVersion));
    for (const domain of [microsoft, microsoftBlocked]) {
      model.bytes(8, new ProtobufMessage().bytes(1, domain).integer(2, 1));
    }
    return { bytes: model.encode(), inputs: inputs.map(({ name }) => name) };
  }

  /** Nodes stand in an order in which each comes after what it reads. */
  #neededFor(outputs: readonly OnnxValue[]): Set<string> {
    const needed = new Set(outputs.map(({ name }) => name));
    for (const node of this.#nodes.toReversed()) {
      if (!node.outputs.some((output) => needed.has(output))) continue;
      for (const input of node.inputs) needed.add(input);
    }
    return needed;
  }

  #fresh(prefix: string): string {
    return `${prefix}_${this.#count++}`;
  }

  #once(key: string, create: () => readonly string[]): readonly string[] {
    const known = this.#known.get(key) ?? create();
    this.#known.set(key, known);
    return known;
  }
}

function nodeMessage({ operator, domain, inputs, outputs, attributes }: OnnxNode): ProtobufMessage {
  const node = new ProtobufMessage();
  for (const input of inputs) node.bytes(1, input);
  for (const output of outputs) node.bytes(2, output);
  node.bytes(3, `node_${outputs[0]}`).bytes(4, operator);
  for (const [name, value] of Object.entries(attributes)) node.bytes(5, attributeMessage(name, value));
  return domain === '' ? node : node.bytes(7, domain);
}

/** The numbers of AttributeProto: field of the value, then its type code in field 20. */
function attributeMessage(name: string, value: Attribute): ProtobufMessage {
  const attribute = new ProtobufMessage().bytes(1, name);
  if (typeof value === 'number') return attribute.integer(3, value).integer(20, 2);
  if (typeof value === 'string') return attribute.bytes(4, value).integer(20, 3);
  if ('real' in value) return attribute.float(2, value.real).integer(20, 1);
  for (const each of value) attribute.integer(8, each);
  return attribute.integer(20, 7);
}

function valueMessage({ name, type, shape }: OnnxValue): ProtobufMessage {
  const dimensions = new ProtobufMessage();
  for (const length of shape) dimensions.bytes(1, new ProtobufMessage().integer(1, length));
  const tensorType = new ProtobufMessage().integer(1, elementTypeCodes[type]).bytes(2, dimensions);
  return new ProtobufMessage().bytes(1, name).bytes(2, new ProtobufMessage().bytes(1, tensorType));
}
