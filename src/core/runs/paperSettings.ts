/** Settings that the paper reports for one optimizer on one task (arXiv:2606.02078, section 5 and appendix). */
export interface PaperSetting {
  task: 'CIFAR-10' | 'CIFAR-100' | 'ImageNet-1K';
  model: 'VGG-11' | 'ResNet-18' | 'ResNet-50';
  optimizerId: 'lpsgdm' | 'sgdm' | 'adamw' | 'lion';
  learningRate: number;
  hyperparameters: Readonly<Record<string, number>>;
  /** only for lpsgdm */
  pMax?: number;
  /** epochs the result was reported at */
  epochs: number;
}

/** Samples per step in every experiment of the paper. */
export const paperBatchSize = 128;

type Row = readonly [
  task: PaperSetting['task'],
  model: PaperSetting['model'],
  lpsgdm: readonly [pMax: number, learningRate: number, weightDecay: number],
  sgdm: readonly [learningRate: number, weightDecay: number],
  adamw: readonly [learningRate: number, weightDecay: number],
  lion: readonly [learningRate: number, weightDecay: number],
];

const rows: readonly Row[] = [
  ['CIFAR-10', 'VGG-11', [6, 1e-3, 1e-2], [0.1, 1e-3], [1e-3, 0.1], [1e-4, 1e-3]],
  ['CIFAR-10', 'ResNet-18', [6, 1e-3, 1e-2], [0.1, 1e-3], [1e-3, 0.1], [1e-4, 1e-3]],
  ['CIFAR-10', 'ResNet-50', [6, 2e-3, 1e-4], [0.05, 5e-4], [1e-3, 1e-4], [1e-4, 5e-4]],
  ['CIFAR-100', 'VGG-11', [8, 5e-4, 5e-4], [0.1, 1e-3], [1e-3, 1e-3], [1e-4, 1e-4]],
  ['CIFAR-100', 'ResNet-18', [6, 1e-2, 0.1], [0.1, 1e-2], [1e-2, 0.1], [1e-3, 0.1]],
  ['CIFAR-100', 'ResNet-50', [6, 1e-3, 0.1], [0.1, 1e-5], [1e-3, 0.1], [1e-3, 1e-5]],
  ['ImageNet-1K', 'ResNet-50', [9, 2e-3, 5e-3], [0.01, 5e-4], [1e-3, 1e-4], [3e-4, 1e-2]],
];

/** Every setting of the paper's table. */
export const paperSettings: readonly PaperSetting[] = rows.flatMap(([task, model, lpsgdm, sgdm, adamw, lion]) => {
  const isImageNet = task === 'ImageNet-1K';
  const common = { task, model, epochs: isImageNet ? 60 : 200 };
  const [pMax, learningRate, weightDecay] = lpsgdm;
  return [
    {
      ...common,
      optimizerId: 'lpsgdm',
      learningRate,
      hyperparameters: { beta: 0.9, epsilon: 1e-8, weightDecay },
      pMax,
    },
    { ...common, optimizerId: 'sgdm', learningRate: sgdm[0], hyperparameters: { beta: 0.9, weightDecay: sgdm[1] } },
    { ...common, optimizerId: 'adamw', learningRate: adamw[0], hyperparameters: { weightDecay: adamw[1] } },
    {
      ...common,
      optimizerId: 'lion',
      learningRate: lion[0],
      hyperparameters: { beta1: 0.9, beta2: isImageNet ? 0.99 : 0.999, weightDecay: lion[1] },
    },
  ] as const;
});

/** What the paper reports for one optimizer, in the order of its table. */
export function paperSettingsOf(optimizerId: string): PaperSetting[] {
  return paperSettings.filter((setting) => setting.optimizerId === optimizerId);
}
