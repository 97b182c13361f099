import type { KernelInitializer, LeafLayerSpec, Padding } from './layerSpec.ts';

export const flatten: LeafLayerSpec = { type: 'flatten' };
export const globalAveragePool: LeafLayerSpec = { type: 'globalAveragePool' };
export const relu: LeafLayerSpec = { type: 'activation', activation: 'relu' };
export const maxPool: LeafLayerSpec = { type: 'maxPool2d', poolSize: 2, padding: 'valid' };
export const averagePool: LeafLayerSpec = { type: 'averagePool2d', poolSize: 2, padding: 'valid' };

/** A hidden layer with ReLU. */
export const dense = (units: number, initializer: KernelInitializer = 'he'): LeafLayerSpec => ({
  type: 'dense',
  units,
  activation: 'relu',
  useBias: true,
  initializer,
});

/** No layer for a rate of 0. */
export const dropout = (rate: number): LeafLayerSpec[] => (rate > 0 ? [{ type: 'dropout', rate }] : []);

export interface ConvolutionOptions {
  filters: number;
  kernelSize: number;
  strides?: number;
  padding: Padding;
  useBias?: boolean;
  initializer?: KernelInitializer;
}

/** A convolution without activation. */
export const convolution = ({
  strides = 1,
  useBias = true,
  initializer = 'he',
  ...rest
}: ConvolutionOptions): LeafLayerSpec => ({
  type: 'conv2d',
  ...rest,
  strides,
  useBias,
  initializer,
  activation: 'linear',
});

/** With PyTorch's momentum and epsilon. */
export const batchNorm = (zeroGamma = false): LeafLayerSpec => ({
  type: 'batchNorm',
  momentum: 0.1,
  epsilon: 1e-5,
  zeroGamma,
});
