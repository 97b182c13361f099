import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { hashSectionName, sourceHash } from '../../../resources/wasm/sourceHash.ts';
import { wasmDir } from './comparison.ts';

const bytes = fs.readFileSync(path.join(wasmDir, 'kernels.wasm'));
const module = new WebAssembly.Module(bytes);

describe('the committed kernels.wasm', () => {
  test('was built from the committed sources', () => {
    const [section] = WebAssembly.Module.customSections(module, hashSectionName);
    expect(Buffer.from(section!).toString(), 'run node resources/wasm/build.ts').toBe(sourceHash(wasmDir));
  });

  test('exports every kernel its sources list', () => {
    const source = fs.readFileSync(path.join(wasmDir, 'kernels.c'), 'utf8');
    const listed = [...source.matchAll(/\bK\((\w+)\)/g)]
      .map(([, name]) => `kernel_${name}`)
      .filter((name) => name !== 'kernel_K');
    const exported = WebAssembly.Module.exports(module).map(({ name }) => name);
    expect(listed.length).toBeGreaterThan(20);
    expect(exported).toEqual(expect.arrayContaining(listed));
  });

  test('brings no memory of its own: it imports the heap, has no data and no start function', () => {
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
    const [start, data] = [8, 11];
    const ids = sectionIds(bytes);
    expect(ids).not.toContain(start);
    expect(ids).not.toContain(data);
  });
});

/** Section ids of a WebAssembly binary, in order. */
function sectionIds(binary: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 8; at < binary.length;) {
    ids.push(binary[at++]!);
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = binary[at++]!;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += size;
  }
  return ids;
}
