import type { Study } from '../../core/contract/studies.ts';
import { AppError } from '../../core/errors.ts';
import { nearestName } from '../../core/text/nearestName.ts';
import type { StudyStore } from '../storage/studyStore.ts';

/** Throws AppError `unknownStudy` when there is no study of this id. */
export function requireStudy(store: Pick<StudyStore, 'get'>, studyId: string): Study {
  const study = store.get(studyId);
  if (study) return study;
  throw new AppError('unknownStudy', `There is no study "${studyId}".`, { details: { studyId } });
}

type Named = Pick<Study, 'id' | 'name'>;

/** The study that a person means: by id, by a beginning that only one id has, or by a name that only one study has. */
export function findStudy(store: Pick<StudyStore, 'get' | 'names'>, text: string): Study {
  const wanted = text.trim();
  const exact = store.get(wanted);
  if (exact) return exact;
  const all = store.names();
  for (const isMeant of [
    ({ name }: Named) => name === wanted,
    ({ id }: Named) => wanted !== '' && id.startsWith(wanted.toLowerCase()),
  ]) {
    const found = all.filter(isMeant);
    if (found.length === 1) return requireStudy(store, found[0]!.id);
    if (found.length > 1) {
      const names = found.slice(0, 5).map(({ id, name }) => `${id} (${name})`);
      throw new AppError(
        'badUsage',
        `${found.length} studies are meant by "${wanted}": ${names.join(', ')}. Give the id.`,
      );
    }
  }
  const near = nearestName(
    wanted,
    all.flatMap(({ id, name }) => [id, name]),
  );
  throw new AppError('unknownStudy', `There is no study "${wanted}"${near ? `; did you mean "${near}"?` : '.'}`, {
    details: { text: wanted, nearest: near ?? null },
  });
}
