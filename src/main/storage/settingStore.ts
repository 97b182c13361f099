import type { Database } from 'better-sqlite3';

/** Plain JSON values by name. Who reads one checks it with its own schema. */
export interface SettingStore {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  remove(key: string): void;
  all(): Record<string, unknown>;
}

export function createSettingStore(db: Database): SettingStore {
  const get = db.prepare<[string], string>('SELECT value FROM settings WHERE key = ?').pluck();
  const set = db.prepare('INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)');
  const remove = db.prepare('DELETE FROM settings WHERE key = ?');
  const all = db.prepare<[], { key: string; value: string }>('SELECT key, value FROM settings ORDER BY key');
  return {
    get(key) {
      const text = get.get(key);
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
    set: (key, value) => void set.run(key, JSON.stringify(value)),
    remove: (key) => void remove.run(key),
    all: () => Object.fromEntries(all.all().map(({ key, value }) => [key, JSON.parse(value) as unknown])),
  };
}
