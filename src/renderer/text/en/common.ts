import type { RunStatus } from '../../../core/contract/runs.ts';

const statuses: Record<RunStatus, string> = {
  queued: 'Queued',
  starting: 'Starting',
  running: 'Running',
  paused: 'Paused',
  completed: 'Completed',
  stopped: 'Stopped',
  failed: 'Failed',
  interrupted: 'Interrupted',
  cancelled: 'Cancelled',
};

const metrics: Readonly<Record<string, string>> = {
  loss: 'Loss (batch)',
  learningRate: 'Learning rate',
  p: 'p',
  rho: 'ρ',
  gradientNorm: 'Gradient norm',
  updateRatio: 'Update / weight norm',
  samplesPerSecond: 'Samples per second',
  elapsedSeconds: 'Training time',
  epoch: 'Epoch',
  trainLoss: 'Train loss',
  validationLoss: 'Validation loss',
  testLoss: 'Test loss',
  trainAccuracy: 'Train accuracy',
  validationAccuracy: 'Validation accuracy',
  testAccuracy: 'Test accuracy',
  trainMae: 'Train MAE',
  validationMae: 'Validation MAE',
  testMae: 'Test MAE',
  workerMemoryBytes: 'Worker memory',
  processMemoryBytes: 'Memory of the training process',
  processorPercent: 'Processor, 100 % per core',
  cardPercent: 'Graphics card, load in %',
  cardMemoryBytes: 'Graphics card, memory used',
  dataWaitShare: 'Time spent waiting for data',
};

export const common = {
  save: 'Save',
  cancel: 'Cancel',
  close: 'Close',
  undo: 'Undo',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'Copying was not allowed by the system.',
  savedAs: (file: string) => `Saved as ${file}`,
  loading: 'Loading…',
  retry: 'Try again',
  none: 'none',
  statuses,
  /** what people call a metric key; unknown keys are shown as they are */
  metric: (key: string): string => metrics[key] ?? key,
  notFoundTitle: 'This page does not exist',
};
