import { AppError } from '../../core/errors.ts';

/** How the runtimes below say that memory ran out: V8, WebAssembly, tfjs' WebAssembly backend. */
const outOfMemory =
  /array buffer allocation failed|invalid (typed array|array buffer) length|out of memory|memory access out of bounds|could not allocate|bad_alloc/i;

/** A failure of a computation in the words of this program, where its reason can be told. */
export function asEngineError(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error) || !outOfMemory.test(error.message)) return error;
  return new AppError(
    'outOfMemory',
    `The memory of the training process ran out (${error.message}). Use a smaller batch or a smaller model. ` +
      'The last checkpoint before it is kept.',
    { cause: error },
  );
}
