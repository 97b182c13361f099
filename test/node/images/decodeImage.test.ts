import { readFileSync } from 'node:fs';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, readImageFacts, type SampleImage } from '../../../src/node/images/decodeImage.ts';
import { ImageProblem } from '../../../src/node/images/imageProblem.ts';

const golden = path.resolve(import.meta.dirname, '../../golden/images');
const read = (name: string): Uint8Array => Uint8Array.from(readFileSync(path.join(golden, name)));
/** What Pillow reads in files that it wrote (make.py). */
const expected = JSON.parse(readFileSync(path.join(golden, 'expected.json'), 'utf8')) as Record<
  string,
  { height: number; width: number; channels: 1 | 3; tolerance: number; pixels: number[] }
>;
const names = Object.keys(expected).filter((name) => !name.includes(' '));
const own = (name: string): SampleImage => ({ ...expected[name]!, fit: 'crop' });

const chunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
};

/** A PNG of 8 bits a channel; `rows` hold the filter of each row before its bytes. */
function png(width: number, height: number, colorType: number, rows: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = colorType;
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

describe('images hold the pixels that Pillow reads', () => {
  it.each(names)('%s', async (name) => {
    const { width, height, channels, tolerance, pixels } = expected[name]!;
    expect(await readImageFacts(read(name))).toMatchObject({ width, height, channels });
    const decoded = await decodeImage(read(name), own(name));
    expect(decoded).toHaveLength(pixels.length);
    const most = pixels.reduce((worst, value, i) => Math.max(worst, Math.abs(value - decoded[i]!)), 0);
    expect(most).toBeLessThanOrEqual(tolerance);
  });

  it('as grey by the weights of Pillow, and grey as three equal channels', async () => {
    const grey = expected['rgb.png as grey']!;
    expect([...(await decodeImage(read('rgb.png'), { ...own('rgb.png'), channels: 1 }))]).toEqual(grey.pixels);
    const threefold = await decodeImage(read('grey.png'), { ...own('grey.png'), channels: 3 });
    expect([...threefold]).toEqual(expected['grey.png']!.pixels.flatMap((value) => [value, value, value]));
  });

  it('with every filter of PNG, as the reference decoder undoes them', async () => {
    const [width, height] = [9, 5];
    for (const [colorType, channels] of [
      [0, 1],
      [2, 3],
      [4, 2],
      [6, 4],
    ] as const) {
      const rowBytes = 1 + width * channels;
      // the first row has each filter once, because there is nothing above it
      for (let first = 0; first < 5; first++) {
        const rows = Uint8Array.from({ length: height * rowBytes }, (_, i) =>
          i % rowBytes === 0 ? (first + Math.floor(i / rowBytes)) % 5 : (i * 97 + 31) % 256,
        );
        const file = png(width, height, colorType, rows);
        const sample: SampleImage = { width, height, channels: channels > 2 ? 3 : 1, fit: 'crop' };
        const reference = await sharp(file)
          .removeAlpha()
          .toColourspace(channels > 2 ? 'srgb' : 'b-w')
          .raw()
          .toBuffer();
        expect([...(await decodeImage(file, sample))]).toEqual([...reference]);
      }
    }
  });
});

describe('images of another size are', () => {
  // left half black, right half white, 4 x 8
  const halves = png(
    8,
    4,
    0,
    Uint8Array.from({ length: 36 }, (_, i) => (i % 9 > 4 ? 255 : 0)),
  );
  const to = (fit: SampleImage['fit']): Promise<Uint8Array> =>
    decodeImage(halves, { width: 4, height: 4, channels: 1, fit });

  it('cut at the edges, stretched, or padded with black', async () => {
    expect([...(await to('crop'))]).toEqual(Array.from({ length: 4 }, () => [0, 0, 255, 255]).flat());
    const stretched = await to('stretch');
    for (let row = 0; row < 4; row++) {
      expect(stretched[4 * row]).toBeLessThan(30);
      expect(stretched[4 * row + 3]).toBeGreaterThan(225);
    }
    const padded = await to('pad');
    expect([...padded.subarray(0, 4), ...padded.subarray(12)]).toEqual(Array<number>(8).fill(0));
    expect(padded[7]).toBeGreaterThan(225);
  });

  it('of formats that are decoded elsewhere as well, and turned first', async () => {
    const turned = await decodeImage(read('turned.jpg'), { width: 3, height: 4, channels: 3, fit: 'stretch' });
    expect(turned).toHaveLength(36);
    const part = { left: 1, top: 2, width: 2, height: 3 };
    for (const name of ['rgb.png', 'rgb.bmp', 'rgb.tif']) {
      const { pixels, width } = expected[name]!;
      const wanted = [2, 3, 4].flatMap((y) => pixels.slice(3 * (y * width + 1), 3 * (y * width + 3)));
      const sample: SampleImage = { width: 2, height: 3, channels: 3, fit: 'crop' };
      expect([...(await decodeImage(read(name), sample, () => part))]).toEqual(wanted);
    }
  });
});

describe('images that cannot be used are refused with a reason', () => {
  const refusal = async (bytes: Uint8Array): Promise<string> => {
    try {
      await decodeImage(bytes, { width: 4, height: 4, channels: 3, fit: 'crop' });
    } catch (error) {
      expect(error).toBeInstanceOf(ImageProblem);
      return (error as Error).message;
    }
    throw new Error('it was decoded');
  };

  it.each(names.filter((name) => name !== 'moving.gif'))('%s when it is cut off', async (name) => {
    const bytes = read(name);
    expect(await refusal(bytes.subarray(0, Math.floor(bytes.length * 0.6)))).toMatch(/damaged|cut off|cannot/);
  });

  it('of 100,000 x 100,000 pixels by their header alone', async () => {
    const header = Buffer.from(png(1, 1, 2, new Uint8Array(4)));
    const huge = Buffer.alloc(13);
    huge.writeUInt32BE(100_000);
    huge.writeUInt32BE(100_000, 4);
    huge.set([8, 2, 0, 0, 0], 8);
    const bomb = Buffer.concat([header.subarray(0, 8), chunk('IHDR', huge), header.subarray(33)]);
    const bmp = Buffer.from(read('rgb.bmp'));
    bmp.writeInt32LE(100_000, 18);
    bmp.writeInt32LE(100_000, 22);
    const before = process.memoryUsage().rss;
    for (const bytes of [bomb, bmp]) {
      expect(await refusal(bytes)).toBe(
        'it says that it is 100000 x 100000 pixels, more than the 100 million that are accepted',
      );
      await expect(readImageFacts(bytes)).rejects.toThrow('100000 x 100000');
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it('of no format that is known, such as vector images that can name other files', async () => {
    expect(await refusal(new Uint8Array(0))).toBe('the file is empty (0 bytes)');
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><image href="file:///etc/passwd"/></svg>';
    expect(await refusal(Buffer.from(svg))).toBe('it is not a PNG, JPEG, WebP, BMP, GIF or TIFF image');
  });

  it('with a checksum that does not fit, or more data than their size has', async () => {
    const bytes = Buffer.from(
      png(
        3,
        3,
        0,
        Uint8Array.from({ length: 12 }, (_, i) => (i % 4 === 0 ? 0 : i)),
      ),
    );
    const damaged = Buffer.from(bytes);
    damaged[45]! ^= 1;
    expect(await refusal(damaged)).toContain('a checksum differs');
    expect(await refusal(png(3, 3, 0, new Uint8Array(1e6)))).toContain('damaged');
  });
});
