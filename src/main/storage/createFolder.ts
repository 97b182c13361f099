import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Creates a folder with those above it; one that is there is left as it is. Node's own `recursive` never returns on file
 * systems that take no folders, such as /proc. Throws what the file system says.
 */
export function createFolder(dir: string): void {
  const found = statSync(dir, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  const parent = path.dirname(dir);
  if (!found && parent !== dir) createFolder(parent);
  try {
    mkdirSync(dir);
  } catch (error) {
    // somebody else may have been faster
    if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
