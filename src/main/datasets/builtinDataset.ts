import type { DatasetContent, DatasetFacts } from './datasetContent.ts';

/** A dataset that needs no import: it is bundled, or made from a seed. */
export interface BuiltinDataset {
  /** changes whenever its numbers change, so that folders made before are not taken for it */
  recipe: string;
  id: string;
  name: string;
  description: string;
  make(): Promise<{ facts: DatasetFacts; content: DatasetContent }>;
}
