import path from 'node:path';
import { exitCodes } from '../command.ts';
import type { Command } from '../command.ts';
import type { PositionalSpec } from '../flags/flagSpec.ts';
import { runJson, runTitle } from '../runResult.ts';
import { connectFlag, withWorkbench } from '../workbench.ts';

const runPositional: PositionalSpec = { name: 'RUN', description: 'id, beginning of an id, or name of a run' };

const exportRun: Command = {
  name: 'runs export',
  summary: 'Packs a whole run into one file: settings, every point, log, checkpoints.',
  details: ['Another lp-workbench takes it in with "runs import"; the run has the same id there and can be resumed.'],
  positionals: [runPositional],
  flags: [
    { name: 'out', kind: 'text', placeholder: 'FILE', description: 'file to write (default RUN.lprun here)' },
    { name: 'report', kind: 'switch', description: 'put its report in, as HTML for whoever opens the archive' },
    { name: 'overwrite', kind: 'switch', description: 'replace a file that is there' },
    connectFlag,
  ],
  examples: ['lp-workbench runs export 3f2a --out best.lprun'],
  async run({ host, args, dataDir, isJson }) {
    const written = await withWorkbench(host, dataDir, { connect: args.text('connect') }, async (workbench) => {
      const { id: runId } = await workbench.runs.find({ text: args.positional(0) });
      const file = path.resolve(args.text('out') ?? `${runId}.lprun`);
      return workbench.transfers.exportRun({
        runId,
        path: file,
        overwrite: args.isOn('overwrite'),
        includeReport: args.isOn('report'),
      });
    });
    host.out(isJson ? `${JSON.stringify(written)}\n` : `The run is in ${written.path} (${written.bytes} bytes).\n`);
    return exitCodes.done;
  },
};

const importRun: Command = {
  name: 'runs import',
  summary: 'Takes a run in from a .lprun file.',
  positionals: [{ name: 'FILE', description: 'a file made by "runs export"' }],
  flags: [
    { name: 'copy', kind: 'switch', description: 'as another run with an id of its own, also when it is here already' },
    connectFlag,
  ],
  async run({ host, args, dataDir, isJson }) {
    const run = await withWorkbench(host, dataDir, { connect: args.text('connect') }, ({ transfers }) =>
      transfers.importRun({ path: path.resolve(args.positional(0)), asCopy: args.isOn('copy') }),
    );
    host.out(isJson ? `${JSON.stringify(runJson(run))}\n` : `${runTitle(run)} is here.\n`);
    return exitCodes.done;
  },
};

const exportEvents: Command = {
  name: 'tensorboard export',
  summary: 'Writes runs as TensorBoard event files: scalars, histograms of weights, hyperparameters.',
  details: ['Scalars are 32-bit floats there. Look at them with: tensorboard --logdir DIR'],
  positionals: [{ ...runPositional, variadic: true }],
  flags: [
    { name: 'out', kind: 'text', placeholder: 'DIR', description: 'folder to make (default tensorboard here)' },
    connectFlag,
  ],
  async run({ host, args, dataDir, isJson }) {
    const written = await withWorkbench(host, dataDir, { connect: args.text('connect') }, async (workbench) => {
      const found = [];
      for (const text of args.positionals) found.push(await workbench.runs.find({ text }));
      const dir = path.resolve(args.text('out') ?? 'tensorboard');
      return workbench.transfers.exportEvents({ runIds: found.map(({ id }) => id), path: dir });
    });
    host.out(isJson ? `${JSON.stringify(written)}\n` : `${written.path}: ${written.files.join(', ')}\n`);
    return exitCodes.done;
  },
};

const importEvents: Command = {
  name: 'tensorboard import',
  summary: 'Reads TensorBoard event files as finished runs, one for each folder that has some.',
  positionals: [{ name: 'PATH', description: 'an event file, or a folder with event files in it or below it' }],
  flags: [connectFlag],
  async run({ host, args, dataDir, isJson }) {
    const taken = await withWorkbench(host, dataDir, { connect: args.text('connect') }, ({ transfers }) =>
      transfers.importEvents({ path: path.resolve(args.positional(0)) }),
    );
    host.out(
      isJson ? `${JSON.stringify(taken.map(runJson))}\n` : taken.map((run) => `${runTitle(run)} is here.\n`).join(''),
    );
    return exitCodes.done;
  },
};

export const runTransferCommands: readonly Command[] = [exportRun, importRun];
export const tensorBoardCommands: readonly Command[] = [exportEvents, importEvents];
