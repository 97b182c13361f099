import path from 'node:path';
import type { ImportChoices } from '../../../core/contract/datasetImport.ts';

const extensions =
  /\.(?:tar\.gz|tgz|tar|zip|gz|csv|tsv|txt|jsonl|ndjson|json|parquet|arrow|feather|npy|npz|xlsx|h5|hdf5|data)$/i;

/** A name to type and a name to show: as chosen, else from the first file. An id that is taken gets a number. */
export function datasetIdFor(choices: ImportChoices, taken: readonly string[]): { id: string; name: string } {
  const name = choices.name ?? nameOf(choices.paths);
  const word =
    name
      .normalize('NFKD')
      .replaceAll(/\p{M}/gu, '')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 60) || 'dataset';
  let id = word;
  for (let n = 2; taken.includes(id); n++) id = `${word}-${n}`;
  return { id, name };
}

function nameOf(paths: readonly string[]): string {
  const first = path.resolve(paths[0] ?? '');
  let name = path.basename(first);
  while (extensions.test(name)) name = name.replace(extensions, '');
  // files of the parts of one dataset are named by their part, and their folder by the dataset
  if (paths.length > 1 || /^(?:train|test|data)$/i.test(name)) return path.basename(path.dirname(first)) || name;
  return name;
}
