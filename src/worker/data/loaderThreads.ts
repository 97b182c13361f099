import { Worker } from 'node:worker_threads';
import { AppError, fromWire } from '../../core/errors.ts';
import { batchReady, type LoaderReply, type LoaderRequest, type LoaderSetup } from './loaderMessages.ts';

/** Batches that are made ahead, as long as they fit into `aheadBytes`; two at least. */
const mostAhead = 4;
const aheadBytes = 256 * 2 ** 20;

export interface LoadedBatch {
  rows: number;
  samples: Float32Array;
  targets: Float32Array;
  /** Lets the memory be filled again. */
  release(): void;
}

export interface LoaderThreads {
  /** Begins to make batches; `next` gives them in order, null after the last. */
  order(
    batches: Iterator<Uint32Array>,
    options: { batchSize: number; epoch: number | null },
  ): { next(): Promise<LoadedBatch | null> };
  close(): Promise<void>;
}

interface Slot {
  samples: SharedArrayBuffer;
  targets: SharedArrayBuffer;
  state: SharedArrayBuffer;
}

interface Pending {
  slot: Slot;
  rows: number;
  isReady(): boolean;
  answered: Promise<void>;
}

interface Answer {
  resolve: () => void;
  reject: (error: unknown) => void;
}

function makeSlots(batchSize: number, { sampleSize, targetSize }: LoaderSetup): Slot[] {
  const bytes = (size: number): number => batchSize * size * Float32Array.BYTES_PER_ELEMENT;
  const count = Math.max(2, Math.min(mostAhead, Math.floor(aheadBytes / bytes(sampleSize))));
  return Array.from({ length: count }, () => ({
    samples: new SharedArrayBuffer(bytes(sampleSize)),
    targets: new SharedArrayBuffer(bytes(targetSize)),
    state: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
  }));
}

/** Starts threads that make batches, each of which depends on its rows and epoch alone. Whoever started them closes them. */
export function startLoaderThreads(program: URL, setup: LoaderSetup, count: number): LoaderThreads {
  const answers = new Map<number, Answer>();
  let nextId = 0;
  let isClosed = false;
  const failAll = (error: AppError): void => {
    for (const { reject } of answers.values()) reject(error);
    answers.clear();
  };
  const stopped = (why: string): void => {
    if (isClosed) return;
    isClosed = true;
    failAll(new AppError('workerCrashed', `A thread that reads the dataset stopped: ${why}. Resume the run.`));
  };
  const threads = Array.from({ length: count }, () => {
    const thread = new Worker(program, { execArgv: [], name: 'batches', workerData: setup });
    thread.on('message', ({ id, error }: LoaderReply) => {
      const answer = answers.get(id);
      answers.delete(id);
      if (error) answer?.reject(fromWire(error));
      else answer?.resolve();
    });
    thread.on('error', (error) => stopped(error.message));
    thread.on('exit', (code) => stopped(`exit code ${code}`));
    return thread;
  });

  const request = (slot: Slot, rows: Uint32Array, epoch: number | null): Pending => {
    if (isClosed)
      throw new AppError('workerCrashed', 'The threads that read the dataset have stopped. Resume the run.');
    const id = nextId++;
    const state = new Int32Array(slot.state);
    Atomics.store(state, 0, 0);
    const answered = new Promise<void>((resolve, reject) => answers.set(id, { resolve, reject }));
    // whoever asks for this batch hears of it, and nobody may
    answered.catch(() => {});
    // a copy, as posting a part of an array would send all of it
    threads[id % count]!.postMessage({ id, rows: rows.slice(), epoch, ...slot } satisfies LoaderRequest);
    return { slot, rows: rows.length, isReady: () => Atomics.load(state, 0) === batchReady, answered };
  };

  let slots: Slot[] = [];
  let slotBatchSize = 0;
  let underWay: Pending[] = [];

  return {
    order(batches, { batchSize, epoch }) {
      // memory that an earlier order may still be written to is left to it
      if (underWay.length > 0 || batchSize > slotBatchSize) {
        slots = makeSlots(batchSize, setup);
        slotBatchSize = batchSize;
      }
      const free = [...slots];
      const pending: Pending[] = [];
      underWay = pending;
      const askAhead = (): void => {
        while (free.length > 0) {
          const { value: rows, done } = batches.next();
          if (done) return;
          pending.push(request(free.pop()!, rows, epoch));
        }
      };
      askAhead();
      return {
        async next() {
          const first = pending[0];
          if (!first) return null;
          // a message is heard only when this thread has nothing to do, but memory can be looked at any time
          if (!first.isReady()) await first.answered;
          pending.shift();
          const { slot, rows } = first;
          return {
            rows,
            samples: new Float32Array(slot.samples, 0, rows * setup.sampleSize),
            targets: new Float32Array(slot.targets, 0, rows * setup.targetSize),
            release() {
              free.push(slot);
              if (underWay === pending) askAhead();
            },
          };
        },
      };
    },
    async close() {
      isClosed = true;
      failAll(new AppError('cancelled', 'The dataset was closed.'));
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}
