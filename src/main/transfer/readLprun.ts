import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { AppError } from '../../core/errors.ts';
import type { LogLine } from '../../core/contract/runs.ts';
import type { ImportFile } from '../datasets/import/files/importFile.ts';
import { LeftOut } from '../datasets/import/files/leftOut.ts';
import { zipFiles, type OpenZip } from '../datasets/import/files/zipFiles.ts';
import {
  checkpointOf,
  logLine,
  logName,
  manifestName,
  manifestSchema,
  metricsName,
  reportName,
  type Manifest,
} from './lprunManifest.ts';
import type { SeriesPage } from './writeLprun.ts';

const maxManifestBytes = 64 * 2 ** 20;
const pointsPerPage = 2_000;

/** A run unpacked into a folder, every file of which is what its manifest says. */
export interface UnpackedRun {
  manifest: Manifest;
  /** folder of each checkpoint, by name */
  checkpointDirs: Map<string, string>;
  log: LogLine[];
  /** every point, a stretch of one series at a time */
  points(): AsyncGenerator<SeriesPage>;
}

function damaged(file: string, why: string, cause?: unknown): AppError {
  return new AppError('fileUnreadable', `${file} cannot be taken in: ${why} Nothing was imported.`, {
    details: { path: file },
    cause,
  });
}

/**
 * Unpacks a .lprun file into `dir`, which is there and empty, and checks all of it before anything is used. Throws
 * `fileUnreadable` for a file that is damaged, cut off, changed or of a newer version, and `unsafeArchive`.
 */
export async function readLprun(file: string, dir: string): Promise<UnpackedRun> {
  let zip: OpenZip;
  try {
    zip = await zipFiles(file, new LeftOut());
  } catch (error) {
    if (error instanceof AppError && error.code === 'unsafeArchive') throw error;
    throw damaged(file, 'it is no .lprun file, or it is damaged or cut off.', error);
  }
  try {
    const entries = new Map(zip.files.map((entry) => [entry.name, entry]));
    if (entries.size !== zip.files.length) throw damaged(file, 'it holds two files of one name.');
    const manifest = await readManifest(file, entries.get(manifestName));
    const checkpointDirs = await unpack(file, dir, entries, manifest);
    return {
      manifest,
      checkpointDirs,
      log: await readLog(file, path.join(dir, logName), manifest.run.id),
      points: () => readPoints(file, path.join(dir, metricsName)),
    };
  } finally {
    zip.close();
  }
}

async function readManifest(file: string, entry: ImportFile | undefined): Promise<Manifest> {
  if (!entry) throw damaged(file, 'it is no .lprun file: it has no manifest.json.');
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const piece of entry.read()) {
    parts.push(piece);
    length += piece.length;
    if (length > maxManifestBytes) throw damaged(file, 'its manifest.json is larger than any is.');
  }
  let json: unknown;
  try {
    json = JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch (error) {
    throw damaged(file, 'its manifest.json is not JSON.', error);
  }
  const { format, version } = (json ?? {}) as { format?: unknown; version?: unknown };
  if (format === 'lprun' && typeof version === 'number' && version > 1) {
    throw damaged(file, `it was written by a newer version of lp-workbench (format ${version}); update this one.`);
  }
  const manifest = manifestSchema.safeParse(json);
  if (manifest.success) return manifest.data;
  const [problem] = manifest.error.issues;
  throw damaged(file, `its manifest.json is not valid (${problem!.path.join('.')}: ${problem!.message}).`);
}

async function unpack(
  file: string,
  dir: string,
  entries: ReadonlyMap<string, ImportFile>,
  { files, checkpoints }: Manifest,
): Promise<Map<string, string>> {
  const checkpointDirs = new Map<string, string>();
  const known = new Set(checkpoints.map(({ name }) => name));
  const promised = new Map(files.map((entry) => [entry.name, entry]));
  for (const name of [metricsName, logName]) {
    if (!promised.has(name)) throw damaged(file, `its ${name} is missing.`);
  }
  for (const name of entries.keys()) {
    if (name !== manifestName && !promised.has(name)) {
      throw new AppError(
        'unsafeArchive',
        `${file}: it holds ${name}, which its manifest does not name. Nothing was imported.`,
        {
          details: { path: file, entry: name },
        },
      );
    }
  }
  for (const { name, bytes, sha256 } of files) {
    const checkpoint = checkpointOf(name);
    const isOfRun = [metricsName, logName, reportName].includes(name);
    if (!isOfRun && (checkpoint === null || !known.has(checkpoint))) {
      throw new AppError(
        'unsafeArchive',
        `${file}: its manifest names ${name}, which no run has. Nothing was imported.`,
        {
          details: { path: file, entry: name },
        },
      );
    }
    const entry = entries.get(name);
    if (!entry) throw damaged(file, `its ${name} is missing.`);
    if (entry.bytes !== bytes) throw damaged(file, `its ${name} has another size than it had when it was written.`);
    const target = path.join(dir, ...name.split('/'));
    await mkdir(path.dirname(target), { recursive: true });
    if (checkpoint !== null) checkpointDirs.set(checkpoint, path.dirname(target));
    if ((await copyOut(entry, target, bytes)) !== sha256) {
      throw damaged(file, `its ${name} is not what was written: its checksum differs.`);
    }
  }
  return checkpointDirs;
}

/** Writes an entry to a new file and answers its sha256. */
async function copyOut(entry: ImportFile, target: string, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(target, 'wx');
  try {
    let length = 0;
    for await (const piece of entry.read()) {
      length += piece.length;
      if (length > bytes) break;
      hash.update(piece);
      await handle.writeFile(piece);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

async function readLog(file: string, source: string, runId: string): Promise<LogLine[]> {
  const lines = (await readFile(source, 'utf8')).split('\n').filter((line) => line !== '');
  try {
    return lines.map((line) => ({ runId, ...logLine.parse(JSON.parse(line)) }));
  } catch (error) {
    throw damaged(file, `its ${logName} is not a log.`, error);
  }
}

async function* readPoints(file: string, source: string): AsyncGenerator<SeriesPage> {
  const stream = createReadStream(source);
  const lines = createInterface({ input: stream, crlfDelay: Infinity });
  let page: { key: string; steps: number[]; values: (number | null)[] } | null = null;
  let row = 0;
  try {
    for await (const line of lines) {
      if (++row === 1) continue;
      const end = line.lastIndexOf(',');
      const middle = line.lastIndexOf(',', end - 1);
      const key = line.slice(0, middle);
      const step = Number(line.slice(middle + 1, end));
      const text = line.slice(end + 1);
      const value = text === '' ? null : Number(text);
      if (middle < 1 || !Number.isSafeInteger(step) || step < 0 || (value !== null && !Number.isFinite(value))) {
        throw damaged(file, `line ${row} of its ${metricsName} is no point.`);
      }
      if (page && (page.key !== key || page.steps.length >= pointsPerPage)) {
        yield page;
        page = null;
      }
      page ??= { key, steps: [], values: [] };
      page.steps.push(step);
      page.values.push(value);
    }
    if (page) yield page;
  } finally {
    lines.close();
    stream.destroy();
  }
}
