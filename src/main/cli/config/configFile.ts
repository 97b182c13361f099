import { readFile } from 'node:fs/promises';
import { AppError } from '../../../core/errors.ts';
import type { JsonObject } from './configFromFlags.ts';

/** The object in a JSON file. Throws AppError `fileUnreadable`, or `badConfig` when it is not a JSON object. */
export async function readConfigFile(path: string): Promise<JsonObject> {
  const value = await readJsonFile(path, 'configuration');
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new AppError(
    'badConfig',
    `The configuration ${path} must be a JSON object: {"dataset": {"id": "digits"}, ...}.`,
  );
}

/** What a JSON file holds; `what` names it in errors. Throws AppError `fileUnreadable` or `badConfig`. */
export async function readJsonFile(path: string, what: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('fileUnreadable', `The ${what} ${path} cannot be read: ${reason}.`, { cause: error });
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('badConfig', `The ${what} ${path} is not JSON: ${reason}.`, { cause: error });
  }
}
