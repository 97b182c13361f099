import { AppError } from '../../../core/errors.ts';
import { readModelFile, type ReadModel } from '../../../core/models/readModelFile.ts';
import type { CliHost } from '../cliHost.ts';
import type { FlagSpec } from '../flags/flagSpec.ts';
import type { ParsedArguments } from '../flags/parsedArguments.ts';
import { readJsonFile } from './configFile.ts';
import type { JsonObject } from './configFromFlags.ts';

export const modelFileFlag: FlagSpec = {
  name: 'model-file',
  kind: 'text',
  placeholder: 'FILE',
  description: 'take the model from a JSON file: layers, or model.json of Keras or tfjs',
  group: 'Model',
};

/** A model from a JSON file, in any form that `readModelFile` knows. Throws AppError `fileUnreadable` or `badConfig`. */
export async function readModel(path: string): Promise<ReadModel> {
  return readModelFile(await readJsonFile(path, 'model'));
}

/** Settings with the model of --model-file, where it is given. Throws AppError `badUsage` beside --model. */
export async function withModelFile(host: CliHost, args: ParsedArguments, settings: JsonObject): Promise<JsonObject> {
  const path = args.text('model-file');
  if (path === undefined) return settings;
  if (args.has('model'))
    throw new AppError('badUsage', '--model-file and --model both name a model; give one of them.');
  const { model, notes } = await readModel(path);
  for (const note of notes) host.err(`${note}\n`);
  return { ...settings, model };
}
