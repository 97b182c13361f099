import { firstSchema } from './firstSchema.ts';
import type { Migration } from './migration.ts';

/** All migrations in order. */
export const migrations: readonly Migration[] = [firstSchema];
