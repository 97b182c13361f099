import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { Manifest } from './lprunManifest.ts';
import { logName, manifestName, metricsName, reportName } from './lprunManifest.ts';
import type { LogLine } from '../../core/contract/runs.ts';

/** Points of one series, a stretch at a time. */
export interface SeriesPage {
  key: string;
  steps: readonly number[];
  values: readonly (number | null)[];
}

export interface OutgoingRun {
  facts: Omit<Manifest, 'files' | 'format' | 'version'>;
  /** folder of each checkpoint, by name */
  checkpointDirs: ReadonlyMap<string, string>;
  points: AsyncIterable<SeriesPage>;
  log: readonly LogLine[];
  /** a page about the run, for people who open the archive */
  report: string | null;
}

/** A point in time for all entries, so that the same run makes the same file. */
const entryTime = new Date(Date.UTC(2000, 0, 1));

/** Writes a .lprun file, which must not be there. */
export async function writeLprun(
  file: string,
  { facts, checkpointDirs, points, log, report }: OutgoingRun,
): Promise<void> {
  const zip = new ZipFile();
  const failed = new Promise<never>((_resolve, reject) => zip.once('error', reject));
  const written = pipeline(
    zip.outputStream as unknown as Readable,
    createWriteStream(file, { flags: 'wx', flush: true }),
  );
  const files: Manifest['files'] = [];

  /** Adds one file and waits until it is in, so that its hash is known and memory holds one stretch at a time. */
  const add = async (name: string, source: AsyncIterable<Uint8Array>, compress: boolean): Promise<void> => {
    const hash = createHash('sha256');
    let bytes = 0;
    const measured = async function* (): AsyncGenerator<Uint8Array> {
      for await (const piece of source) {
        hash.update(piece);
        bytes += piece.length;
        yield piece;
      }
    };
    const stream = Readable.from(measured(), { objectMode: false });
    const ended = new Promise<void>((resolve, reject) => stream.once('end', resolve).once('error', reject));
    zip.addReadStream(stream, name, { mtime: entryTime, compress });
    await Promise.race([ended, failed, written]);
    files.push({ name, bytes, sha256: hash.digest('hex') });
  };

  try {
    await add(metricsName, csvLines(points), true);
    await add(logName, logLines(log), true);
    if (report !== null) await add(reportName, oneText(report), true);
    for (const [name, dir] of checkpointDirs) {
      for (const entry of (await readdir(dir)).toSorted()) {
        const source = path.join(dir, entry);
        // weights are noise to a packer
        if ((await stat(source)).isFile()) await add(`checkpoints/${name}/${entry}`, createReadStream(source), false);
      }
    }
    const manifest = { format: 'lprun', version: 1, ...facts, files } satisfies Manifest;
    zip.addBuffer(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`), manifestName, { mtime: entryTime });
    zip.end();
    await Promise.race([written, failed]);
  } catch (error) {
    (zip.outputStream as unknown as Readable).destroy();
    await written.catch(() => undefined);
    throw error;
  }
}

/** `key,step,value`; a value that was not finite is empty. Numbers are written so that they read back as the same bits. */
async function* csvLines(points: AsyncIterable<SeriesPage>): AsyncGenerator<Uint8Array> {
  yield Buffer.from('key,step,value\n');
  for await (const { key, steps, values } of points) {
    yield Buffer.from(steps.map((step, i) => `${key},${step},${values[i] ?? ''}\n`).join(''));
  }
}

async function* logLines(log: readonly LogLine[]): AsyncGenerator<Uint8Array> {
  for (const { atMs, level, message } of log) yield Buffer.from(`${JSON.stringify({ atMs, level, message })}\n`);
}

async function* oneText(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
