import type { Database } from 'better-sqlite3';
import type { DatasetMeta } from '../../core/contract/datasets.ts';
import type { RunStatus } from '../../core/contract/runs.ts';

export interface StoredDataset {
  meta: DatasetMeta;
  /** what made it; a dataset made by another recipe is made again */
  recipe: string;
  createdAtMs: number;
}

export interface DatasetStore {
  put(dataset: StoredDataset): void;
  get(id: string): StoredDataset | undefined;
  list(): StoredDataset[];
  delete(id: string): void;
  /** The runs, those in the trash included, that train or were trained on a dataset. */
  runsOf(id: string): { name: string; status: RunStatus }[];
}

interface DatasetRow {
  meta: string;
  recipe: string;
  created_at_ms: number;
}

const fromRow = (row: DatasetRow): StoredDataset => ({
  meta: JSON.parse(row.meta) as DatasetMeta,
  recipe: row.recipe,
  createdAtMs: row.created_at_ms,
});

export function createDatasetStore(db: Database): DatasetStore {
  const put = db.prepare(
    'INSERT OR REPLACE INTO datasets (id, hash, recipe, meta, created_at_ms) VALUES (?, ?, ?, ?, ?)',
  );
  const get = db.prepare<[string], DatasetRow>('SELECT meta, recipe, created_at_ms FROM datasets WHERE id = ?');
  const list = db.prepare<[], DatasetRow>('SELECT meta, recipe, created_at_ms FROM datasets ORDER BY id');
  const remove = db.prepare<[string]>('DELETE FROM datasets WHERE id = ?');
  const runsOf = db.prepare<[string], { name: string; status: RunStatus }>(
    'SELECT name, status FROM runs WHERE dataset_id = ? ORDER BY created_at_ms',
  );
  return {
    put: ({ meta, recipe, createdAtMs }) => void put.run(meta.id, meta.hash, recipe, JSON.stringify(meta), createdAtMs),
    get(id) {
      const row = get.get(id);
      return row && fromRow(row);
    },
    list: () => list.all().map(fromRow),
    delete: (id) => void remove.run(id),
    runsOf: (id) => runsOf.all(id),
  };
}
