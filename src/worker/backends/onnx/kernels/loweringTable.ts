import type { LoweringTable } from '../lowering.ts';
import { batchNormLowerings } from './batchNorm.ts';
import { convolutionLowerings } from './convolution.ts';
import { elementwiseLowerings } from './elementwise.ts';
import { matMulLowerings } from './matMul.ts';
import { poolingLowerings } from './pooling.ts';
import { reductionLowerings } from './reductions.ts';
import { shapeLowerings } from './shapes.ts';

/** Every tfjs kernel that a compiled function may use, forward and backward. */
export const loweringTable: LoweringTable = {
  ...elementwiseLowerings,
  ...reductionLowerings,
  ...matMulLowerings,
  ...shapeLowerings,
  ...convolutionLowerings,
  ...poolingLowerings,
  ...batchNormLowerings,
};
