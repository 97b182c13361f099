import { AppError } from '../../core/errors.ts';
import type { ImportInput } from '../transfer/droppedFiles.ts';
import { openTransfer } from '../transfer/transferClient.ts';

/**
 * Gives what the user chose to the host as paths of its machine; a browser sends the files there first and they are
 * removed afterwards. Answers what `use` answers. Rejects with AppError.
 */
export async function withHostPaths<Result>(
  input: ImportInput,
  use: (paths: string[], dir: string | null) => Promise<Result>,
): Promise<Result> {
  if (input.kind === 'paths') return use(input.paths, null);
  if (input.files.length === 0) throw new AppError('badUsage', 'There is no file in what was chosen.');
  const transfer = await openTransfer();
  try {
    const options = { signal: new AbortController().signal, onProgress: () => undefined };
    return await use(await transfer.upload(input.files, options), transfer.dir);
  } finally {
    await transfer.close();
  }
}
