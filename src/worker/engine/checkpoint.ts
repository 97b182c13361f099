import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type * as tfjs from '@tensorflow/tfjs';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import type { ModelPlan } from '../../core/models/modelPlan.ts';
import type { OptimizerSpec } from '../../core/optimizers/optimizerSpec.ts';
import type { Tf } from '../backends/device.ts';
import { progressSchema, type Progress } from './progress.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';
import { slotName, type TrainingState } from './trainingState.ts';

const weightsFile = 'weights.safetensors';
const optimizerFile = 'optimizer.safetensors';
const stateFile = 'state.json';
/** the order of the current epoch's rows, among the optimizer's tensors */
const orderName = 'batchOrder';

const stateSchema = z.object({
  version: z.literal(1),
  optimizerId: z.string(),
  progress: progressSchema,
  sha256: z.object({ [weightsFile]: z.string(), [optimizerFile]: z.string() }),
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What a checkpoint holds. `order` is the row order of the epoch under way, empty between epochs. */
export interface CheckpointContent {
  state: TrainingState;
  progress: Progress;
  order: Uint32Array;
}

async function stored(tensors: Readonly<Record<string, tfjs.Tensor>>): Promise<Record<string, StoredTensor>> {
  const entries = Object.entries(tensors).map(async ([name, tensor]) => {
    const values = (await tensor.data()) as Float32Array;
    return [name, { dtype: 'F32', shape: tensor.shape, values }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function writeDurably(file: string, bytes: Uint8Array): void {
  const descriptor = fs.openSync(file, 'w');
  try {
    fs.writeSync(descriptor, bytes);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function syncFolder(dir: string): void {
  if (process.platform === 'win32') return;
  const descriptor = fs.openSync(dir, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * Writes a checkpoint folder: under a temporary name, synced, then renamed, so that a folder with a final name is
 * always whole. Returns its size in bytes. Throws AppError `diskFull` or `fileUnreadable`, leaving nothing behind.
 */
export async function writeCheckpoint(
  dir: string,
  name: string,
  optimizerId: string,
  content: CheckpointContent,
): Promise<{ path: string; bytes: number }> {
  const { state, progress, order } = content;
  const slots = Object.fromEntries(
    Object.entries(state.slots).flatMap(([variable, tensors]) =>
      Object.entries(tensors).map(([slot, tensor]) => [slotName(variable, slot), tensor]),
    ),
  );
  const weights = encodeSafetensors(await stored({ ...state.weights, ...state.statistics }));
  const optimizer = encodeSafetensors({
    ...(await stored(slots)),
    [orderName]: { dtype: 'U32', shape: [order.length], values: order },
  });
  const text = JSON.stringify({
    version: 1,
    optimizerId,
    progress,
    sha256: { [weightsFile]: sha256(weights), [optimizerFile]: sha256(optimizer) },
  });
  const files: [string, Uint8Array][] = [
    [weightsFile, weights],
    [optimizerFile, optimizer],
    [stateFile, new TextEncoder().encode(text)],
  ];
  const target = path.join(dir, name);
  const temporary = path.join(dir, `.${name}.${process.pid}.tmp`);
  try {
    fs.mkdirSync(temporary, { recursive: true });
    for (const [file, bytes] of files) writeDurably(path.join(temporary, file), bytes);
    syncFolder(temporary);
    fs.rmSync(target, { recursive: true, force: true });
    fs.renameSync(temporary, target);
    syncFolder(dir);
  } catch (error) {
    fs.rmSync(temporary, { recursive: true, force: true });
    const full = (error as NodeJS.ErrnoException).code === 'ENOSPC';
    throw new AppError(
      full ? 'diskFull' : 'fileUnreadable',
      full
        ? `The disk is full: the checkpoint of step ${progress.step} could not be written to ${dir}. Free some space, then resume the run; earlier checkpoints are intact.`
        : `The checkpoint of step ${progress.step} could not be written to ${dir}: ${(error as Error).message}. Earlier checkpoints are intact.`,
      { cause: error },
    );
  }
  return { path: target, bytes: files.reduce((sum, [, bytes]) => sum + bytes.length, 0) };
}

/**
 * Reads a checkpoint folder into fresh tensors. Throws AppError `checkpointMissing`, `checkpointCorrupt` (damaged, or
 * made by another model or optimizer).
 */
export function readCheckpoint(tf: Tf, dir: string, plan: ModelPlan, optimizer: OptimizerSpec): CheckpointContent {
  const { progress, weights, slots } = readFiles(dir, optimizer);
  const state: TrainingState = { weights: {}, slots: {}, statistics: {} };
  const take = (from: Record<string, StoredTensor>, name: string, shape: readonly number[]) => {
    const tensor = from[name];
    if (!tensor || tensor.shape.join() !== shape.join()) {
      throw new AppError(
        'checkpointCorrupt',
        `The checkpoint ${dir} was made by another model: it has no ${name} of shape [${shape.join(', ')}].`,
      );
    }
    return tf.tensor(tensor.values as Float32Array, [...shape], 'float32');
  };
  for (const { name, shape, trainable } of plan.variables) {
    if (!trainable) {
      state.statistics[name] = take(weights, name, shape);
      continue;
    }
    state.weights[name] = take(weights, name, shape);
    state.slots[name] = Object.fromEntries(
      optimizer.slots.map((slot) => [slot.name, take(slots, slotName(name, slot.name), shape)]),
    );
  }
  return { state, progress, order: (slots[orderName]?.values as Uint32Array | undefined) ?? new Uint32Array(0) };
}

function readFiles(dir: string, optimizer: OptimizerSpec) {
  const read = (file: string): Uint8Array => {
    try {
      return fs.readFileSync(path.join(dir, file));
    } catch (error) {
      throw new AppError('checkpointMissing', `The checkpoint ${dir} cannot be read: ${(error as Error).message}.`, {
        cause: error,
      });
    }
  };
  const parsed = (() => {
    try {
      return stateSchema.parse(JSON.parse(new TextDecoder().decode(read(stateFile))));
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError(
        'checkpointCorrupt',
        `The checkpoint ${dir} is damaged: its ${stateFile} cannot be understood.`,
        { cause: error },
      );
    }
  })();
  if (parsed.optimizerId !== optimizer.id) {
    throw new AppError(
      'checkpointCorrupt',
      `The checkpoint ${dir} holds the state of ${parsed.optimizerId}, not of ${optimizer.id}.`,
    );
  }
  const verified = (file: typeof weightsFile | typeof optimizerFile) => {
    const bytes = read(file);
    if (sha256(bytes) !== parsed.sha256[file])
      throw new AppError(
        'checkpointCorrupt',
        `The checkpoint file ${path.join(dir, file)} is damaged: its checksum differs.`,
      );
    return decodeSafetensors(bytes, path.join(dir, file));
  };
  return { progress: parsed.progress, weights: verified(weightsFile), slots: verified(optimizerFile) };
}
