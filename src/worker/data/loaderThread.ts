import { parentPort, workerData } from 'node:worker_threads';
import { toWire } from '../../core/errors.ts';
import { createFillSamples, type FillSamples } from './fillSamples.ts';
import { batchReady, type LoaderReply, type LoaderRequest, type LoaderSetup } from './loaderMessages.ts';
import { openDataset, type OpenDataset } from './openDataset.ts';

// The program of a thread that makes batches: it opens the dataset for itself and fills the memory it is given.
const setup = workerData as LoaderSetup;
const port = parentPort!;

let opened: { dataset: OpenDataset; fillSamples: FillSamples } | undefined;
function open(): { dataset: OpenDataset; fillSamples: FillSamples } {
  const dataset = openDataset(setup.dataset);
  return {
    dataset,
    fillSamples: createFillSamples(dataset.meta, dataset.samples, setup.augmentation, setup.seed),
  };
}

async function fill({ rows, epoch, samples, targets, state }: LoaderRequest): Promise<void> {
  opened ??= open();
  await opened.fillSamples(rows, epoch, new Float32Array(samples, 0, rows.length * setup.sampleSize));
  opened.dataset.readTargets(rows, new Float32Array(targets, 0, rows.length * setup.targetSize));
  Atomics.store(new Int32Array(state), 0, batchReady);
}

port.on('message', (request: LoaderRequest) => {
  void fill(request).then(
    () => port.postMessage({ id: request.id, error: null } satisfies LoaderReply),
    (error: unknown) => port.postMessage({ id: request.id, error: toWire(error) } satisfies LoaderReply),
  );
});
