import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { modelCatalogue } from '../../../core/models/catalogue.ts';
import { describeModel } from '../../../core/models/describeModel.ts';
import { modelConfigSchema } from '../../../core/models/modelConfig.ts';
import { exitCodes } from '../command.ts';
import type { Command } from '../command.ts';
import { checkOwners, findModel, flagProblems, setFields } from '../config/configFromFlags.ts';
import type { JsonObject } from '../config/configFromFlags.ts';
import { modelOptionFlags } from '../config/runFlags.ts';
import { renderTable } from '../terminal/table.ts';

const listModels: Command = {
  name: 'models list',
  summary: 'The models that have a name.',
  async run({ host, isJson }) {
    if (isJson) {
      const facts = modelCatalogue.map(({ id, name, summary, needsImages, options }) => ({
        id,
        name,
        summary,
        needsImages,
        options: z.toJSONSchema(options, { io: 'input' }),
      }));
      host.out(`${JSON.stringify(facts)}\n`);
    } else {
      const rows = modelCatalogue.map(({ id, name, summary }) => [id, name, summary]);
      host.out(renderTable([{ title: 'Id' }, { title: 'Name' }, { title: 'What it is' }], rows));
    }
    return exitCodes.done;
  },
};

const showModel: Command = {
  name: 'models show',
  summary: 'Layers, shapes and parameter counts of a model.',
  positionals: [{ name: 'ID', description: 'a model id' }],
  flags: [
    {
      name: 'input',
      kind: 'numbers',
      description: 'shape of one sample: height,width,channels of an image or the number of features',
      defaultText: '8,8,1',
      placeholder: 'H,W,C',
    },
    { name: 'classes', kind: 'number', description: 'number of classes; 0 for regression', defaultText: '10' },
    ...modelOptionFlags,
  ],
  examples: [
    'lp-workbench models show cnn --input 32,32,3 --classes 100',
    'lp-workbench models show mlp --hidden 256,128',
  ],
  async run({ host, isJson, args }) {
    const { id, name, summary } = findModel(args.positional(0));
    checkOwners(args, modelOptionFlags, { optimizer: 'lpsgdm', model: id });
    const inputShape = args.numbers('input') ?? [8, 8, 1];
    const classCount = args.number('classes') ?? 10;
    if (!inputShape.every((size) => Number.isInteger(size) && size > 0)) {
      throw new AppError('badUsage', `--input must be whole numbers of at least 1, got ${inputShape.join(',')}.`);
    }
    if (!Number.isInteger(classCount) || classCount < 0 || classCount === 1) {
      throw new AppError(
        'badUsage',
        `--classes must be 0 (regression) or a whole number of at least 2, got ${classCount}.`,
      );
    }
    const input: { model: JsonObject } = { model: { preset: id } };
    setFields(input, args, modelOptionFlags);
    const checked = z.object({ model: modelConfigSchema }).safeParse(input);
    if (!checked.success) throw flagProblems(checked.error, args, modelOptionFlags);
    const task = classCount === 0 ? 'regression' : 'classes';
    const { layers, parameterCount } = describeModel(checked.data.model, { inputShape, task, classCount });
    if (isJson) {
      host.out(
        `${JSON.stringify({ id, name, config: checked.data.model, inputShape, task, classCount, layers, parameterCount })}\n`,
      );
      return exitCodes.done;
    }
    const rows = layers.map((layer) => [
      layer.path,
      layer.description,
      layer.outputShape.join(' x '),
      layer.parameterCount.toLocaleString('en'),
    ]);
    const columns = [
      { title: 'Layer' },
      { title: 'What it does' },
      { title: 'Output', align: 'right' },
      { title: 'Parameters', align: 'right' },
    ] as const;
    host.out(`${name}: ${summary}\n\n${renderTable(columns, rows)}\n`);
    host.out(`${parameterCount.toLocaleString('en')} parameters for samples of ${inputShape.join(' x ')}.\n`);
    return exitCodes.done;
  },
};

export const modelCommands: readonly Command[] = [listModels, showModel];
