import path from 'node:path';
import { dataParts } from '../../../core/contract/datasetImport.ts';
import {
  checkpointChoices,
  modelFormats,
  type CheckpointChoice,
  type Evaluation,
  type FilePrediction,
  type ModelFormat,
} from '../../../core/contract/results.ts';
import { AppError } from '../../../core/errors.ts';
import { classScores } from '../../../core/metrics/confusion.ts';
import { exitCodes } from '../command.ts';
import type { Command } from '../command.ts';
import type { FlagSpec, PositionalSpec } from '../flags/flagSpec.ts';
import { formatNumber, formatPercent } from '../terminal/formats.ts';
import { renderTable } from '../terminal/table.ts';
import { connectFlag, withWorkbench } from '../workbench.ts';

const runPositional: PositionalSpec = { name: 'RUN', description: 'id, beginning of an id, or name of a run' };
const whichFlag: FlagSpec = {
  name: 'checkpoint',
  kind: 'text',
  description: 'whose weights answer: the newest, or the best by the monitored metric',
  choices: checkpointChoices,
  placeholder: 'WHICH',
  defaultText: 'last',
};
const partFlag = (choices: readonly string[]): FlagSpec => ({
  name: 'part',
  kind: 'text',
  description: 'part of the data',
  choices,
  placeholder: 'PART',
  defaultText: 'test',
});

const evaluateCommand: Command = {
  name: 'evaluate',
  summary: 'Judges a trained model: loss, accuracy, and precision and recall of every class.',
  positionals: [runPositional],
  flags: [partFlag(dataParts), whichFlag, connectFlag],
  examples: ['lp-workbench evaluate 3f2a --part validation'],
  async run({ host, args, dataDir, isJson }) {
    const part = (args.text('part') ?? 'test') as (typeof dataParts)[number];
    const which = (args.text('checkpoint') ?? 'last') as CheckpointChoice;
    const evaluation = await withWorkbench(
      host,
      dataDir,
      { connect: args.text('connect') },
      async ({ runs, results }) => {
        const { id: runId } = await runs.find({ text: args.positional(0) });
        return results.evaluate({ runId, part, which });
      },
    );
    host.out(isJson ? `${JSON.stringify(evaluation)}\n` : evaluationText(evaluation));
    return exitCodes.done;
  },
};

function evaluationText(evaluation: Evaluation): string {
  const { rows, part, step, loss, accuracy, meanAbsoluteError, rootMeanSquaredError, r2 } = evaluation;
  const facts: [string, string | null][] = [
    ['Rows', `${rows} (${part} part, weights of step ${step})`],
    ['Loss', formatNumber(loss)],
    ['Accuracy', accuracy === null ? null : formatPercent(accuracy)],
    ['Mean absolute error', meanAbsoluteError === null ? null : formatNumber(meanAbsoluteError)],
    ['Root mean squared error', rootMeanSquaredError === null ? null : formatNumber(rootMeanSquaredError)],
    ['R squared', r2 === null ? null : formatNumber(r2)],
  ];
  const lines = facts.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(25)}${value}`]));
  if (evaluation.task === 'regression') return `${lines.join('\n')}\n`;
  const scores = classScores(evaluation.confusion);
  const share = (value: number | null): string => (value === null ? '' : formatPercent(value));
  const table = renderTable(
    [
      { title: 'Class' },
      { title: 'Rows', align: 'right' },
      { title: 'Precision', align: 'right' },
      { title: 'Recall', align: 'right' },
      { title: 'F1', align: 'right' },
      { title: 'Most often taken for' },
    ],
    scores.map(({ support, precision, recall, f1 }, i) => [
      evaluation.classes[i]!,
      String(support),
      share(precision),
      share(recall),
      share(f1),
      mistakenFor(evaluation, i),
    ]),
  );
  return `${lines.join('\n')}\n\n${table}`;
}

function mistakenFor({ confusion, classes }: Evaluation, target: number): string {
  const row = confusion[target]!;
  const worst = row.reduce((best, n, i) => (i !== target && n > (best === -1 ? 0 : row[best]!) ? i : best), -1);
  return worst === -1 ? '' : `${classes[worst]!} (${row[worst]})`;
}

const predictCommand: Command = {
  name: 'predict',
  summary: 'What a trained model says: to files, or to every row of a dataset as CSV (--out).',
  details: [
    'A file is an image; or .npy with one sample or many, in the numbers of the dataset; or, where the model was trained on a',
    'table, .csv or .tsv with its columns, of which each row is answered.',
  ],
  positionals: [runPositional],
  flags: [
    {
      name: 'file',
      kind: 'text',
      placeholder: 'FILE',
      description: 'image, .npy, .csv or .tsv; may be given several times',
      repeatable: true,
    },
    {
      name: 'out',
      kind: 'text',
      placeholder: 'FILE',
      description: 'CSV to write: row, part, target, predicted, probabilities',
    },
    { name: 'overwrite', kind: 'switch', description: 'replace a file that is there' },
    {
      name: 'dataset',
      kind: 'text',
      placeholder: 'ID',
      description: 'another dataset, with samples of the same shape',
    },
    partFlag([...dataParts, 'all']),
    whichFlag,
    connectFlag,
  ],
  examples: [
    'lp-workbench predict 3f2a --file seven.png',
    'lp-workbench predict 3f2a --part all --out predictions.csv',
  ],
  async run({ host, args, dataDir, isJson }) {
    const files = args.texts('file').map((file) => path.resolve(file));
    const out = args.text('out');
    if ((out === undefined) === (files.length === 0)) {
      throw new AppError(
        'badUsage',
        'predict needs either --file, with files to look at, or --out, with a CSV to write.',
      );
    }
    const which = (args.text('checkpoint') ?? 'last') as CheckpointChoice;
    return withWorkbench(host, dataDir, { connect: args.text('connect') }, async ({ runs, results }) => {
      const { id: runId } = await runs.find({ text: args.positional(0) });
      if (out === undefined) {
        const answers = await results.predictFiles({ runId, paths: files, which });
        const isMany = (file: string): boolean => answers.some((answer) => answer.path === file && answer.index > 0);
        host.out(
          isJson
            ? `${JSON.stringify(answers)}\n`
            : answers.map((answer) => answerText(answer, isMany(answer.path))).join(''),
        );
        return answers.some(({ problem }) => problem !== null) ? exitCodes.failed : exitCodes.done;
      }
      const dataset = args.text('dataset');
      const written = await results.exportPredictions({
        runId,
        which,
        path: path.resolve(out),
        overwrite: args.isOn('overwrite'),
        part: (args.text('part') ?? 'test') as (typeof dataParts)[number] | 'all',
        ...(dataset === undefined ? {} : { dataset }),
      });
      host.out(isJson ? `${JSON.stringify(written)}\n` : `${written.rows} rows are in ${written.path}.\n`);
      return exitCodes.done;
    });
  },
};

function answerText({ path: file, index, classes, values, problem }: FilePrediction, isOfMany: boolean): string {
  if (problem !== null) return `${problem}\n`;
  const said =
    classes.length > 0
      ? classes.slice(0, 3).map(({ name, probability }) => `${name} ${formatPercent(probability)}`)
      : values.map((value) => formatNumber(value));
  return `${file}${isOfMany ? ` sample ${index + 1}` : ''}: ${said.join(', ')}\n`;
}

const exportCommand: Command = {
  name: 'models export',
  summary: 'Writes a trained model for other programs, as a folder.',
  details: [
    'tfjs: model.json and weights.bin for tf.loadLayersModel; it answers with class probabilities. safetensors: the',
    'weights with their names, and config.json. Both say how numbers are to be scaled before they go in.',
  ],
  positionals: [runPositional],
  flags: [
    { name: 'out', kind: 'text', placeholder: 'DIR', description: 'folder to make (default model-RUN here)' },
    {
      name: 'format',
      kind: 'text',
      description: 'kind of files',
      choices: modelFormats,
      placeholder: 'FORMAT',
      defaultText: 'tfjs',
    },
    whichFlag,
    connectFlag,
  ],
  examples: ['lp-workbench models export 3f2a --out my-model'],
  async run({ host, args, dataDir, isJson }) {
    const format = (args.text('format') ?? 'tfjs') as ModelFormat;
    const which = (args.text('checkpoint') ?? 'last') as CheckpointChoice;
    const written = await withWorkbench(host, dataDir, { connect: args.text('connect') }, async ({ runs, results }) => {
      const { id: runId } = await runs.find({ text: args.positional(0) });
      return results.exportModel({ runId, format, which, path: path.resolve(args.text('out') ?? `model-${runId}`) });
    });
    host.out(
      isJson
        ? `${JSON.stringify(written)}\n`
        : `The weights of step ${written.step} are in ${written.path}: ${written.files.join(', ')}.\n`,
    );
    return exitCodes.done;
  },
};

export const resultCommands: readonly Command[] = [evaluateCommand, predictCommand, exportCommand];
