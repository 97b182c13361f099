import path from 'node:path';
import type { RunConfig } from '../../../core/contract/runConfig.ts';
import { AppError } from '../../../core/errors.ts';
import { readModelFile, type ReadModel } from '../../../core/models/readModelFile.ts';
import type { CliHost } from '../cliHost.ts';
import type { FlagSpec } from '../flags/flagSpec.ts';
import type { ParsedArguments } from '../flags/parsedArguments.ts';
import type { Workbench } from '../workbench.ts';
import { readJsonFile } from './configFile.ts';
import type { JsonObject } from './configFromFlags.ts';

export const modelFileFlag: FlagSpec = {
  name: 'model-file',
  kind: 'text',
  placeholder: 'FILE',
  description: 'take the model from a JSON file: layers, or model.json of Keras or tfjs',
  group: 'Model',
};

export const withWeightsFlag: FlagSpec = {
  name: 'with-weights',
  kind: 'switch',
  description: 'begin with the weights of the --model-file, from the .bin files beside it (tfjs)',
  group: 'Model',
};

/** What a model.json that names weights says about them where they are not asked for. */
export const weightsLeft =
  'Its weights are not taken: runs start from new ones. Take them with: train --model-file FILE --with-weights';

/** A model from a JSON file, in any form that `readModelFile` knows. Throws AppError `fileUnreadable` or `badConfig`. */
export async function readModel(file: string): Promise<ReadModel> {
  return readModelFile(await readJsonFile(file, 'model'));
}

/** Settings with the model of --model-file, where it is given. Throws AppError `badUsage` beside --model. */
export async function withModelFile(host: CliHost, args: ParsedArguments, settings: JsonObject): Promise<JsonObject> {
  const file = args.text('model-file');
  if (file === undefined) {
    if (args.isOn('with-weights')) throw new AppError('badUsage', '--with-weights belongs to --model-file.');
    return settings;
  }
  if (args.has('model'))
    throw new AppError('badUsage', '--model-file and --model both name a model; give one of them.');
  const { model, notes, hasWeights } = await readModel(file);
  for (const note of notes) host.err(`${note}\n`);
  if (hasWeights && !args.isOn('with-weights')) host.err(`${weightsLeft}\n`);
  return { ...settings, model };
}

/** The configuration with the weights of --model-file, where they are asked for. */
export async function withWeights(
  args: ParsedArguments,
  { transfers }: Pick<Workbench, 'transfers'>,
  config: RunConfig,
): Promise<RunConfig> {
  const file = args.text('model-file');
  if (file === undefined || !args.isOn('with-weights')) return config;
  const { hash } = await transfers.importWeights({ paths: [path.resolve(file)] });
  return { ...config, initialWeights: { hash } };
}
