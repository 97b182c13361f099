import fs from 'node:fs';
import type { DataPart } from '../../core/contract/datasetImport.ts';
import type { RunConfig } from '../../core/contract/runConfig.ts';
import { csvCell } from '../../core/text/csvCell.ts';
import type { OpenDataset } from '../data/openDataset.ts';
import { splitRows } from '../data/split.ts';
import { answerRows, rowsOfPart } from './evaluateModel.ts';
import { indexOfGreatest, softmax } from './rowOutcome.ts';
import type { TrainedNetwork } from './trainedNetwork.ts';

export interface PredictionOptions {
  network: TrainedNetwork;
  dataset: OpenDataset;
  config: RunConfig;
  part: DataPart | 'all';
  /** whether the split of the run says which rows belong to which part */
  isOwnDataset: boolean;
  file: string;
}

/**
 * Writes a CSV with one line per row: `row,part,target,predicted`, then one probability a class; for a regression one
 * predicted and one wanted number a target. Answers the number of rows.
 */
export async function writePredictions(options: PredictionOptions): Promise<number> {
  const { network, dataset, config, part, isOwnDataset } = options;
  const { meta } = dataset;
  const partOfRow = isOwnDataset ? partNames(config, dataset) : null;
  const rows =
    part === 'all' || !isOwnDataset
      ? Uint32Array.from({ length: meta.rows }, (_, row) => row)
      : rowsOfPart(config, dataset, part);
  const isClasses = meta.task === 'classes';
  const { outputSize } = network.plan;
  const descriptor = fs.openSync(options.file, 'wx');
  try {
    const write = (text: string): void => void fs.writeSync(descriptor, text);
    const numbered = (name: string): string[] =>
      outputSize === 1 ? [name] : Array.from({ length: outputSize }, (_, i) => `${name}${i + 1}`);
    const titles = isClasses
      ? ['target', 'predicted', ...meta.classes.map((name) => `p(${name})`)]
      : [...numbered('target'), ...numbered('predicted')];
    write(`${['row', 'part', ...titles].map(csvCell).join(',')}\n`);
    for await (const { rows: batch, outputs, targets } of answerRows(network, dataset, rows)) {
      let text = '';
      batch.forEach((row, i) => {
        const output = outputs.subarray(i * outputSize, (i + 1) * outputSize);
        const target = targets.subarray(i * outputSize, (i + 1) * outputSize);
        const cells = isClasses
          ? [
              csvCell(meta.classes[indexOfGreatest(target)]!),
              csvCell(meta.classes[indexOfGreatest(output)]!),
              ...softmax(output).map((probability) => probability.toPrecision(7)),
            ]
          : [...target, ...output].map(String);
        text += `${[row, partOfRow?.[row] ?? '', ...cells].join(',')}\n`;
      });
      write(text);
    }
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
  return rows.length;
}

function partNames(config: RunConfig, dataset: OpenDataset): string[] {
  const names = Array.from({ length: dataset.meta.rows }, () => '');
  const split = splitRows(config.split, dataset.meta.rows, dataset.parts);
  for (const part of ['train', 'validation', 'test'] as const) for (const row of split[part]) names[row] = part;
  return names;
}
