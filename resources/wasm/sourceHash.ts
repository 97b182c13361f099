import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** The custom section of kernels.wasm that names the sources it was built from. */
export const hashSectionName = 'lp-workbench-source';

/** SHA-256 over the names and texts of all C sources in a folder. */
export function sourceHash(folder: string): string {
  const hash = createHash('sha256');
  const sources = fs.readdirSync(folder).filter((name) => /\.[ch]$/.test(name));
  for (const name of sources.toSorted()) {
    const text = fs.readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n');
    hash.update(`${name}\n${text}`);
  }
  return hash.digest('hex');
}

/** A WebAssembly custom section (id 0) whose content is the hash. */
export function hashSection(hash: string): Buffer {
  const name = Buffer.from(hashSectionName);
  const content = Buffer.concat([Buffer.from([name.length]), name, Buffer.from(hash)]);
  return Buffer.concat([Buffer.from([0, content.length]), content]);
}
