import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type {
  ImportChoices,
  ImportRecord,
  ImportWarning,
  Inspection,
} from '../../../../src/core/contract/datasetImport.ts';
import type { DatasetMeta } from '../../../../src/core/contract/datasets.ts';
import { AppError } from '../../../../src/core/errors.ts';
import { runImport } from '../../../../src/main/datasets/import/runImport.ts';
import { npyDataOffset } from '../../../../src/main/datasets/npyHeader.ts';

export const golden = path.resolve(import.meta.dirname, '../../../golden/datasets');

/** What an import wrote, read back. */
export interface Imported {
  meta: DatasetMeta;
  /** stored numbers, row after row */
  x: Uint8Array | Float32Array;
  y: Int32Array | Float32Array;
  parts: Uint8Array | null;
  warnings: ImportWarning[];
  record: ImportRecord;
}

function numbersOf(file: string): { bytes: Uint8Array; type: string } {
  const bytes = readFileSync(file);
  const start = npyDataOffset(bytes);
  return {
    bytes: Uint8Array.from(bytes.subarray(start)),
    type: /'descr': '([^']+)'/.exec(bytes.subarray(0, start).toString())![1]!,
  };
}

function read(file: string): Uint8Array | Float32Array | Int32Array {
  const { bytes, type } = numbersOf(file);
  if (type === '|u1') return bytes;
  return type === '<i4' ? new Int32Array(bytes.buffer) : new Float32Array(bytes.buffer);
}

/** A folder for one test file, and imports in this process that leave what they leave in it. */
export function importPlace(): {
  dir: string;
  importHere(paths: string | string[], choices?: Partial<ImportChoices>): Promise<Imported>;
  inspectHere(paths: string | string[], choices?: Partial<ImportChoices>): Promise<Inspection>;
  remove(): void;
} {
  const dir = mkdtempSync(path.join(tmpdir(), 'lp-workbench-import-'));
  let count = 0;
  const temp = (): string => {
    const folder = path.join(dir, `temp-${++count}`);
    mkdirSync(folder);
    return folder;
  };
  const choicesOf = (paths: string | string[], choices: Partial<ImportChoices>): ImportChoices => ({
    ...choices,
    paths: typeof paths === 'string' ? [paths] : paths,
  });
  return {
    dir,
    async importHere(paths, choices = {}) {
      const tempDir = temp();
      const request = { kind: 'import', choices: choicesOf(paths, choices), tempDir, id: 'id', name: 'name' } as const;
      try {
        const reply = await runImport(request, performance.now.bind(performance), () => {});
        if (reply.kind !== 'imported') throw new Error(reply.kind);
        const at = (name: string): string => path.join(reply.dir, name);
        return {
          meta: reply.meta,
          warnings: reply.warnings,
          x: read(at('x.npy')) as Uint8Array | Float32Array,
          y: read(at('y.npy')) as Int32Array | Float32Array,
          parts: readdirSync(reply.dir).includes('parts.npy') ? (read(at('parts.npy')) as Uint8Array) : null,
          record: JSON.parse(readFileSync(at('import.json'), 'utf8')) as ImportRecord,
        };
      } finally {
        rmSync(tempDir, { recursive: true, force: true });
      }
    },
    async inspectHere(paths, choices = {}) {
      const tempDir = temp();
      const request = { kind: 'inspect', choices: choicesOf(paths, choices), tempDir } as const;
      try {
        const reply = await runImport(request, performance.now.bind(performance), () => {});
        if (reply.kind !== 'inspected') throw new Error(reply.kind);
        return reply.inspection;
      } finally {
        rmSync(tempDir, { recursive: true, force: true });
      }
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** The failure of an import, which must have a code and a sentence of ours. */
export async function failureOf(call: Promise<unknown>): Promise<AppError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was imported');
}
