import type { Database } from 'better-sqlite3';

/** One step of the schema. Versions count from 1 without gaps; a released migration never changes. */
export interface Migration {
  version: number;
  /** what it does, for messages */
  name: string;
  up(db: Database): void;
}
