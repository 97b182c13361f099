import { augmentationProblem } from '../augmentation/augmentationConfig.ts';
import { noAugmentation } from '../augmentation/catalogue.ts';
import type { DatasetMeta } from '../contract/datasets.ts';
import type { RunConfig } from '../contract/runConfig.ts';
import { findOptimizer } from '../optimizers/catalogue.ts';
import { warnAboutLearningRate } from './learningRateWarnings.ts';
import { warnAboutP } from './pWarnings.ts';
import { runSize, type RunSize } from './runSize.ts';

/** Something valid that is likely not what was meant, or worth knowing before the run. */
export interface ConfigWarning {
  id: string;
  /** error: the run would fail; warning: likely a mistake; info: worth knowing */
  level: 'error' | 'warning' | 'info';
  /** dotted path of the setting it concerns */
  field: string;
  /** what it is, why it matters and what to do */
  message: string;
  /** settings that would resolve it, by dotted path, where that is clear; undefined takes one out */
  fix?: { label: string; changes: Readonly<Record<string, string | number | boolean | undefined>> };
}

/** What a warning may look at. */
export interface WarningFacts {
  config: RunConfig;
  /** null while the dataset is not known */
  meta: Pick<DatasetMeta, 'task' | 'rows' | 'shape' | 'parts'> | null;
  size: RunSize | null;
  /** trainable numbers of the model; null while unknown */
  parameterCount: number | null;
}

/** Everything to say about a valid configuration, the gravest first. */
export function configWarnings(
  config: RunConfig,
  surroundings: Partial<Pick<WarningFacts, 'meta' | 'parameterCount'>> = {},
): ConfigWarning[] {
  const { meta = null, parameterCount = null } = surroundings;
  const facts: WarningFacts = {
    config,
    meta,
    size: meta ? runSize(config, meta.rows, meta.parts) : null,
    parameterCount,
  };
  const found = [warnAboutP, warnAboutLearningRate, warnAboutData, warnAboutKeeping].flatMap((warn) => warn(facts));
  const order = ['error', 'warning', 'info'];
  return found.toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

const offChanges = Object.fromEntries(Object.entries(noAugmentation).map(([key, off]) => [`augmentation.${key}`, off]));

function warnAboutData({ config, meta, size }: WarningFacts): ConfigWarning[] {
  const found: ConfigWarning[] = [];
  if (meta && config.loss !== 'auto' && (config.loss === 'crossEntropy') !== (meta.task === 'classes')) {
    found.push({
      id: 'lossDoesNotFit',
      level: 'error',
      field: 'loss',
      message:
        meta.task === 'classes'
          ? `The dataset has classes, which ${config.loss} cannot learn; choose cross-entropy.`
          : 'The dataset has numbers as targets, which cross-entropy cannot learn; choose mse or mae.',
      fix: { label: 'Choose by the dataset', changes: { loss: 'auto' } },
    });
  }
  const augmentation = meta ? augmentationProblem(config.augmentation, meta.shape) : null;
  if (augmentation !== null) {
    found.push({
      id: 'augmentationDoesNotFit',
      level: 'error',
      field: 'augmentation',
      message: augmentation,
      fix: { label: 'Turn augmentation off', changes: offChanges },
    });
  }
  if (size && size.trainRows < config.batchSize) {
    found.push({
      id: 'batchHoldsEverything',
      level: 'warning',
      field: 'batchSize',
      message: `A batch of ${config.batchSize} holds all ${size.trainRows} training rows: every epoch is one step without noise. Use a smaller batch.`,
    });
  }
  if (config.split.test === 0) {
    found.push({
      id: 'noTestPart',
      level: 'info',
      field: 'split.test',
      message: 'Without a test part the run reports no test accuracy, and comparisons say nothing about new data.',
      fix: { label: 'Hold out 20 %', changes: { 'split.test': 0.2 } },
    });
  }
  return found;
}

/** Disk space above which checkpoints deserve a word. */
const largeBytes = 2e9;

function warnAboutKeeping({ config, parameterCount }: WarningFacts): ConfigWarning[] {
  const found: ConfigWarning[] = [];
  const { checkpoint, earlyStopping, epochs } = config;
  const optimizer = findOptimizer(config.optimizer.id);
  if (parameterCount !== null) {
    const bytes =
      4 * parameterCount * (1 + optimizer.slots.length) * (checkpoint.keepLast + (checkpoint.keepBest ? 1 : 0));
    if (bytes > largeBytes) {
      found.push({
        id: 'checkpointsAreLarge',
        level: 'warning',
        field: 'checkpoint.keepLast',
        message: `The checkpoints that are kept take about ${(bytes / 1e9).toFixed(1)} GB of disk. Keep fewer.`,
      });
    }
  }
  if (earlyStopping && earlyStopping.patienceEpochs >= epochs) {
    found.push({
      id: 'patienceOutlastsRun',
      level: 'info',
      field: 'earlyStopping.patienceEpochs',
      message: `Early stopping never acts: it waits ${earlyStopping.patienceEpochs} epochs and the run has ${epochs}.`,
    });
  }
  if (earlyStopping && optimizer.usesPSchedule && config.pSchedule.kind !== 'constant' && config.pSchedule.pMax > 2) {
    found.push({
      id: 'earlyStoppingCutsAnnealing',
      level: 'warning',
      field: 'earlyStopping',
      message:
        'Early stopping may end the run while p is still high, so that its schedule is never run to the end. Prefer a fixed number of epochs.',
      fix: { label: 'Turn early stopping off', changes: { earlyStopping: undefined } },
    });
  }
  if (config.evaluation.everyEpochs > epochs) {
    found.push({
      id: 'evaluatesOnlyAtEnd',
      level: 'info',
      field: 'evaluation.everyEpochs',
      message: `The run is evaluated once, after its last epoch: it has ${epochs} epochs and is to be evaluated every ${config.evaluation.everyEpochs}.`,
    });
  }
  return found;
}
