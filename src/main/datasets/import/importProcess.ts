import type { ImportProgress } from '../../../core/contract/datasetImport.ts';
import { AppError, fromWire } from '../../../core/errors.ts';
import { askProcess } from '../../process/askProcess.ts';
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
export async function callImportProcess(
  launch: LaunchWorker,
  request: ImportRequest,
  { signal, onProgress }: ImportOptions,
): Promise<FinalReply> {
  const reply = await askProcess(launch, request, {
    replies: importReplySchema,
    name: 'import process',
    onCrash: '; nothing was kept. The file may need more memory than there is.',
    signal,
    cancelled,
    isInterim(said) {
      if (said.kind === 'progress') onProgress?.(said.progress);
      return said.kind === 'progress';
    },
  });
  if (reply.kind === 'failed') throw fromWire(reply.error);
  return reply as FinalReply;
}
