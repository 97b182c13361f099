import { firstSchema } from './firstSchema.ts';
import type { Migration } from './migration.ts';
import { runOrigin } from './runOrigin.ts';
import { studies } from './studies.ts';

/** All migrations in order. */
export const migrations: readonly Migration[] = [firstSchema, studies, runOrigin];
