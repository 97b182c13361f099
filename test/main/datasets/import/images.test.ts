import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { importerHere } from './importerHere.ts';
import { importPlace } from './importHere.ts';

const golden = path.resolve(import.meta.dirname, '../../../golden/images');
const expected = JSON.parse(fs.readFileSync(path.join(golden, 'expected.json'), 'utf8')) as Record<
  string,
  { pixels: number[] }
>;
const place = importPlace();
const { failureFor } = importerHere(path.join(place.dir, 'data'));
afterAll(() => place.remove());
let folders = 0;

/** A folder with files: copies of golden images by name, or bytes. */
function folderOf(files: Record<string, string | Uint8Array>): string {
  const dir = path.join(place.dir, `folder-${++folders}`);
  for (const [name, content] of Object.entries(files)) {
    const target = path.join(dir, name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    if (typeof content === 'string') fs.copyFileSync(path.join(golden, content), target);
    else fs.writeFileSync(target, content);
  }
  return dir;
}
const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const leftBehind = (): string[] => fs.readdirSync(place.dir).filter((name) => name.startsWith('temp-'));

const pets = {
  'cat/1.png': 'rgb.png',
  'cat/2.bmp': 'rgb.bmp',
  'cat/3.tif': 'lzw.tif',
  'dog/1.webp': 'rgb.webp',
  'dog/2.png': 'palette.png',
  'dog/deeper/3.png': 'rgb.png',
};

describe('a folder for each class', () => {
  it('becomes the pixels that Pillow reads, in the order of the names', async () => {
    const { x, y, meta, parts, warnings } = await place.importHere(folderOf(pets), { testFraction: 0 });
    expect(meta).toMatchObject({ rows: 6, shape: [5, 7, 3], dtype: 'uint8', scale: 1 / 255, classes: ['cat', 'dog'] });
    expect([...y]).toEqual([0, 0, 0, 1, 1, 1]);
    const size = 5 * 7 * 3;
    for (const [row, name] of ['rgb.png', 'rgb.bmp', 'lzw.tif', 'rgb.webp', 'palette.png', 'rgb.png'].entries()) {
      expect([...x.subarray(row * size, (row + 1) * size)]).toEqual(expected[name]!.pixels);
    }
    expect(parts).toBeNull();
    expect(warnings.map(({ kind }) => kind)).toEqual(['split']);
  });

  it('is normalised by channel over its training part alone', async () => {
    const { x, meta, parts } = await place.importHere(folderOf(pets), { testFraction: 0.4 });
    expect(meta.parts).toEqual({ train: 4, validation: 0, test: 2 });
    for (let channel = 0; channel < 3; channel++) {
      const values = Array.from(x).filter((_, i) => i % 3 === channel && parts![Math.floor(i / 105)] === 0);
      const mean = values.reduce((sum, v) => sum + v / 255, 0) / values.length;
      const variance = values.reduce((sum, v) => sum + (v / 255 - mean) ** 2, 0) / values.length;
      expect(meta.normalization!.mean[channel]).toBeCloseTo(mean, 10);
      expect(meta.normalization!.deviation[channel]).toBeCloseTo(Math.sqrt(variance), 10);
    }
  });

  it('is shown before: format, classes, sizes, some images of each class', async () => {
    const found = await place.inspectHere(folderOf({ ...pets, 'cat/4.jpg': 'turned.jpg', 'notes.txt': text('hello') }));
    expect(found).toMatchObject({
      kind: 'images',
      format: 'images, a folder for each class, folder',
      rows: 7,
      classes: [
        { name: 'cat', count: 4 },
        { name: 'dog', count: 3 },
      ],
      guess: { images: { width: 5, height: 5, channels: 3, fit: 'crop', onCorrupt: 'skip', link: false } },
    });
    expect(found.images!.sizes).toEqual([
      { width: 7, height: 5, count: 6 },
      { width: 5, height: 7, count: 1 },
    ]);
    expect(found.images!.samples.map(({ className }) => className)).toEqual('cat cat cat cat dog dog dog'.split(' '));
    const [first] = found.images!.samples;
    const shown = await sharp(Buffer.from(first!.dataUrl.split(',')[1]!, 'base64')).metadata();
    expect(shown).toMatchObject({ format: 'png', width: 5, height: 5 });
    expect(found.warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^One file is left out, which are no images; the first is .*notes\.txt\.$/),
      'The images have 2 different sizes, from 7 x 5 to 5 x 7 pixels; each is fitted to 5 x 5 (cut at the edges).',
    ]);
  });

  it('takes the size, the channels and the fit that are chosen', async () => {
    const images = { width: 8, height: 6, channels: 1, fit: 'pad' } as const;
    const { x, meta } = await place.importHere(folderOf(pets), { images });
    expect(meta.shape).toEqual([6, 8, 1]);
    expect(meta.normalization!.mean).toHaveLength(1);
    expect(x).toHaveLength(6 * 48);
  });

  it('in a zip and in a tar, with names that are no ASCII, with parts by folders', async () => {
    const zipped = await place.importHere(path.join(golden, 'folders.zip'));
    expect(zipped.meta).toMatchObject({
      rows: 12,
      classes: ['cat', 'hund-ü'],
      parts: { train: 6, validation: 0, test: 6 },
    });
    expect([...zipped.parts!]).toEqual([...Array<number>(6).fill(2), ...Array<number>(6).fill(0)]);
    expect(zipped.record.choices.split?.kind).toBe('fixed');
    const dir = folderOf(pets);
    const plain = await place.importHere(dir);
    for (const [flags, name] of [
      ['-cf', 'pets.tar'],
      ['-czf', 'pets.tar.gz'],
    ] as const) {
      const archive = path.join(place.dir, name);
      execFileSync('tar', ['--sort=name', flags, archive, '-C', dir, 'cat', 'dog']);
      const packed = await place.importHere(archive);
      expect(packed.meta.hash).toBe(plain.meta.hash);
      expect([...packed.x]).toEqual([...plain.x]);
    }
  });

  it('says that images of the test part are in the training part too, and that a class is rare', async () => {
    const names = Array.from({ length: 24 }, (_, i) => [`train/a/${i}.png`, 'rgb.png']);
    const files = {
      ...Object.fromEntries(names),
      'train/b/1.png': 'grey.png',
      'test/a/1.png': 'rgb.png',
      'test/b/1.png': 'palette.png',
    };
    const { warnings } = await place.importHere(folderOf(files));
    expect(warnings.map(({ kind }) => kind)).toEqual(['imbalance', 'duplicates']);
  });
});

describe('images in one folder', () => {
  const flat = { 'a.png': 'rgb.png', 'b.png': 'palette.png', 'c.png': 'alpha.png' };

  it('get their classes from a table beside them', async () => {
    const table = 'id,breed,age\na,poodle,3\nb.png,beagle,4\nc,poodle,5\n';
    const imported = await place.importHere(folderOf({ ...flat, 'labels.csv': text(table) }), { testFraction: 0 });
    expect(imported.meta.classes).toEqual(['beagle', 'poodle']);
    expect([...imported.y]).toEqual([1, 0, 1]);
    const byAge = await place.importHere(folderOf({ ...flat, 'labels.csv': text(table) }), { target: 'age' });
    expect(byAge.meta.classes).toEqual(['3', '4', '5']);
    const failure = await failureFor(folderOf({ ...flat, 'labels.csv': text(table) }), { target: 'bred' });
    expect(failure).toMatchObject({ code: 'badUsage', message: expect.stringContaining('did you mean "breed"?') });
    const gap = await failureFor(folderOf({ ...flat, 'l.csv': text('id,breed\na,poodle\nb,\nc,pug\n') }));
    expect(gap).toMatchObject({
      code: 'fileUnreadable',
      message: expect.stringMatching(/row 3, column "breed": the class is missing/),
    });
  });

  it('get them from their names: cat.1.png, dog.7.png', async () => {
    const files = {
      'cat.1.png': 'rgb.png',
      'cat.2.png': 'alpha.png',
      'dog.1.png': 'rgb.png',
      'dog.12.png': 'palette.png',
    };
    const { meta, y } = await place.importHere(folderOf(files));
    expect(meta.classes).toEqual(['cat', 'dog']);
    expect([...y]).toEqual([0, 0, 1, 1]);
  });

  it('are refused without classes, with advice', async () => {
    const failure = await failureFor(folderOf(flat));
    expect(failure).toMatchObject({
      code: 'unknownFormat',
      message: expect.stringMatching(
        /its 3 images have no classes .*Put the images of each class into a folder of its own/,
      ),
    });
  });
});

describe('a damaged image among good ones', () => {
  const broken = {
    ...pets,
    'cat/5.png': text('no image'),
    'dog/9.jpg': fs.readFileSync(path.join(golden, 'rgb.jpg')).subarray(0, 300),
  };

  it('is left out and named', async () => {
    const { meta, warnings, y } = await place.importHere(folderOf(broken));
    expect(meta.rows).toBe(6);
    expect([...y]).toEqual([0, 0, 0, 1, 1, 1]);
    expect(warnings.find(({ kind }) => kind === 'skippedFile')!.message).toMatch(
      /^2 images are left out because they cannot be read: .*cat\/5\.png: it is not a PNG.* image; .*dog\/9\.jpg: its JPEG data is damaged or cut off \(.*\)\.$/,
    );
  });

  it('stops the import where that is chosen', async () => {
    const failure = await failureFor(folderOf(broken), { images: { onCorrupt: 'stop' } });
    expect(failure).toMatchObject({
      code: 'fileUnreadable',
      message: expect.stringMatching(/cat\/5\.png: it is not a PNG/),
    });
    expect(leftBehind()).toEqual([]);
  });

  it('and nothing else: refused by the name of the first', async () => {
    const failure = await failureFor(folderOf({ 'a/1.png': text('x'), 'a/2.png': text('y'), 'b/3.png': text('z') }));
    expect(['fileUnreadable', 'unknownFormat']).toContain(failure.code);
    expect(leftBehind()).toEqual([]);
  });

  it('that claims 100,000 x 100,000 pixels is left out like any other', async () => {
    const huge = fs.readFileSync(path.join(golden, 'rgb.bmp'));
    huge.writeInt32LE(100_000, 18);
    huge.writeInt32LE(100_000, 22);
    const { warnings } = await place.importHere(folderOf({ ...pets, 'dog/huge.bmp': huge }));
    expect(warnings.find(({ kind }) => kind === 'skippedFile')!.message).toContain('100000 x 100000 pixels');
  });
});

describe('odd folders', () => {
  it('without images are refused by what is in them', async () => {
    const failure = await failureFor(folderOf({ 'a/x.bin': Uint8Array.of(1, 2, 3, 4, 5) }));
    expect(failure.code).toBe('unknownFormat');
    const empty = path.join(place.dir, 'empty');
    fs.mkdirSync(empty);
    expect(await failureFor(empty)).toMatchObject({
      code: 'unknownFormat',
      message: expect.stringContaining('there is no file in the folder that could be data'),
    });
  });

  it('with links leave them out and say so', async () => {
    const dir = folderOf(pets);
    fs.symlinkSync('/etc', path.join(dir, 'etc'));
    fs.symlinkSync(path.join(golden, 'rgb.png'), path.join(dir, 'cat', 'link.png'));
    const { meta, warnings } = await place.importHere(dir);
    expect(meta.rows).toBe(6);
    expect(warnings.find(({ kind }) => kind === 'skippedFile')!.message).toContain('2 entries are left out');
  });

  it.skipIf(process.platform === 'win32')(
    'with a name in another encoding leave that image out and say why',
    async () => {
      const dir = folderOf(pets);
      const name = Buffer.concat([Buffer.from(`${dir}/cat/`), Uint8Array.of(0xe9), Buffer.from('.png')]);
      fs.copyFileSync(path.join(golden, 'rgb.png'), name);
      const { meta, warnings } = await place.importHere(dir);
      expect(meta.rows).toBe(6);
      expect(warnings.find(({ kind }) => kind === 'skippedFile')!.message).toContain(
        'named in an encoding that cannot be read: rename them',
      );
    },
  );

  it('cannot be dealt by what they do not have', async () => {
    const failure = await failureFor(folderOf(pets), { split: { kind: 'fixed', test: 0.2, validation: 0, seed: 0 } });
    expect(failure).toMatchObject({ code: 'badUsage', message: expect.stringContaining('the split cannot be fixed') });
  });

  it('import in the same way twice, and as another dataset when an image changes', async () => {
    const first = await place.importHere(folderOf(pets));
    expect((await place.importHere(folderOf(pets))).meta.hash).toBe(first.meta.hash);
    const other = await place.importHere(folderOf({ ...pets, 'cat/1.png': 'alpha.png', 'dog/2.png': 'rgb.png' }));
    expect(other.meta.hash).not.toBe(first.meta.hash);
  });
});
