import { createRequire } from 'node:module';
import path from 'node:path';

/** The Node that comes with this program (package node), for what does not work inside Electron. */
export function plainNode(): string {
  const folder = path.dirname(createRequire(import.meta.url).resolve('node/package.json'));
  return path.join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}
