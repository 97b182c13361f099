import type { DataId, DataType, TensorInfo } from '@tensorflow/tfjs';
import { AppError } from '../../../core/errors.ts';
import type { Tf } from '../device.ts';
import { inversePermutation, keepsOrder, permutationOf, permute, type Layout } from './layout.ts';
import { OnnxGraph, type ElementType } from './onnxGraph.ts';

/**
 * What a tensor stands for while a function is traced: graph values that hold it, by layout, made when first asked for;
 * or one number that fills the whole shape.
 */
interface SymbolicTensor {
  shape: readonly number[];
  dtype: DataType;
  values: Partial<Record<Layout, string>>;
  fill?: number;
  /** what a max pooling says about where its maxima were */
  maximaAt?: string;
}

export type KernelInputs = Readonly<Record<string, TensorInfo>>;
export type KernelAttributes = Readonly<Record<string, unknown>>;

/** Says a tfjs kernel in ONNX: adds nodes to the graph and defines the result. */
export type Lower = (
  lowering: Lowering,
  inputs: KernelInputs,
  attributes: KernelAttributes,
) => TensorInfo | TensorInfo[];

/** By the name of the tfjs kernel. */
export type LoweringTable = Readonly<Record<string, Lower>>;

export const elementTypes: Readonly<Record<string, ElementType>> = { float32: 'float32', int32: 'int32', bool: 'bool' };

/** What lowerings need to know of where the graph will run. */
export interface Target {
  /** channels per block of ONNX Runtime's own order of images on this processor; 0 where it is not to be used */
  blockSize: number;
  /** whether a max pooling can tell where its maxima were */
  findsMaxima: boolean;
  /** whether a convolution in groups, one for each channel, can be trusted */
  groupsConvolutions: boolean;
}

/** What lowerings work on: the graph so far and what each tensor of the trace stands for. */
export class Lowering {
  readonly tf: Tf;
  readonly graph = new OnnxGraph();
  readonly #symbols = new WeakMap<DataId, SymbolicTensor>();

  readonly target: Target;

  constructor(tf: Tf, target: Target) {
    this.tf = tf;
    this.target = target;
  }

  symbol({ dataId }: { dataId: DataId }): SymbolicTensor {
    const symbol = this.#symbols.get(dataId);
    if (!symbol) throw new AppError('internal', 'A tensor from outside reached a function while it was compiled.');
    return symbol;
  }

  /** The graph value that holds a tensor in a layout; adds the conversion where it is not there yet. */
  value(tensor: TensorInfo, layout: Layout = 'plain'): string {
    const symbol = this.symbol(tensor);
    return (symbol.values[layout] ??= this.#convert(symbol, layout));
  }

  /** The value as an operand that broadcasts in `layout` against tensors of `rank` axes. */
  operand(tensor: TensorInfo, layout: Layout, rank: number): string {
    const symbol = this.symbol(tensor);
    if (symbol.fill !== undefined) return this.#filled(symbol.fill, symbol.dtype);
    if (layout === 'plain' || symbol.shape.length === 0) return this.value(tensor);
    if (symbol.shape.length === rank) return this.value(tensor, layout);
    const shape = [...Array<number>(rank - symbol.shape.length).fill(1), ...symbol.shape];
    return this.permuted(this.reshaped(this.value(tensor), shape), shape, permutationOf(layout, rank));
  }

  /** A new tensor held by a graph value. */
  define(shape: readonly number[], value: string, dtype: DataType = 'float32', layout: Layout = 'plain'): TensorInfo {
    return this.#register({ shape, dtype, values: { [layout]: value } });
  }

  defineFill(shape: readonly number[], fill: number, dtype: DataType = 'float32'): TensorInfo {
    return this.#register({ shape, dtype, values: {}, fill });
  }

  /** The same tensor again, with an identity of its own to dispose of. */
  alias(tensor: TensorInfo, dtype: DataType = tensor.dtype): TensorInfo {
    const symbol = this.symbol(tensor);
    // shared where the type is, so that a conversion asked for through either serves both
    return this.#register(dtype === symbol.dtype ? symbol : { ...symbol, values: { ...symbol.values }, dtype });
  }

  /** Numbers from JavaScript, under an identity that tfjs already has. */
  bindConstant(dataId: DataId, numbers: ArrayLike<number>, shape: readonly number[], dtype: DataType): void {
    const values: Partial<Record<Layout, string>> = {};
    if (numbers.length !== 1) values.plain = this.#constant(numbers, shape, dtype);
    const fill = numbers.length === 1 ? { fill: Number(numbers[0]) } : {};
    this.#symbols.set(dataId, { shape, dtype, values, ...fill });
  }

  reshaped(value: string, shape: readonly number[]): string {
    return this.graph.node('Reshape', [value, this.graph.integers(shape)]);
  }

  permuted(value: string, shape: readonly number[], permutation: readonly number[]): string {
    if (keepsOrder(shape, permutation)) return this.reshaped(value, permute(shape, permutation));
    return this.graph.node('Transpose', [value], { perm: permutation });
  }

  #convert(symbol: SymbolicTensor, layout: Layout): string {
    const { shape, values, fill, dtype } = symbol;
    const rank = shape.length;
    if (fill !== undefined) {
      const target = permute(shape, permutationOf(layout, rank));
      const one = this.#filled(fill, dtype);
      return rank === 0 ? one : this.graph.node('Expand', [one, this.graph.integers(target)]);
    }
    const known = (Object.keys(values) as Layout[])[0]!;
    if (known !== 'plain') {
      const permutation = permutationOf(known, rank);
      values.plain ??= this.permuted(values[known]!, permute(shape, permutation), inversePermutation(permutation));
    }
    return layout === 'plain' ? values.plain! : this.permuted(values.plain!, shape, permutationOf(layout, rank));
  }

  #filled(fill: number, dtype: DataType): string {
    return dtype === 'float32' ? this.graph.real(fill) : this.#constant([fill], [], dtype);
  }

  #constant(numbers: ArrayLike<number>, shape: readonly number[], dtype: DataType): string {
    if (dtype === 'int32') return this.graph.constant('int32', shape, Int32Array.from(numbers));
    if (dtype === 'bool') return this.graph.constant('bool', shape, Uint8Array.from(numbers, Number));
    return this.graph.constant('float32', shape, Float32Array.from(numbers));
  }

  #register(symbol: SymbolicTensor): TensorInfo {
    const dataId = {};
    this.#symbols.set(dataId, symbol);
    return { dataId, shape: [...symbol.shape], dtype: symbol.dtype };
  }
}

/** The layout in which to combine tensors: what they are in already, NCHW where one of them is only that. */
export function commonLayout(lowering: Lowering, tensors: readonly TensorInfo[]): Layout {
  const isOnlyNchw = (tensor: TensorInfo): boolean => {
    const { values } = lowering.symbol(tensor);
    return values.nchw !== undefined && values.plain === undefined;
  };
  return tensors.some(isOnlyNchw) ? 'nchw' : 'plain';
}

/** Refuses a form of a kernel that has no lowering. */
export function missing(kernelName: string, form = ''): AppError {
  const what = form === '' ? kernelName : `${kernelName} (${form})`;
  return new AppError('kernelMissing', `The compiled step has no form of the operation ${what}.`, {
    details: { kernel: kernelName },
  });
}
