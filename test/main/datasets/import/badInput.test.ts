import fs, { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { ErrorCode } from '../../../../src/core/errors.ts';
import type { ImportChoices } from '../../../../src/core/contract/datasetImport.ts';
import { findFiles } from '../../../../src/main/datasets/import/files/findFiles.ts';
import { importerHere } from './importerHere.ts';
import { failureOf, golden, importPlace } from './importHere.ts';

const place = importPlace();
const { importer, failureFor, checkNothingLeft } = importerHere(path.join(place.dir, 'data'));
afterAll(() => place.remove());
afterEach(() => void vi.restoreAllMocks());

let files = 0;
function write(name: string, content: string | Uint8Array): string {
  const dir = path.join(place.dir, `input-${++files}`);
  mkdirSync(dir);
  writeFileSync(path.join(dir, name), content);
  return path.join(dir, name);
}
const copy = (name: string, change: (bytes: Buffer) => Uint8Array): string =>
  write(name, change(readFileSync(path.join(golden, name))));

/** The code of an import that fails with a sentence that names the file and has these words; otherwise the sentence. */
async function refusal(
  paths: string | string[],
  words: (string | RegExp)[],
  choices: Partial<ImportChoices> = {},
): Promise<ErrorCode | string> {
  const { code, message } = await failureFor(paths, choices);
  const wanted = [...(typeof paths === 'string' && code !== 'badUsage' ? [paths] : []), ...words];
  const isSaid = wanted.every((word) => (typeof word === 'string' ? message.includes(word) : word.test(message)));
  return isSaid ? code : `${code}: ${message}`;
}

/** A zip made by hand, so that it may lie. */
function zipOf(entries: { name: string | Buffer; data?: Buffer; mode?: number; claim?: number }[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data: content = Buffer.from('a,b\n1,2\n3,4\n'), mode = 0o100644, claim } of entries) {
    // what claims another size is packed, because a stored entry has two sizes that must agree
    const data = claim === undefined ? content : deflateRawSync(content);
    const method = claim === undefined ? 0 : 8;
    const bytes = Buffer.isBuffer(name) ? name : Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(crc32(content), 14);
    local.writeUInt32LE(data.length, 18);
    local.writeUInt32LE(claim ?? data.length, 22);
    local.writeUInt16LE(bytes.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE((3 << 8) | 20, 4);
    central.writeUInt16LE(20, 6);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(crc32(content), 16);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt32LE(claim ?? data.length, 24);
    central.writeUInt16LE(bytes.length, 28);
    central.writeUInt32LE((mode << 16) >>> 0, 38);
    central.writeUInt32LE(offset, 42);
    parts.push(local, bytes, data);
    directory.push(central, bytes);
    offset += local.length + bytes.length + data.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

async function tarOf(
  entries: Parameters<ReturnType<typeof pack>['entry']>[0][],
  data = 'a,b\n1,2\n3,4\n',
): Promise<Buffer> {
  const tar = pack();
  for (const header of entries) {
    if (header.type === undefined) tar.entry(header, data);
    else tar.entry(header);
  }
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0        0', 136);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function npy(header: string, data: Uint8Array = new Uint8Array(0)): Buffer {
  const text = `${header.padEnd(118 - 1)}\n`;
  return Buffer.concat([
    Buffer.from([0x93]),
    Buffer.from('NUMPY'),
    Buffer.from([1, 0, 118, 0]),
    Buffer.from(text),
    data,
  ]);
}

describe('files that are not what they should be', () => {
  it('0 bytes, nothing there, not a file', async () => {
    expect(await refusal(write('a.csv', ''), ['0 bytes'])).toBe('fileUnreadable');
    expect(await refusal(path.join(place.dir, 'nowhere.csv'), ['not there'])).toBe('fileUnreadable');
    expect(await refusal('/dev/null', ['neither a file nor a folder'])).toBe('fileUnreadable');
  });

  it('of no known format, whatever their name says', async () => {
    expect(await refusal(write('a.csv', Buffer.from([1, 2, 3, 4, 200, 0, 7])), ['CSV', 'Parquet'])).toBe(
      'unknownFormat',
    );
    expect(await refusal(write('a.npy', Buffer.from('\u0001NUMPY')), [])).toBe('unknownFormat');
    expect(await refusal(write('a.xls', Buffer.from('d0cf11e0a1b11ae1'.padEnd(600, '0'), 'hex')), ['.xlsx'])).toBe(
      'unknownFormat',
    );
  });

  it('of several kinds at once', async () => {
    const csv = write('a.csv', 'a,b\n1,2\n');
    expect(await refusal([csv, path.join(golden, 'table.npy')], ['NumPy array', 'one kind'])).toBe('unknownFormat');
  });

  const fixtures = [
    'none.parquet',
    'zstd.parquet',
    'uncompressed.feather',
    'lz4.feather',
    'data.h5',
    'book.xlsx',
    'table.npy',
    'keras.npz',
    'csv.zip',
    'csv.tar',
    'csv.tar.gz',
    'index.csv.gz',
    'records.jsonl',
    'records.json',
    'train-images-idx3-ubyte.gz',
  ];
  it.each(fixtures)('%s cut off in the middle', async (name) => {
    const file = copy(name, (bytes) => bytes.subarray(0, Math.floor(bytes.length * (name === 'csv.tar' ? 0.15 : 0.6))));
    const failure = await failureFor(file);
    expect(['fileUnreadable', 'unknownFormat']).toContain(failure.code);
    expect(failure.message).toContain(path.basename(file));
  });

  it.each(['table.npy', 'none.parquet', 'uncompressed.feather', 'data.h5', 'book.xlsx', 'keras.npz'])(
    '%s with a wrong magic',
    async (name) => {
      const file = copy(name, (bytes) => {
        bytes.set([0x01, 0x02, 0x03], 0);
        return bytes;
      });
      expect((await failureFor(file)).code).toBe('unknownFormat');
    },
  );
});

describe('tables', () => {
  it('with a ragged row, which is named', async () => {
    expect(await refusal(write('a.csv', 'a,b,c\n1,2,3\n4,5\n6,7,8\n'), ['row 3', '2 cells', 'header has 3'])).toBe(
      'fileUnreadable',
    );
    expect(await refusal(write('a.csv', 'a,b\n"x\ny",1\n2,3,4\n'), ['row 4'])).toBe('fileUnreadable');
  });

  it('with an open quotation mark', async () => {
    expect(await refusal(write('a.csv', 'a,b\n1,2\n3,"4\n5,6\n'), ['row 3', 'never closes'])).toBe('fileUnreadable');
  });

  it('without rows, without a second column, without a target', async () => {
    expect(
      await refusal(write('a.csv', 'a,b,c\n'), ['no rows of data'], {
        text: { hasHeader: true },
      }),
    ).toBe('fileUnreadable');
    expect(await refusal(write('a.csv', 'a\n1\n2\n'), ['single column'])).toBe('fileUnreadable');
    expect(
      await refusal(write('a.csv', 'a,b\n1,2\n'), ['no column "c"', 'It has: "a", "b"'], {
        target: 'c',
      }),
    ).toBe('badUsage');
    expect(await refusal(write('a.csv', 'a,y\n1,\n2,\n'), ['column "y"', 'empty'], { target: 'y' })).toBe(
      'fileUnreadable',
    );
  });

  it('with a target of a regression that is no number, naming row and column', async () => {
    expect(
      await refusal(write('a.csv', 'a,y\n1,2.5\n2,high\n'), ['row 3', 'column "y"', '"high"', 'classes as the task'], {
        task: 'regression',
      }),
    ).toBe('fileUnreadable');
  });

  it('with missing and infinite values: counted, filled from training rows, or refused with the place', async () => {
    const file = write(
      'a.csv',
      `a,b,y\n${Array.from({ length: 20 }, (_, i) => `${i === 4 ? '' : i},${i === 7 ? 'inf' : i * i},${i % 2}`).join('\n')}\n`,
    );
    const { x, warnings, parts } = await place.importHere(file, { normalize: 'none', encodings: { a: 'numeric' } });
    expect(warnings.map(({ kind }) => kind)).toEqual(['missingValues', 'infiniteValues']);
    expect(warnings[1]!.message).toContain('row 9');
    const training = Array.from({ length: 20 }, (_, i) => i).filter((i) => parts![i] === 0 && i !== 4);
    expect(x[4 * 2]).toBe(Math.fround(training.reduce((sum, i) => sum + i, 0) / training.length));
    const dropped = await place.importHere(file, { missing: 'dropRow', encodings: { a: 'numeric' } });
    expect(dropped.meta.rows).toBe(18);
    expect(
      await refusal(file, ['row 6', 'column "a"', 'refused'], {
        missing: 'refuse',
        encodings: { a: 'numeric' },
      }),
    ).toBe('fileUnreadable');
  });

  it('with text where a number was chosen', async () => {
    expect(
      await refusal(write('a.csv', 'a,y\n1,0\nlow,1\n'), ['row 3', 'column "a"', 'oneHot'], {
        encodings: { a: 'numeric' },
      }),
    ).toBe('fileUnreadable');
  });

  it('whose split names a column that does not say', async () => {
    const file = write('a.csv', 'a,fold,y\n1,train,0\n2,test,1\n3,maybe,0\n4,train,1\n');
    const split = { kind: 'column', test: 0, validation: 0, seed: 0, column: 'fold' } as const;
    expect(await refusal(file, ['column "fold"', 'row 3', '"maybe"'], { split })).toBe('fileUnreadable');
    expect(await refusal(file, ['fixed'], { split: { ...split, kind: 'fixed' } })).toBe('badUsage');
  });

  it('with different columns that are imported together', async () => {
    const [a, b] = [write('a.csv', 'a,b\n1,2\n3,4\n'), write('b.csv', 'a,c\n1,2\n')];
    expect(await refusal([a, b], [b, 'differ'])).toBe('fileUnreadable');
  });

  it('as JSON that is none, naming the line', async () => {
    expect(await refusal(write('a.jsonl', '{"a":1,"b":2}\n{"a":1,"b":}\n'), ['row 2', 'no valid JSON'])).toBe(
      'fileUnreadable',
    );
    expect(await refusal(write('a.jsonl', '{"a":1,"b":2}\nhello\n'), ['row 2', '"hello"'])).toBe('fileUnreadable');
  });

  it('as a workbook without the sheet', async () => {
    expect(
      await refusal(path.join(golden, 'book.xlsx'), ['no sheet "dat"', 'did you mean "data"'], {
        sheet: 'dat',
      }),
    ).toBe('badUsage');
  });
});

describe('arrays', () => {
  it('whose header lies about the shape', async () => {
    const row = "{'descr': '<f8', 'fortran_order': False, 'shape': ";
    expect(
      await refusal(write('a.npy', npy(`${row}(1000000000000, 3), }`, new Uint8Array(64))), [
        '24,000,000,000,000 bytes',
        'there are 64',
      ]),
    ).toBe('fileUnreadable');
    expect(await refusal(write('a.npy', npy(`${row}(99999999999999999999, 9), }`)), ['header'])).toBe('fileUnreadable');
    expect(await refusal(write('a.npy', npy(`${row}(2, 2), }`, new Uint8Array(40))), ['holds more'])).toBe(
      'fileUnreadable',
    );
    expect(await refusal(write('a.npy', npy(`${row}(0, 2), }`)), ['no rows'])).toBe('fileUnreadable');
    expect(await refusal(write('a.npy', npy("{'descr': '<f8'}")), ['header is damaged'])).toBe('fileUnreadable');
  });

  it('of types that are no numbers', async () => {
    expect(await refusal(path.join(golden, 'objects.npy'), ['Python objects', 'never unpickled'])).toBe(
      'fileUnreadable',
    );
    expect(
      await refusal(
        write('a.npy', npy("{'descr': '<c8', 'fortran_order': False, 'shape': (1, 2), }", new Uint8Array(16))),
        ['"<c8"'],
      ),
    ).toBe('fileUnreadable');
    expect(
      await refusal(
        write('a.npy', npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", new Uint8Array(8))),
        ['structured'],
      ),
    ).toBe('fileUnreadable');
  });

  it('without targets, or with targets of another length', async () => {
    const images = path.join(golden, 'train-images-idx3-ubyte.gz');
    expect(await refusal(images, ['targets are missing'])).toBe('badUsage');
    expect(await refusal([images, path.join(golden, 't10k-labels-idx1-ubyte.gz')], ['no pair', '20 x 7 x 6'])).toBe(
      'badUsage',
    );
    expect(
      await refusal(path.join(golden, 'data.h5'), ['no array "nope"'], {
        samples: 'nope',
        target: 'y',
      }),
    ).toBe('badUsage');
    expect(
      await refusal(path.join(golden, 'data.h5'), ['different numbers of rows'], {
        samples: 'x',
        target: 'deep/labels',
      }),
    ).toBe('badUsage');
  });

  it('with missing numbers that are refused, naming the row', async () => {
    const data = new Uint8Array(Float64Array.of(1, 2, Number.NaN, 4, 5, 6).buffer);
    const x = write('x.npy', npy("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }", data));
    const y = write(
      'y.npy',
      npy(
        "{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }",
        new Uint8Array(BigInt64Array.of(0n, 1n, 0n).buffer),
      ),
    );
    expect(await refusal([x, y], ['row 2'], { missing: 'refuse', task: 'classes' })).toBe('fileUnreadable');
    const { warnings } = await place.importHere([x, y], { task: 'classes', normalize: 'none' });
    expect(warnings.map(({ kind }) => kind)).toContain('missingValues');
  });
});

describe('archives', () => {
  it.each(['../evil.csv', '/etc/evil.csv', 'a/../../evil.csv', 'C:\\evil.csv', '..\\evil.csv'])(
    'with the name %s',
    async (name) => {
      expect(await refusal(write('a.zip', zipOf([{ name }])), [/leads out|absolute/])).toBe('unsafeArchive');
      expect(await refusal(write('a.tar', await tarOf([{ name }])), [/leads out|absolute/])).toBe('unsafeArchive');
      expect(await refusal(write('a.tar.gz', gzipSync(await tarOf([{ name }]))), [/leads out|absolute/])).toBe(
        'unsafeArchive',
      );
    },
  );

  it('with links: those that lead outside are refused, others left out', async () => {
    const link = { mode: 0o120777, data: Buffer.from('../../etc/passwd') };
    expect(
      await refusal(write('a.zip', zipOf([{ name: 'link.csv', ...link }, { name: 'a.csv' }])), ['link.csv', 'outside']),
    ).toBe('unsafeArchive');
    expect(
      await refusal(write('a.tar', await tarOf([{ name: 'l', type: 'symlink', linkname: '/etc/passwd' }])), [
        '/etc/passwd',
      ]),
    ).toBe('unsafeArchive');
    const tar = await tarOf([{ name: 'a.csv' }, { name: 'b.csv', type: 'symlink', linkname: 'a.csv' }]);
    const { meta, warnings } = await place.importHere(write('a.tar', tar));
    expect(meta.rows).toBe(2);
    expect(warnings.find(({ kind }) => kind === 'skippedFile')!.message).toContain('b.csv');
  });

  it('that are bombs', async () => {
    const zeros = gzipSync(Buffer.alloc(300 * 2 ** 20), { level: 6 });
    const bomb = Buffer.concat([gzipSync(tarHeader('a.bin', 300 * 2 ** 20)), zeros]);
    expect(await refusal(write('a.tar.gz', bomb), ['times its size'])).toBe('unsafeArchive');
    expect(await refusal(write('a.zip', zipOf([{ name: 'a.csv', claim: 0xf0000000 }])), ['a.csv', 'fill a disk'])).toBe(
      'unsafeArchive',
    );
    expect(await refusal(write('a.zip', zipOf([{ name: 'a.csv', claim: 4_000 }])), ['a.csv'])).toBe('fileUnreadable');
  });

  it('in archives, and without any file', async () => {
    expect(await refusal(write('a.zip', zipOf([{ name: 'b.zip', data: zipOf([{ name: 'c.csv' }]) }])), ['b.zip'])).toBe(
      'unknownFormat',
    );
    expect(await refusal(write('a.zip', zipOf([])), ['no file'])).toBe('unknownFormat');
    const empty = path.join(place.dir, 'empty folder');
    mkdirSync(empty);
    expect(await refusal(empty, ['no file'])).toBe('unknownFormat');
  });

  it('with names in other encodings, and names that are too long', async () => {
    const { record } = await place.importHere(
      write('a.zip', zipOf([{ name: Buffer.from([0x81, 0x2e, 0x63, 0x73, 0x76]) }])),
    );
    expect(record.files[0]).toContain('entry "ü.csv"');
    expect(await refusal(write('a.zip', zipOf([{ name: `${'n'.repeat(2_000)}.csv` }])), ['longer than'])).toBe(
      'unsafeArchive',
    );
  });

  it('with long names, in the ways of GNU and of pax', async () => {
    const deep = Array.from({ length: 30 }, (_, i) => `folder ${i}`).join('/');
    const tar = await tarOf([{ name: `${deep}/a.csv` }]);
    const { record } = await place.importHere(write('a.tar', tar));
    expect(record.files[0]).toContain(`${deep}/a.csv`);
  });

  it('with a million entries: listed in bounded memory', async () => {
    const count = 1_000_000;
    const file = write('million.tar', '');
    const out = fs.openSync(file, 'w');
    const headers = Buffer.concat(Array.from({ length: 10_000 }, (_, i) => tarHeader(`d/${i}`, 0)));
    for (let i = 0; i < count / 10_000; i++) fs.writeSync(out, headers);
    fs.writeSync(out, Buffer.alloc(1_024));
    fs.closeSync(out);
    const before = process.memoryUsage().rss;
    const found = await findFiles([file], place.dir, () => {});
    expect(found.files).toHaveLength(count);
    expect(process.memoryUsage().rss - before).toBeLessThan(700 * 2 ** 20);
    await found.close();
    fs.rmSync(file);
  }, 300_000);
});

describe('while the world changes', () => {
  it('folders with links in circles and links outside', async () => {
    const folder = path.join(place.dir, 'linked');
    mkdirSync(path.join(folder, 'inside'), { recursive: true });
    writeFileSync(path.join(folder, 'inside', 'a.csv'), 'a,b\n1,2\n3,4\n');
    symlinkSync(folder, path.join(folder, 'circle'));
    symlinkSync('/etc/passwd', path.join(folder, 'passwd.csv'));
    const { meta, warnings } = await place.importHere(folder);
    expect(meta.rows).toBe(2);
    expect(warnings.find(({ kind }) => kind === 'skippedFile')!.message).toContain('2 entries');
  });

  it('a file that grows while it is read', async () => {
    const file = write('a.csv', `a,b\n${'1,2\n'.repeat(400_000)}`);
    const importing = failureFor(file);
    const timer = setInterval(() => fs.appendFileSync(file, '3,4\n'), 5);
    const failure = await importing;
    clearInterval(timer);
    expect(failure.code).toBe('fileChanged');
    expect(failure.message).toContain('import it again');
  });

  it('an image of a large folder that is written to after it was read', async () => {
    const folder = path.join(place.dir, 'many images');
    mkdirSync(path.join(folder, 'a'), { recursive: true });
    const image = readFileSync(path.join(golden, '../images/rgb.png'));
    for (let i = 1; i <= 1_100; i++) writeFileSync(path.join(folder, 'a', `${i}.png`), image);
    const first = path.join(folder, 'a', '1.png');
    const failure = await failureOf(
      importer.import(
        { paths: [folder] },
        {
          onProgress({ stage }) {
            if (stage === 'writing') fs.appendFileSync(first, 'more');
          },
        },
      ),
    );
    expect(failure.code).toBe('fileChanged');
    expect(failure.message).toContain(first);
    checkNothingLeft();
    // in a small folder every file is watched, whatever reads it
    const small = path.dirname(write('a.csv', `a,b\n${'1,2\n'.repeat(200_000)}`));
    writeFileSync(path.join(small, 'b.csv'), 'a,b\n3,4\n');
    let changes = 0;
    const change = (): void => {
      if (changes++ === 0) fs.appendFileSync(path.join(small, 'a.csv'), '3,4\n');
    };
    const other = await failureOf(importer.import({ paths: [small] }, { onProgress: change }));
    expect(other.code).toBe('fileChanged');
    checkNothingLeft();
  });

  it('a disk that is full in the middle', async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => `${i % 7},${i % 3}\n`);
    const file = write('a.csv', `a,b\n${rows.join('')}`);
    let left = 3;
    const write_ = fs.writeSync.bind(fs) as (...args: unknown[]) => number;
    vi.spyOn(fs, 'writeSync').mockImplementation(((...args: unknown[]) => {
      if (left-- <= 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      return write_(...args);
    }) as never);
    expect(await failureFor(file)).toMatchObject({
      code: 'diskFull',
      message: expect.stringMatching(/is full: free some space there/),
    });
  });
});
