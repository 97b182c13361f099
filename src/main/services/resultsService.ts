import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { DatasetMeta, DatasetRef } from '../../core/contract/datasets.ts';
import type { TrainedModel } from '../../core/contract/modelTasks.ts';
import {
  evaluationSchema,
  resultsContract,
  type CheckpointChoice,
  type Evaluation,
  type FilePrediction,
  type ResultsService,
} from '../../core/contract/results.ts';
import type { Checkpoint, Run } from '../../core/contract/runs.ts';
import { AppError } from '../../core/errors.ts';
import type { FileSample, readFileSamples } from '../results/fileSamples.ts';
import type { ModelProcess } from '../results/modelProcess.ts';
import { implementContract } from './implementContract.ts';
import { refuseToReplace } from './refuseToReplace.ts';

export interface ResultsServiceOptions {
  getRun: (runId: string) => Promise<Run>;
  checkpoints: (runId: string) => Promise<Checkpoint[]>;
  ensureDataset: (id: string) => Promise<DatasetRef>;
  readMeta: (dir: string) => Promise<DatasetMeta>;
  models: ModelProcess;
  /** the samples of a file in stored units of the dataset; of what cannot be read, why */
  readSamples: typeof readFileSamples;
  /** folder of a run, in which evaluations are kept */
  runDir: (runId: string) => string;
  /** a place for files that live for one call */
  tempDir: string;
  wasmDir: string;
  explain: (error: unknown, place: string) => unknown;
}

/** Rows kept with an evaluation, of which a caller may ask fewer. */
const keptWorst = 100;
const shownClasses = 10;
/** Files that are read at a time, and samples that are answered together. */
const filesAtOnce = 8;
const mostAnswers = 10_000;

export function createResultsService(options: ResultsServiceOptions): ResultsService {
  const { models, wasmDir } = options;

  const checkpointOf = async (run: Run, which: CheckpointChoice): Promise<Checkpoint> => {
    const known = await options.checkpoints(run.id);
    // newest first; at one step the best one has the same weights
    const found = which === 'best' ? known.find(({ kind }) => kind === 'best') : known[0];
    if (found) return found;
    const what = which === 'best' ? 'no checkpoint that was kept as its best' : 'no checkpoint';
    throw new AppError(
      'checkpointMissing',
      `Run ${run.id} (${run.name}) has ${what}, so there are no weights to use.`,
      {
        details: { runId: run.id, which },
      },
    );
  };
  const open = async (runId: string, which: CheckpointChoice) => {
    const run = await options.getRun(runId);
    const checkpoint = await checkpointOf(run, which);
    const dataset = await options.ensureDataset(run.config.dataset.id);
    if (run.datasetHash !== null && run.datasetHash !== dataset.hash) {
      throw new AppError(
        'conflict',
        `The dataset "${dataset.id}" is not the one that run ${run.id} was trained on: its content has another hash.`,
        { details: { runId: run.id, dataset: dataset.id } },
      );
    }
    const model: TrainedModel = { config: run.config, dataset, checkpointPath: checkpoint.path, wasmDir };
    return { run, checkpoint, dataset, model };
  };

  /** Writes under a temporary name beside the target, so that a file or folder with the final name is whole. */
  const intoPlace = async <Result>(target: string, make: (temporary: string) => Promise<Result>): Promise<Result> => {
    const temporary = `${target}.${process.pid}.partial`;
    try {
      await mkdir(path.dirname(target), { recursive: true });
      const result = await make(temporary);
      await rename(temporary, target);
      return result;
    } catch (error) {
      await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
      throw options.explain(error, target);
    }
  };

  const evaluationFile = (runId: string, part: string, step: number): string =>
    path.join(options.runDir(runId), 'evaluations', `${part}-${step}.json`);
  const readKept = async (file: string): Promise<Evaluation | null> => {
    try {
      return evaluationSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    } catch {
      return null;
    }
  };

  return implementContract(resultsContract, {
    async evaluate({ runId, part, which, worst }) {
      const { checkpoint, model } = await open(runId, which);
      const file = evaluationFile(runId, part, checkpoint.step);
      let evaluation = await readKept(file);
      if (!evaluation) {
        const reply = await models.evaluate({ model, part, worst: keptWorst });
        evaluation = { ...reply.evaluation, runId, step: checkpoint.step };
        const text = JSON.stringify(evaluation);
        // a result that cannot be kept is computed again next time
        await intoPlace(file, (temporary) => writeFile(temporary, text)).catch(() => undefined);
      }
      return { ...evaluation, worst: evaluation.worst.slice(0, worst) };
    },
    async exportPredictions({ runId, dataset: otherId, part, which, path: target, overwrite }) {
      const file = path.resolve(target);
      await refuseToReplace(file, overwrite);
      const { dataset, model } = await open(runId, which);
      const asked = otherId === undefined ? dataset : await options.ensureDataset(otherId);
      const { rows } = await intoPlace(file, (temporary) =>
        models.predict({ model, dataset: asked, part, file: temporary }),
      );
      return { path: file, rows };
    },
    async exportModel({ runId, format, which, path: target }) {
      const { checkpoint, model } = await open(runId, which);
      const dir = path.resolve(target);
      const { files } = await intoPlace(dir, async (temporary) => {
        await mkdir(temporary);
        return models.export({ model, format, dir: temporary });
      });
      return { path: dir, files, step: checkpoint.step };
    },
    async predictFiles({ runId, paths, which }) {
      const { dataset, model } = await open(runId, which);
      const meta = await options.readMeta(dataset.dir);
      await mkdir(options.tempDir, { recursive: true });
      const kind = { meta, dir: dataset.dir, tempDir: options.tempDir };
      const found: { path: string; index: number; sample: FileSample }[] = [];
      for (let start = 0; start < paths.length; start += filesAtOnce) {
        const files = paths.slice(start, start + filesAtOnce);
        const read = await Promise.all(files.map((file) => options.readSamples(file, kind)));
        read.forEach((samples, i) => {
          found.push(...samples.map((sample, index) => ({ path: files[i]!, index, sample })));
        });
        if (found.length > mostAnswers) {
          throw new AppError(
            'badUsage',
            `The files hold more than ${mostAnswers.toLocaleString('en')} samples: choose fewer, or import them as a dataset.`,
          );
        }
      }
      const samples = found.flatMap(({ sample }) => ('values' in sample ? [sample.values] : []));
      const outputs = samples.length === 0 ? [] : await answer(model, samples);
      let next = 0;
      return found.map(({ path: file, index, sample }): FilePrediction => {
        if ('problem' in sample) return { path: file, index, classes: [], values: [], problem: sample.problem };
        return { path: file, index, ...asPrediction(outputs[next++]!, meta), problem: null };
      });
    },
  });

  async function answer(model: TrainedModel, samples: readonly Float32Array[]): Promise<number[][]> {
    await mkdir(options.tempDir, { recursive: true });
    const dir = await mkdtemp(path.join(options.tempDir, 'answer-'));
    try {
      const file = path.join(dir, 'samples.bin');
      await writeFile(
        file,
        Buffer.concat(
          samples.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
        ),
      );
      return (await models.answer({ model, samples: file, count: samples.length })).outputs;
    } catch (error) {
      throw options.explain(error, dir);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }
}

function asPrediction(output: readonly number[], meta: DatasetMeta): Pick<FilePrediction, 'classes' | 'values'> {
  if (meta.task !== 'classes') return { classes: [], values: [...output] };
  const ranked = output
    .map((probability, i) => ({ name: meta.classes[i]!, probability }))
    .toSorted((a, b) => b.probability - a.probability);
  return { classes: ranked.slice(0, shownClasses), values: [] };
}
