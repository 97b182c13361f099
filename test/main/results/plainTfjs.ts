import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';

// Loads a saved model with tfjs alone and prints what it says to rows of a digits dataset folder: MODEL DATASET ROWS.
const [modelDir = '', datasetDir = '', rowList = ''] = process.argv.slice(2);
const description = JSON.parse(readFileSync(path.join(modelDir, 'model.json'), 'utf8'));
const weights = readFileSync(path.join(modelDir, 'weights.bin'));
const model = await tf.loadLayersModel(
  tf.io.fromMemory({
    modelTopology: description.modelTopology,
    weightSpecs: description.weightsManifest[0].weights,
    weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength) as ArrayBuffer,
  }),
);
const file = readFileSync(path.join(datasetDir, 'x.npy'));
const pixels = file.subarray(10 + file.readUInt16LE(8));
const rows = rowList.split(',').map(Number);
const samples = rows.flatMap((row) => Array.from(pixels.subarray(row * 64, row * 64 + 64), (pixel) => pixel / 16));
const output = model.predict(tf.tensor(samples, [rows.length, 8, 8, 1])) as tf.Tensor2D;
process.stdout.write(JSON.stringify(await output.array()));
