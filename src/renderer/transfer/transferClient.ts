import { z } from 'zod';
import { AppError, errorCodes, fromWire } from '../../core/errors.ts';
import { encodeBatchHead, transferSchema, type TransferState } from '../../core/transfer/batch.ts';
import { planBatches } from './planBatches.ts';

/** A file that the user chose, with the folders it lies in. */
export interface ChosenFile {
  /** `photos/cats/a.png` */
  path: string;
  file: File;
}

export interface UploadProgress {
  sentBytes: number;
  totalBytes: number;
  files: number;
}

/** A folder of the host through which files go from a browser to it and back. It stays until it is removed. */
export interface OpenTransfer {
  /** folder on the host's machine */
  readonly dir: string;
  /** Sends files and answers the absolute paths of what lies at the top. Rejects with `cancelled` when the signal says so. */
  upload(
    files: readonly ChosenFile[],
    options: { signal: AbortSignal; onProgress: (progress: UploadProgress) => void },
  ): Promise<string[]>;
  /** Address of a file that the host has put there, and leaves it to the host to remove both when it was fetched. */
  leaveAt(name: string): string;
  /** Removes it with everything in it. Never rejects. */
  close(): Promise<void>;
}

/** The host gives up what nobody asks for. */
const keepAliveMs = 5 * 60_000;

export async function openTransfer(fetchFromHost: typeof fetch = fetch): Promise<OpenTransfer> {
  const call = async (path: string, init: RequestInit): Promise<Response> => {
    const response = await fetchFromHost(`/transfers${path}`, init).catch((error: unknown) => {
      if (init.signal?.aborted) throw new AppError('cancelled', 'The upload was cancelled.');
      throw new AppError('disconnected', 'The upload was cut off: the workbench does not answer, or a file changed.', {
        cause: error,
      });
    });
    if (response.ok) return response;
    throw await errorIn(response);
  };
  const stateIn = async (response: Response): Promise<TransferState> => transferSchema.parse(await response.json());

  const { id, dir } = await stateIn(await call('', { method: 'POST' }));
  const timer = setInterval(() => void call(`/${id}`, {}).catch(() => undefined), keepAliveMs);

  return {
    dir,
    leaveAt(name) {
      clearInterval(timer);
      return `/transfers/${id}/${encodeURIComponent(name)}?once`;
    },
    async upload(files, { signal, onProgress }) {
      const sizes = files.map(({ path, file }) => ({ path, size: file.size }));
      const totalBytes = sizes.reduce((sum, { size }) => sum + size, 0);
      const progress = { sentBytes: 0, totalBytes, files: 0 };
      for (const batch of planBatches(sizes)) {
        const head = encodeBatchHead(batch.map(({ path, size, isContinued }) => ({ path, size, isContinued })));
        // the browser reads the files itself while it sends
        const stretches = batch.map(({ file, start, size }) => files[file]!.file.slice(start, start + size));
        await call(`/${id}`, { method: 'POST', body: new Blob([head, ...stretches]), signal });
        progress.sentBytes += batch.reduce((sum, { size }) => sum + size, 0);
        progress.files = batch.at(-1)!.file + 1;
        onProgress({ ...progress });
      }
      return (await stateIn(await call(`/${id}`, { signal }))).paths;
    },
    async close() {
      clearInterval(timer);
      await call(`/${id}`, { method: 'DELETE', keepalive: true }).catch(() => undefined);
    },
  };
}

const failureSchema = z.object({ error: z.object({ code: z.enum(errorCodes), message: z.string() }) });

async function errorIn(response: Response): Promise<AppError> {
  const failure = failureSchema.safeParse(await response.json().catch(() => null));
  if (failure.success) return fromWire(failure.data.error);
  return response.status === 401
    ? new AppError('notAllowed', 'The workbench was started anew and no longer knows this browser: open its new link.')
    : new AppError('internal', `The workbench refused the files (${response.status}).`);
}
