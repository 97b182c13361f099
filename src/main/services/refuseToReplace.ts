import { lstat } from 'node:fs/promises';
import { AppError } from '../../core/errors.ts';

/** Throws `conflict` when something of that name is there and may not be replaced. */
export async function refuseToReplace(place: string, overwrite: boolean): Promise<void> {
  if (overwrite || !(await lstat(place).catch(() => null))) return;
  throw new AppError('conflict', `${place} is there already; choose another name, or say that it may be replaced.`, {
    details: { path: place },
  });
}
