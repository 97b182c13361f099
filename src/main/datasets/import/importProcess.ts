import type { ImportProgress } from '../../../core/contract/datasetImport.ts';
import { AppError, fromWire } from '../../../core/errors.ts';
import type { LaunchWorker } from '../../process/workerProcess.ts';
import { importReplySchema, type ImportReply, type ImportRequest } from './importMessages.ts';

export interface ImportOptions {
  /** ends the import at once when aborted */
  signal?: AbortSignal;
  onProgress?: (progress: ImportProgress) => void;
}

export type FinalReply = Exclude<ImportReply, { kind: 'progress' | 'failed' }>;

function cancelled(): AppError {
  return new AppError('cancelled', 'The import was cancelled; nothing was kept.');
}

/**
 * Has a process of its own do one request, and waits until it is gone. Throws what made it fail, `cancelled` when the
 * signal was aborted, or `workerCrashed`.
 */
export function callImportProcess(
  launch: LaunchWorker,
  request: ImportRequest,
  { signal, onProgress }: ImportOptions,
): Promise<FinalReply> {
  if (signal?.aborted) return Promise.reject(cancelled());
  const child = launch();
  return new Promise((resolve, reject) => {
    let outcome: (() => void) | undefined;
    const end = (how: () => void): void => {
      outcome ??= how;
      child.kill();
    };
    const abort = (): void => end(() => reject(cancelled()));
    signal?.addEventListener('abort', abort, { once: true });
    child.onMessage((message) => {
      const reply = importReplySchema.safeParse(message);
      if (!reply.success) {
        return end(() =>
          reject(new AppError('malformedMessage', `The import process said something unknown: ${reply.error.message}`)),
        );
      }
      const { data } = reply;
      if (data.kind === 'progress') return outcome ? undefined : onProgress?.(data.progress);
      end(data.kind === 'failed' ? () => reject(fromWire(data.error)) : () => resolve(data));
    });
    child.onExit(({ startError, lastLines, code, signal: killedBy }) => {
      signal?.removeEventListener('abort', abort);
      if (outcome) return outcome();
      const said = startError?.message ?? lastLines.at(-1) ?? `exit code ${code ?? killedBy ?? 'unknown'}`;
      reject(
        new AppError(
          'workerCrashed',
          `The import process ended before it was done (${said}); nothing was kept. The file may need more memory than there is.`,
          { details: { lastLines } },
        ),
      );
    });
    child.send(request);
  });
}
