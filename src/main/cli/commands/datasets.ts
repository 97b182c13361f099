import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { exportFormats, type ExportFormat } from '../../../core/contract/datasets.ts';
import { asAppError } from '../../../core/errors.ts';
import { exitCodes, type Command, type CommandContext } from '../command.ts';
import type { PositionalSpec } from '../flags/flagSpec.ts';
import {
  detailsText,
  factsOf,
  inspectionText,
  listText,
  previewText,
  sentenceLines,
} from '../terminal/datasetTexts.ts';
import { createImportReporter } from '../terminal/importReporter.ts';
import { connectFlag, withWorkbench, type Workbench } from '../workbench.ts';
import { importChoicesFrom, importFlags } from './importFlags.ts';

const datasetPositional: PositionalSpec = {
  name: 'DATASET',
  description: 'id of a dataset, as datasets list shows it',
};
const pathsPositional: PositionalSpec = {
  name: 'PATH',
  description: 'files, folders or archives that belong together',
  variadic: true,
};

const formatsHelp =
  'What the files are is seen by their content: CSV and other delimited text, JSON lines, Parquet, Arrow and Feather, ' +
  'NumPy .npy and .npz, IDX (MNIST), HDF5, Excel .xlsx and images, also packed by gzip, zip or tar. See docs/datasets.md.';

/** Does one long piece of work under an id, shows its progress, and cancels it when the user wishes. */
async function watched<Result>(
  { host }: CommandContext,
  { datasets, subscribe, lost }: Workbench,
  work: (importId: string) => Promise<Result>,
): Promise<{ result: Result } | { result: null }> {
  const importId = randomBytes(8).toString('hex');
  const reporter = createImportReporter(host);
  let isCancelled = false;
  const undo = [
    subscribe('importProgress', (progress) => {
      if (progress.importId === importId && !isCancelled) reporter.progress(progress);
    }),
    host.onInterrupt(() => {
      if (isCancelled) host.exitNow(exitCodes.interrupted);
      isCancelled = true;
      datasets.cancelImport({ importId }).catch((error: unknown) => host.err(`Note: ${asAppError(error).message}\n`));
    }),
  ];
  try {
    return { result: await Promise.race([work(importId), lost]) };
  } catch (error) {
    if (!isCancelled || asAppError(error).code !== 'cancelled') throw error;
    return { result: null };
  } finally {
    reporter.end();
    for (const stop of undo) stop();
  }
}

function interrupted({ host }: CommandContext): number {
  host.err('Cancelled; nothing was kept.\n');
  return exitCodes.interrupted;
}

const importCommand: Command = {
  name: 'datasets import',
  summary: 'Makes a dataset of files. What is not said is guessed.',
  details: [formatsHelp, 'Ctrl-C cancels and leaves nothing behind. The same data is never kept twice.'],
  examples: [
    'lp-workbench datasets import wine.csv',
    'lp-workbench datasets import houses.parquet --target price --task regression',
    'lp-workbench datasets import train-images-idx3-ubyte.gz train-labels-idx1-ubyte.gz t10k-*.gz --name MNIST',
  ],
  positionals: [pathsPositional],
  flags: [...importFlags, connectFlag],
  async run(context) {
    const { host, args, dataDir, isJson } = context;
    const choices = importChoicesFrom(args);
    const { result } = await withWorkbench(host, dataDir, { connect: args.text('connect') }, (workbench) =>
      watched(context, workbench, (importId) => workbench.datasets.import({ importId, choices })),
    );
    if (!result) return interrupted(context);
    const { meta, warnings } = result;
    const { id, rows, shape, task, classes } = meta;
    if (isJson) host.out(`${JSON.stringify({ id, rows, shape, task, classes, warnings })}\n`);
    else {
      for (const line of sentenceLines(warnings)) host.err(`${line}\n`);
      host.out(`${id}: ${factsOf(meta)}\n`);
      host.err(`Train on it with: lp-workbench train --dataset ${id}\n`);
    }
    return exitCodes.done;
  },
};

const inspectCommand: Command = {
  name: 'datasets inspect',
  summary: 'Looks at files and says what an import would make of them.',
  details: [formatsHelp],
  positionals: [pathsPositional],
  flags: [...importFlags, connectFlag],
  async run(context) {
    const { host, args, dataDir, isJson } = context;
    const choices = importChoicesFrom(args);
    const { result } = await withWorkbench(host, dataDir, { connect: args.text('connect') }, (workbench) =>
      watched(context, workbench, (importId) => workbench.datasets.inspect({ importId, choices })),
    );
    if (!result) return interrupted(context);
    host.out(isJson ? `${JSON.stringify(result)}\n` : inspectionText(result));
    return exitCodes.done;
  },
};

const listCommand: Command = {
  name: 'datasets list',
  summary: 'The datasets, built-in ones first.',
  flags: [connectFlag],
  async run({ host, args, dataDir, isJson }) {
    const list = await withWorkbench(host, dataDir, { readOnly: true, connect: args.text('connect') }, ({ datasets }) =>
      datasets.list({}),
    );
    host.out(isJson ? `${JSON.stringify(list)}\n` : listText(list));
    return exitCodes.done;
  },
};

/** Opens the data folder for reading, or for writing when a built-in dataset must be made first. */
async function withDataset<Result>(
  { host, args, dataDir }: CommandContext,
  use: (workbench: Workbench, id: string) => Promise<Result>,
): Promise<Result> {
  const id = args.positional(0);
  const connect = args.text('connect');
  const isMade = await withWorkbench(host, dataDir, { readOnly: true, connect }, async (workbench) => {
    const found = (await workbench.datasets.list({})).find((dataset) => dataset.id === id);
    return found === undefined || found.meta !== null;
  });
  return withWorkbench(host, dataDir, { readOnly: isMade, connect }, (workbench) => use(workbench, id));
}

const showCommand: Command = {
  name: 'datasets show',
  summary: 'What a dataset holds, how it was made and which runs used it.',
  positionals: [datasetPositional],
  flags: [connectFlag],
  async run(context) {
    const details = await withDataset(context, ({ datasets }, id) => datasets.details({ id }));
    context.host.out(context.isJson ? `${JSON.stringify(details)}\n` : detailsText(details));
    return exitCodes.done;
  },
};

const previewCommand: Command = {
  name: 'datasets preview',
  summary: 'Samples spread evenly over the rows of a dataset.',
  positionals: [datasetPositional],
  flags: [{ name: 'count', kind: 'number', description: 'samples', defaultText: '10' }, connectFlag],
  async run(context) {
    const count = context.args.number('count') ?? 10;
    const preview = await withDataset(context, ({ datasets }, id) => datasets.preview({ id, count }));
    const { shape, meta } = preview;
    if (shape.some((size, axis) => size !== meta.shape[axis])) {
      const [own, shown] = [meta.shape, shape].map((each) => each.join(' x '));
      context.host.err(
        `Note: the images of ${own} are shown reduced to ${shown}; a smaller --count shows larger ones.\n`,
      );
    }
    context.host.out(context.isJson ? `${JSON.stringify(preview)}\n` : previewText(preview));
    return exitCodes.done;
  },
};

const exportCommand: Command = {
  name: 'datasets export',
  summary: 'Writes a dataset as .npz (x, y and parts, as they are stored) or as CSV.',
  positionals: [datasetPositional, { name: 'FILE', description: 'file to write; its ending chooses the format' }],
  flags: [
    { name: 'format', kind: 'text', description: 'if the ending does not say', choices: exportFormats },
    { name: 'overwrite', kind: 'switch', description: 'replace the file if it is there' },
    connectFlag,
  ],
  async run(context) {
    const { host, args, isJson } = context;
    const file = path.resolve(args.positional(1));
    const byEnding: ExportFormat = /\.npz$/i.test(file) ? 'npz' : 'csv';
    const format = (args.text('format') as ExportFormat | undefined) ?? byEnding;
    const { result } = await withDataset(context, (workbench, id) =>
      watched(context, workbench, (importId) =>
        workbench.datasets.export({ id, importId, path: file, format, overwrite: args.isOn('overwrite') }),
      ),
    );
    if (!result) return interrupted(context);
    host.out(isJson ? `${JSON.stringify(result)}\n` : `${result.path}: ${result.bytes.toLocaleString('en')} bytes\n`);
    return exitCodes.done;
  },
};

const deleteCommand: Command = {
  name: 'datasets delete',
  summary: 'Deletes an imported dataset; with --force also one that runs were trained on.',
  positionals: [datasetPositional],
  flags: [
    {
      name: 'force',
      kind: 'switch',
      description: 'although runs were trained on it; they keep their curves but cannot go on',
    },
    connectFlag,
  ],
  async run({ host, args, dataDir, isJson }) {
    const id = args.positional(0);
    await withWorkbench(host, dataDir, { connect: args.text('connect') }, ({ datasets }) =>
      datasets.delete({ id, force: args.isOn('force') }),
    );
    host.out(isJson ? `${JSON.stringify({ id })}\n` : `${id} is deleted.\n`);
    return exitCodes.done;
  },
};

export const datasetCommands: readonly Command[] = [
  importCommand,
  inspectCommand,
  listCommand,
  showCommand,
  previewCommand,
  exportCommand,
  deleteCommand,
];
