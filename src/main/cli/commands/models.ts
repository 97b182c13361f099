import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { modelCatalogue } from '../../../core/models/catalogue.ts';
import { describeModel, type ModelDescription } from '../../../core/models/describeModel.ts';
import { modelConfigSchema, type ModelConfig } from '../../../core/models/modelConfig.ts';
import type { ModelSurroundings } from '../../../core/models/modelPlan.ts';
import { exitCodes } from '../command.ts';
import type { Command } from '../command.ts';
import { checkOwners, findModel, flagProblems, setFields } from '../config/configFromFlags.ts';
import type { JsonObject } from '../config/configFromFlags.ts';
import { readModel, weightsLeft } from '../config/modelFile.ts';
import { modelOptionFlags } from '../config/runFlags.ts';
import type { FlagSpec } from '../flags/flagSpec.ts';
import type { ParsedArguments } from '../flags/parsedArguments.ts';
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

const surroundingsFlags = (inputDefault: string): FlagSpec[] => [
  {
    name: 'input',
    kind: 'numbers',
    description: 'shape of one sample: height,width,channels of an image or the number of features',
    defaultText: inputDefault,
    placeholder: 'H,W,C',
  },
  { name: 'classes', kind: 'number', description: 'number of classes; 0 for regression', defaultText: '10' },
];

const showModel: Command = {
  name: 'models show',
  summary: 'Layers, shapes and parameter counts of a model.',
  positionals: [{ name: 'ID', description: 'a model id' }],
  flags: [...surroundingsFlags('8,8,1'), ...modelOptionFlags],
  examples: [
    'lp-workbench models show cnn --input 32,32,3 --classes 100',
    'lp-workbench models show mlp --hidden 256,128',
  ],
  async run({ host, isJson, args }) {
    const { id, name, summary } = findModel(args.positional(0));
    checkOwners(args, modelOptionFlags, { optimizer: 'lpsgdm', model: id });
    const surroundings = surroundingsFrom(args, [8, 8, 1]);
    const input: { model: JsonObject } = { model: { preset: id } };
    setFields(input, args, modelOptionFlags);
    const checked = z.object({ model: modelConfigSchema }).safeParse(input);
    if (!checked.success) throw flagProblems(checked.error, args, modelOptionFlags);
    const description = describeModel(checked.data.model, surroundings);
    if (isJson) {
      host.out(`${JSON.stringify({ id, name, config: checked.data.model, ...surroundings, ...description })}\n`);
    } else host.out(`${name}: ${summary}\n\n${layerTable(description, surroundings)}`);
    return exitCodes.done;
  },
};

const importModel: Command = {
  name: 'models import',
  summary: 'Reads a model of Keras or tfjs (model.json), or layers, and shows what it is here.',
  details: [
    'Layers that do not exist here are named. What --output writes goes into a run with train --config, with new weights; ' +
      'train --model-file FILE --with-weights begins with those of the file.',
  ],
  positionals: [{ name: 'FILE', description: 'a JSON file' }],
  flags: [
    { name: 'output', kind: 'text', placeholder: 'FILE', description: 'write the model as a configuration file' },
    ...surroundingsFlags("the file's own, else 32,32,3"),
  ],
  examples: ['lp-workbench models import model.json --output model-config.json'],
  async run({ host, isJson, args }) {
    const path = args.positional(0);
    const { model, inputShape, notes: remarks, hasWeights } = await readModel(path);
    const notes = hasWeights ? [...remarks, weightsLeft] : remarks;
    const surroundings = surroundingsFrom(args, inputShape ?? [32, 32, 3]);
    const description = describeModel(model, surroundings);
    const output = args.text('output');
    if (output !== undefined) await writeModel(output, model);
    if (isJson) {
      host.out(`${JSON.stringify({ config: model, notes, ...surroundings, ...description })}\n`);
      return exitCodes.done;
    }
    host.out(layerTable(description, surroundings));
    for (const note of notes) host.out(`${note}\n`);
    if (output !== undefined) host.out(`Written to ${output}: lp-workbench train --config ${output}\n`);
    return exitCodes.done;
  },
};

async function writeModel(path: string, model: ModelConfig): Promise<void> {
  await writeFile(path, `${JSON.stringify({ model }, null, 2)}\n`).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('fileUnreadable', `The model cannot be written to ${path}: ${reason}.`, { cause: error });
  });
}

function surroundingsFrom(args: ParsedArguments, otherwise: number[]): ModelSurroundings {
  const inputShape = args.numbers('input') ?? otherwise;
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
  return { inputShape, task: classCount === 0 ? 'regression' : 'classes', classCount };
}

function layerTable({ layers, parameterCount }: ModelDescription, { inputShape }: ModelSurroundings): string {
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
  const total = `${parameterCount.toLocaleString('en')} parameters for samples of ${inputShape.join(' x ')}.\n`;
  return `${renderTable(columns, rows)}\n${total}`;
}

export const modelCommands: readonly Command[] = [listModels, showModel, importModel];
