import type { Database } from 'better-sqlite3';
import { backUp } from './backup.ts';
import { createCheckpointStore, type CheckpointStore } from './checkpointStore.ts';
import { dataDirLayout } from './dataDirLayout.ts';
import { createDatasetStore, type DatasetStore } from './datasetStore.ts';
import { createLogStore, type LogStore } from './logStore.ts';
import { createMetricStore, type MetricStore } from './metricStore.ts';
import { openDatabase, openDatabaseReadOnly } from './openDatabase.ts';
import { createRunStore, type RunStore } from './runStore.ts';
import { createSettingStore, type SettingStore } from './settingStore.ts';
import { asStorageError, withStorageErrors } from './storageErrors.ts';
import { createStudyStore, type StudyStore } from './studyStore.ts';

/** The database of a data folder. Every method may throw `diskFull`, `databaseCorrupt` or `dataDirNotWritable`. */
export interface Storage {
  runs: RunStore;
  metrics: MetricStore;
  checkpoints: CheckpointStore;
  logs: LogStore;
  datasets: DatasetStore;
  settings: SettingStore;
  studies: StudyStore;
  isReadOnly: boolean;
  /** why the contents may be older than expected; null in the normal case */
  warning: string | null;
  /** Copies the database aside; one at a time, a call during another waits for that one. */
  backUp(): Promise<void>;
  close(): Promise<void>;
}

/** The same store whose every failure carries a code and a sentence. */
function guarded<Store extends object>(store: Store, place: string): Store {
  return Object.fromEntries(
    Object.entries(store).map(([name, method]: [string, (...args: unknown[]) => unknown]) => [
      name,
      (...args: unknown[]) => withStorageErrors(place, () => method(...args)),
    ]),
  ) as Store;
}

export function openStorage(options: { dataDir: string; readOnly: boolean }): Storage {
  const layout = dataDirLayout(options.dataDir);
  const { db, warning } = options.readOnly ? openDatabaseReadOnly(layout) : openDatabase(layout);
  let backup: Promise<void> | undefined;
  return {
    ...createStores(db),
    isReadOnly: options.readOnly,
    warning,
    backUp() {
      backup ??= backUp(db, layout).finally(() => {
        backup = undefined;
      });
      return backup;
    },
    async close() {
      // without a backup under way it is closed when this call returns
      if (backup) await backup.catch(() => undefined);
      try {
        db.close();
      } catch (error) {
        throw asStorageError(error, layout.database);
      }
    },
  };
}

/** The stores of an open, migrated database. */
export function createStores(
  db: Database,
): Pick<Storage, 'runs' | 'metrics' | 'checkpoints' | 'logs' | 'datasets' | 'settings' | 'studies'> {
  return {
    runs: guarded(createRunStore(db), db.name),
    metrics: guarded(createMetricStore(db), db.name),
    checkpoints: guarded(createCheckpointStore(db), db.name),
    logs: guarded(createLogStore(db), db.name),
    datasets: guarded(createDatasetStore(db), db.name),
    settings: guarded(createSettingStore(db), db.name),
    studies: guarded(createStudyStore(db), db.name),
  };
}
