import { benchImageDatasets } from './imageDatasets.ts';

/** Imports of large datasets beside the Python libraries that people use for them, in the same run. */
export async function benchDatasets(args: readonly string[]): Promise<void> {
  await benchImageDatasets(args);
}
