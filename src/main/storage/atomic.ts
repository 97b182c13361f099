import type { Database } from 'better-sqlite3';

/**
 * A function whose changes happen all or not at all. Called within another such function it becomes part of it, without
 * a savepoint of its own: what fails inside must fail the whole.
 */
export function atomic<Args extends unknown[], Result>(
  db: Database,
  work: (...args: Args) => Result,
): (...args: Args) => Result {
  const inOwnTransaction = db.transaction(work);
  return (...args) => (db.inTransaction ? work(...args) : inOwnTransaction(...args));
}
