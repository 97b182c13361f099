import type { z } from 'zod';
import { configProblems, runConfigSchema } from '../../../core/contract/runConfig.ts';
import type { RunConfig } from '../../../core/contract/runConfig.ts';
import { AppError } from '../../../core/errors.ts';
import { modelCatalogue, modelIds } from '../../../core/models/catalogue.ts';
import { findOptimizer, optimizerCatalogue, optimizerIds } from '../../../core/optimizers/catalogue.ts';
import { nearestName } from '../../../core/text/nearestName.ts';
import type { ParsedArguments } from '../flags/parsedArguments.ts';
import { runFlags } from './runFlags.ts';
import type { ConfigFlag } from './runFlags.ts';

export type JsonObject = { [key: string]: unknown };

/** Refuses a model id that the catalogue does not have. */
export function findModel(id: string) {
  const model = modelCatalogue.find((candidate) => candidate.id === id);
  if (model) return model;
  const near = nearestName(id, modelIds);
  throw new AppError(
    'unknownModel',
    `There is no model "${id}"${near ? `; did you mean "${near}"?` : '.'} Known: ${modelIds.join(', ')}.`,
    { details: { id, known: [...modelIds], ...(near ? { nearest: near } : {}) } },
  );
}

/**
 * The configuration a command line means: the fields of `file`, if any, with the flags put over them. A flag that names
 * another optimizer (or model) than the file replaces the file's with all its settings, the learning rate included.
 * Throws AppError `badUsage`, `badConfig`, `unknownOptimizer` or `unknownModel`, in terms of the flags where it can.
 */
export function runConfigFrom(args: ParsedArguments, file: JsonObject = {}): RunConfig {
  const input = structuredClone(file);
  replaceOwner(input, 'optimizer', 'id', args.text('optimizer'), ['learningRate']);
  replaceOwner(input, 'model', 'preset', args.text('model'), []);
  checkOwners(args, runFlags, {
    optimizer: textAt(input, ['optimizer', 'id']) ?? 'lpsgdm',
    model: 'layers' in objectAt(input, 'model') ? undefined : (textAt(input, ['model', 'preset']) ?? 'mlp'),
  });
  setFields(input, args, runFlags);
  completeNested(input);
  const result = runConfigSchema.safeParse(input);
  if (result.success) return result.data;
  throw flagProblems(result.error, args, runFlags);
}

/** Puts the value of every given flag at its place. */
export function setFields(target: JsonObject, args: ParsedArguments, flags: readonly ConfigFlag[]): void {
  for (const { name, path } of flags) {
    const value = args.values.get(name);
    if (value !== undefined) setAt(target, path, value);
  }
}

/** Refuses flags of hyperparameters and options that the chosen optimizer or model does not have. */
export function checkOwners(
  args: ParsedArguments,
  flags: readonly ConfigFlag[],
  chosen: { optimizer: string; model?: string | undefined },
): void {
  const optimizer = findOptimizer(chosen.optimizer);
  const model = chosen.model === undefined ? undefined : findModel(chosen.model);
  for (const { name, path, ownedBy } of flags) {
    if (!ownedBy || !args.has(name)) continue;
    const owner = path[0] === 'model' ? model : optimizer;
    if (owner && ownedBy.includes(owner.id)) continue;
    const known = path[0] === 'model' ? modelCatalogue : optimizerCatalogue;
    const owners = ownedBy.map((id) => known.find((candidate) => candidate.id === id)?.name ?? id);
    throw new AppError(
      'badUsage',
      `--${name} does not belong to ${owner?.name ?? 'a model given by its layers'}; it belongs to ${owners.join(', ')}.`,
    );
  }
}

/** The problems of a configuration as one error that speaks of flags where a flag caused them. */
export function flagProblems(error: z.ZodError, args: ParsedArguments, flags: readonly ConfigFlag[]): AppError {
  const given = flags.filter(({ name }) => args.has(name));
  const problems = configProblems(error).map((message, i) => {
    const path = (error.issues[i]?.path ?? []).map(String);
    const cause = given.find((flag) => path.length > 0 && path.every((part, depth) => flag.path[depth] === part));
    return cause ? inTermsOfFlags(message, cause, path, flags) : message;
  });
  return new AppError('badConfig', `${problems.join('; ')}.`, { details: { problems } });
}

function inTermsOfFlags(
  message: string,
  cause: ConfigFlag,
  path: readonly string[],
  flags: readonly ConfigFlag[],
): string {
  const field = [path.join('.'), String(path.at(-1))].find((name) => message.startsWith(name));
  const led = field ? `--${cause.name}${message.slice(field.length)}` : `--${cause.name}: ${message}`;
  return flags
    .filter((flag) => flag.path.length > 1)
    .reduce((text, flag) => text.replaceAll(flag.path.join('.'), `--${flag.name}`), led);
}

function replaceOwner(input: JsonObject, key: string, idKey: string, id: string | undefined, also: string[]): void {
  if (id === undefined || textAt(input, [key, idKey]) === id) return;
  for (const gone of [key, ...also]) delete input[gone];
  input[key] = { [idKey]: id };
}

/** Fields that zod wants inside an object someone has begun. */
function completeNested(input: JsonObject): void {
  const optimizerId = textAt(input, ['optimizer', 'id']) ?? 'lpsgdm';
  if ('optimizer' in input) setMissing(input, ['optimizer', 'id'], optimizerId);
  if ('model' in input && !('layers' in objectAt(input, 'model'))) setMissing(input, ['model', 'preset'], 'mlp');
  if ('learningRate' in input && optimizerIds.includes(optimizerId)) {
    setMissing(input, ['learningRate', 'base'], findOptimizer(optimizerId).defaultLearningRate);
  }
}

function setMissing(target: JsonObject, path: readonly [string, string], value: unknown): void {
  const [outer, inner] = path;
  if (isObject(target[outer]) && !(inner in target[outer])) setAt(target, path, value);
}

function setAt(target: JsonObject, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = isObject(target[key]) ? target[key] : {};
  target[key] = inner;
  setAt(inner, rest, value);
}

function objectAt(target: JsonObject, key: string): JsonObject {
  return isObject(target[key]) ? target[key] : {};
}

function textAt(target: JsonObject, [outer, inner]: readonly [string, string]): string | undefined {
  const value = objectAt(target, outer)[inner];
  return typeof value === 'string' ? value : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
