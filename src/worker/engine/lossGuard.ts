import type { AppError } from '../../core/errors.ts';

/** Ends the waiting for a computation that a lost device will never finish. */
export type LossGuard = <Result>(waiting: Promise<Result>) => Promise<Result>;

/** A guard for whatever is waited for on a device; one listener on `lost`, however many computations there are. */
export function createLossGuard(lost: Promise<AppError> | undefined): LossGuard {
  const rejecters = new Set<(error: AppError) => void>();
  let gone: AppError | undefined;
  void lost?.then((error) => {
    gone = error;
    for (const reject of rejecters) reject(error);
  });
  return (waiting) => {
    if (!lost) return waiting;
    if (gone) {
      waiting.catch(() => undefined);
      return Promise.reject(gone);
    }
    return new Promise((resolve, reject) => {
      rejecters.add(reject);
      waiting.then(resolve, reject).finally(() => rejecters.delete(reject));
    });
  };
}
