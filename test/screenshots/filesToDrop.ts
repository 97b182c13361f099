import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';

/** What the pictures of the import show. */
export interface FilesToDrop {
  table: string;
  pictures: string;
}

const digits = new URL('../../resources/datasets/digits.csv.gz', import.meta.url);

/** Flowers of three kinds, with a row number that must not be learned and values that are missing. */
async function writeTable(file: string): Promise<void> {
  const kinds = ['setosa', 'versicolor', 'virginica'];
  const rows = Array.from({ length: 150 }, (_, i) => {
    const kind = i % 3;
    const vary = (step: number, width: number): number => ((i * step) % 17) * width;
    const length = (1.4 + 2 * kind + vary(5, 0.06)).toFixed(1);
    const width = (0.2 + 0.9 * kind + vary(7, 0.04)).toFixed(1);
    return [i + 1, i % 31 === 4 ? '' : length, width, (i * 7) % 5, kinds[kind]].join(',');
  });
  await writeFile(file, ['id,petal length,petal width,bees,species', ...rows].join('\n'));
}

/** Some of the bundled digits as pictures, a folder for each. */
async function writePictures(folder: string): Promise<void> {
  const lines = gunzipSync(await readFile(digits))
    .toString()
    .trim()
    .split('\n')
    .slice(0, 120);
  for (const [i, line] of lines.entries()) {
    const numbers = line.split(',').map(Number);
    const label = String(numbers.at(-1));
    await mkdir(join(folder, label), { recursive: true });
    const pixels = Uint8Array.from(numbers.slice(0, 64), (value) => (value * 255) / 16);
    const picture = sharp(pixels, { raw: { width: 8, height: 8, channels: 1 } });
    await picture
      .resize(64, 64, { kernel: 'cubic' })
      .png()
      .toFile(join(folder, label, `${i}.png`));
  }
}

export async function writeFilesToDrop(folder: string): Promise<FilesToDrop> {
  const [table, pictures] = [join(folder, 'flowers.csv'), join(folder, 'handwriting')];
  await mkdir(folder, { recursive: true });
  await writeTable(table);
  await writePictures(pictures);
  return { table, pictures };
}
