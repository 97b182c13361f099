import fs from 'node:fs';
import path from 'node:path';
import { datasetMetaSchema, type DatasetMeta } from '../../../../core/contract/datasets.ts';
import type { ImportRecord } from '../../../../core/contract/datasetImport.ts';
import { importedHash, linkHashes } from '../../importedFolder.ts';
import { countParts } from '../dealParts.ts';
import { linkFileName } from '../../../../node/images/linkedPaths.ts';
import { LinkFile } from './linkFile.ts';
import { NpyFile, type StoredType } from './npyFile.ts';

/** What an import tells of its data beside the numbers. */
export type ImportedFacts = Pick<
  DatasetMeta,
  'task' | 'shape' | 'scale' | 'offset' | 'classes' | 'features' | 'normalization'
>;

export interface WrittenDataset {
  meta: DatasetMeta;
  /** the folder, still under its temporary name */
  dir: string;
}

/** Writes the numbers of an import into a folder under a temporary name. */
export class DatasetWriter {
  readonly dir: string;
  private readonly x: NpyFile | LinkFile;
  private readonly y: NpyFile;
  private readonly xType: StoredType;
  private readonly yType: StoredType;
  private readonly linked: DatasetMeta['linked'];
  private rows = 0;

  /** `dir` is made; whoever called removes it when the import does not end well. */
  constructor(dir: string, xType: 'uint8' | 'float32', task: DatasetMeta['task'], linked?: DatasetMeta['linked']) {
    fs.mkdirSync(dir);
    this.dir = dir;
    this.xType = xType === 'uint8' ? '|u1' : '<f4';
    this.yType = task === 'classes' ? '<i4' : '<f4';
    this.linked = linked;
    this.x = linked ? new LinkFile(path.join(dir, linkFileName)) : new NpyFile(path.join(dir, 'x.npy'), this.xType);
    this.y = new NpyFile(path.join(dir, 'y.npy'), this.yType);
  }

  appendSamples(numbers: Uint8Array | Float32Array, rows: number): void {
    (this.x as NpyFile).append(numbers);
    this.rows += rows;
  }

  /** One image that stays where it is, in place of its numbers: its path below the root, as the file system spells it. */
  appendLink(bytes: number, file: Buffer): void {
    (this.x as LinkFile).append(bytes, file);
    this.rows++;
  }

  appendTargets(numbers: Int32Array | Float32Array): void {
    this.y.append(numbers);
  }

  /** Ends the files, names the content by its hash and writes meta.json and import.json. */
  finish(
    facts: ImportedFacts,
    options: { id: string; name: string; targetSize: number; parts: Uint8Array | null; record: ImportRecord },
  ): WrittenDataset {
    const { rows, dir } = this;
    const xShape = [rows, ...facts.shape];
    const yShape = options.targetSize === 1 ? [rows] : [rows, options.targetSize];
    const hashes = [...linkHashes(this.linked), this.x.finish(xShape), this.y.finish(yShape)];
    const parts = options.parts;
    if (parts) {
      const file = new NpyFile(path.join(dir, 'parts.npy'), '|u1');
      try {
        file.append(parts);
        hashes.push(file.finish([rows]));
      } finally {
        file.close();
      }
    }
    const dtype = this.xType === '|u1' ? 'uint8' : 'float32';
    const meta = datasetMetaSchema.parse({
      version: 1,
      id: options.id,
      name: options.name,
      description: describe(rows, facts, options.record.format),
      rows,
      dtype,
      ...facts,
      hash: importedHash({ ...facts, rows, dtype }, hashes),
      source: options.record.files
        .map((file) => path.basename(file))
        .slice(0, 8)
        .join(', '),
      license: '',
      ...(parts ? { parts: countParts(parts) } : {}),
      ...(this.linked ? { linked: this.linked } : {}),
    } satisfies DatasetMeta);
    writeJson(path.join(dir, 'import.json'), options.record);
    writeJson(path.join(dir, 'meta.json'), meta);
    return { meta, dir };
  }

  close(): void {
    this.x.close();
    this.y.close();
  }
}

function describe(rows: number, { shape, task, classes }: ImportedFacts, format: string): string {
  const what = task === 'classes' ? `${classes.length} classes` : 'regression';
  return `${rows.toLocaleString('en')} rows of ${shape.join(' x ')}, ${what}; ${format}`;
}

function writeJson(file: string, value: unknown): void {
  const descriptor = fs.openSync(file, 'wx');
  try {
    fs.writeFileSync(descriptor, `${JSON.stringify(value, null, 2)}\n`);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}
