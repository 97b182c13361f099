import type { Migration } from './migration.ts';

/** Runs that another program trained say where they came from. */
export const runOrigin: Migration = {
  version: 3,
  name: 'where runs of other programs came from',
  up(db) {
    db.exec('ALTER TABLE runs ADD COLUMN origin TEXT');
  },
};
