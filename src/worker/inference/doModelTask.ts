import fs from 'node:fs';
import type { ModelReply, ModelTask } from '../../core/contract/modelTasks.ts';
import { AppError } from '../../core/errors.ts';
import type { Device } from '../backends/device.ts';
import { openDevice } from '../backends/openDevice.ts';
import { normalize } from '../data/fillSamples.ts';
import { openDataset } from '../data/openDataset.ts';
import { evaluateModel } from './evaluateModel.ts';
import { exportModel } from './exportModel.ts';
import { softmax } from './rowOutcome.ts';
import { openTrainedNetwork } from './trainedNetwork.ts';
import { weightHistograms } from './weightHistograms.ts';
import { writePredictions } from './writePredictions.ts';

const samplesAtOnce = 256;

/** Compiled where that is possible, since a large network on many rows takes minutes otherwise. */
async function openFastDevice(wasmDir: string): Promise<Device> {
  try {
    return await openDevice('onnx-cpu', { wasmDir });
  } catch {
    return openDevice('wasm', { wasmDir });
  }
}

/** Does one thing with a trained model. What it opens it closes. */
export async function doModelTask(task: ModelTask): Promise<ModelReply> {
  if (task.kind === 'histograms') {
    return { kind: 'counted', histograms: task.checkpointPaths.map(weightHistograms) };
  }
  const { model } = task;
  const own = openDataset(model.dataset);
  const device = await openFastDevice(model.wasmDir);
  try {
    const network = openTrainedNetwork(device, model, own.meta, own.targetSize);
    try {
      switch (task.kind) {
        case 'evaluate':
          return {
            kind: 'evaluated',
            evaluation: await evaluateModel(network, own, model.config, task.part, task.worst),
          };
        case 'export': {
          const { format, dir } = task;
          const options = { tf: device.tf, network, meta: own.meta, config: model.config, format, dir };
          return { kind: 'exported', files: await exportModel(options) };
        }
        case 'predict': {
          const isOwnDataset = task.dataset.hash === model.dataset.hash;
          const dataset = isOwnDataset ? own : openDataset(task.dataset);
          try {
            refuseOtherShape(own.meta, dataset.meta);
            const { part, file } = task;
            const rows = await writePredictions({ network, dataset, config: model.config, part, isOwnDataset, file });
            return { kind: 'predicted', rows };
          } finally {
            if (!isOwnDataset) dataset.close();
          }
        }
        case 'answer': {
          const bytes = fs.readFileSync(task.samples);
          const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
          const sampleSize = numbers.length / task.count;
          normalize(numbers, own.meta);
          const { outputSize } = network.plan;
          const outputs: number[][] = [];
          for (let start = 0; start < task.count; start += samplesAtOnce) {
            const count = Math.min(samplesAtOnce, task.count - start);
            const samples = numbers.slice(start * sampleSize, (start + count) * sampleSize);
            const answer = await network.outputs(samples, count);
            for (let i = 0; i < count; i++) {
              const output = answer.subarray(i * outputSize, (i + 1) * outputSize);
              outputs.push(own.meta.task === 'classes' ? softmax(output) : Array.from(output));
            }
          }
          return { kind: 'answered', outputs };
        }
      }
    } finally {
      await network.close();
    }
  } finally {
    device.close();
    own.close();
  }
}

function refuseOtherShape(
  trained: { id: string; shape: readonly number[]; classes: readonly string[]; task: string },
  asked: { id: string; shape: readonly number[]; classes: readonly string[]; task: string },
): void {
  const problem =
    trained.shape.join() !== asked.shape.join()
      ? `its samples have the shape [${asked.shape.join(', ')}], the model takes [${trained.shape.join(', ')}]`
      : trained.task !== asked.task || trained.classes.length !== asked.classes.length
        ? `it has ${asked.classes.length} classes (${asked.task}), the model ${trained.classes.length} (${trained.task})`
        : null;
  if (problem === null) return;
  throw new AppError('shapeMismatch', `The model cannot be tried on the dataset "${asked.id}": ${problem}.`);
}
