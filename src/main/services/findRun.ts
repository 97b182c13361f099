import type { Run } from '../../core/contract/runs.ts';
import { AppError } from '../../core/errors.ts';
import { nearestName } from '../../core/text/nearestName.ts';
import type { RunStore } from '../storage/runStore.ts';

const shown = 5;

function ambiguous(text: string, what: string, runs: readonly Run[]): AppError {
  const names = runs.slice(0, shown).map((run) => `${run.id} (${run.name})`);
  const rest = runs.length > shown ? ` and ${runs.length - shown} more` : '';
  return new AppError(
    'ambiguousRun',
    `${runs.length} runs have ${what} "${text}": ${names.join(', ')}${rest}. Give the whole id.`,
    { details: { text, runIds: runs.map((run) => run.id) } },
  );
}

/** Runs in the trash are meant only where no other is. */
function preferLive(runs: readonly Run[]): readonly Run[] {
  const live = runs.filter((run) => run.deletedAtMs === null);
  return live.length > 0 ? live : runs;
}

/** The run that a person means: by id, by a prefix that only one id has, or by a name that only one run has. */
export function findRun(store: RunStore, text: string): Run {
  const wanted = text.trim();
  const exact = store.get(wanted) ?? store.get(wanted.toLowerCase());
  if (exact) return exact;
  const named = preferLive(store.withName(wanted));
  if (named.length > 1) throw ambiguous(wanted, 'the name', named);
  if (named[0]) return named[0];
  const prefixed = wanted === '' ? [] : preferLive(store.withIdPrefix(wanted.toLowerCase()));
  if (prefixed.length > 1) throw ambiguous(wanted, 'an id that begins with', prefixed);
  if (prefixed[0]) return prefixed[0];
  const near = nearestName(
    wanted,
    store.list().flatMap((run) => [run.id, run.name]),
  );
  throw new AppError('unknownRun', `There is no run "${wanted}"${near ? `; did you mean "${near}"?` : '.'}`, {
    details: { text: wanted, nearest: near ?? null },
  });
}

/** Throws AppError `unknownRun` when there is no run of this id. */
export function requireRun(store: RunStore, runId: string): Run {
  const run = store.get(runId);
  if (run) return run;
  throw new AppError('unknownRun', `There is no run with the id "${runId}".`, { details: { runId } });
}
