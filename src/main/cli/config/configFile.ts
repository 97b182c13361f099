import { readFile } from 'node:fs/promises';
import { AppError } from '../../../core/errors.ts';
import type { JsonObject } from './configFromFlags.ts';

/** The object in a JSON file. Throws AppError `fileUnreadable`, or `badConfig` when it is not a JSON object. */
export async function readConfigFile(path: string): Promise<JsonObject> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('fileUnreadable', `The configuration ${path} cannot be read: ${reason}.`, { cause: error });
  });
  const value = parse(text, path);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new AppError(
    'badConfig',
    `The configuration ${path} must be a JSON object: {"dataset": {"id": "digits"}, ...}.`,
  );
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('badConfig', `The configuration ${path} is not JSON: ${reason}.`, { cause: error });
  }
}
