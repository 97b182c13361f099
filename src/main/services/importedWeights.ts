import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { TransfersService } from '../../core/contract/transfers.ts';
import { AppError } from '../../core/errors.ts';
import { importKeras } from '../../core/models/keras/importKeras.ts';
import { kerasWeightNames, weightsManifest } from '../../core/models/keras/kerasWeights.ts';

/** A model.json holds layers, not weights, and is far smaller. */
const mostModelBytes = 20 * 2 ** 20;

/** Weights of other programs that runs begin with, each set once, in a folder named by its content. */
export interface ImportedWeights {
  /** Takes a model.json and its weight files, which are named too or lie beside it. `tempDir` is on the same disk. */
  take(paths: readonly string[], tempDir: string): ReturnType<TransfersService['importWeights']>;
  dirOf(hash: string): string;
}

export function createImportedWeights(weightsDir: string): ImportedWeights {
  const dirOf = (hash: string): string => path.join(weightsDir, hash);
  return {
    dirOf,
    async take(paths, tempDir) {
      const models = paths.filter((file) => file.toLowerCase().endsWith('.json'));
      if (models.length !== 1) {
        throw new AppError(
          'badUsage',
          `Give one model.json and its weight files; ${models.length === 0 ? 'there is no .json file' : `there are ${models.length} .json files`} among them.`,
        );
      }
      const modelFile = path.resolve(models[0]!);
      const json = await parsed(modelFile);
      const { layers, inputShape, notes } = importKeras(json);
      const files = weightsManifest(json).flatMap((group) => group.paths);
      const { variables } = kerasWeightNames(json);
      const places = files.map((name) => {
        const given = paths.find((file) => path.basename(file) === name);
        return given === undefined ? path.join(path.dirname(modelFile), name) : path.resolve(given);
      });
      const hash = createHash('sha256');
      await mkdir(tempDir, { recursive: true });
      await copyInto(modelFile, path.join(tempDir, 'model.json'), hash);
      for (const [i, name] of files.entries()) await copyInto(places[i]!, path.join(tempDir, name), hash);
      const id = hash.digest('hex');
      await mkdir(weightsDir, { recursive: true });
      const isKnown = (await stat(dirOf(id)).catch(() => null)) !== null;
      if (!isKnown) await rename(tempDir, dirOf(id));
      return { hash: id, model: { layers }, inputShape, notes, variables: variables.size };
    },
  };
}

async function parsed(file: string): Promise<unknown> {
  try {
    const { size } = await stat(file);
    if (size > mostModelBytes) throw new Error('it is larger than 20 MB, which is no list of layers');
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    throw new AppError('fileUnreadable', `The model ${file} cannot be read: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

async function copyInto(from: string, to: string, hash: Hash): Promise<void> {
  try {
    await pipeline(
      createReadStream(from),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(to, { flags: 'wx' }),
    );
  } catch (error) {
    await rm(to, { force: true });
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new AppError(
      'fileUnreadable',
      `${path.basename(from)} is missing, which the model.json names: choose it together with all its weight files.`,
      { cause: error, details: { path: from } },
    );
  }
}
