import type { DatasetMeta } from '../../core/contract/datasets.ts';

/** Numbers of one sample in the stored units of a dataset and the C order of its shape; or why there are none. */
export type FileSample = { values: Float32Array } | { problem: string };

/** The dataset whose samples a model takes. */
export interface SampleKind {
  meta: DatasetMeta;
  /** its folder */
  dir: string;
  /** for what has to lie on disk while a file is read */
  tempDir: string;
}

const pictureName = /\.(?:png|jpe?g|gif|webp|bmp|tiff?|avif|heic|svg)$/;

/** Samples of one file that are answered; more are better imported as a dataset. */
const mostSamples = 1_000;

/**
 * The samples of a file: of an image one, of a .npy array and of a table's text as many as it has rows. Never rejects: a
 * file that cannot be read is one sample with a problem, and of a file with too many the last one says so.
 */
export async function readFileSamples(file: string, kind: SampleKind): Promise<FileSample[]> {
  try {
    const samples = await samplesOf(file, kind);
    if (samples.length <= mostSamples) return samples;
    const problem =
      `${file} has more than ${mostSamples.toLocaleString('en')} samples; the first ones are answered. ` +
      'Import it as a dataset to have predictions of all as CSV.';
    return [...samples.slice(0, mostSamples), { problem }];
  } catch (error) {
    return [{ problem: (error as Error).message }];
  }
}

async function samplesOf(file: string, kind: SampleKind): Promise<FileSample[]> {
  const name = file.toLowerCase();
  if (name.endsWith('.npy')) {
    const { readNpySamples } = await import('./npySamples.ts');
    return readNpySamples(file, kind.meta, mostSamples + 1);
  }
  if (kind.meta.shape.length === 1 && !pictureName.test(name)) {
    const { readTableSamples } = await import('./tableSamples.ts');
    return readTableSamples(file, kind, mostSamples + 1);
  }
  const { readImageSample } = await import('./imageSample.ts');
  return [{ values: await readImageSample(file, kind.meta) }];
}
