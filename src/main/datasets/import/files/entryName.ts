import { unsafeArchive } from '../importErrors.ts';
import { importLimits } from '../limits.ts';

/**
 * The name of an archive's entry with slashes. Refuses names that lead out of the archive (absolute, with a drive, with
 * `..`), are too long, or hold zero characters, although nothing is ever written under them: whoever made such an archive
 * meant no good.
 */
export function entryName(archive: string, given: string): string {
  const shown = given.slice(0, 200);
  const refuse = (why: string): never => {
    throw unsafeArchive({ file: archive, entry: shown }, why);
  };
  if (given.length > importLimits.maxNameLength) {
    return refuse(`its name is longer than ${importLimits.maxNameLength} characters.`);
  }
  if (given.includes('\0')) return refuse('its name holds a zero character.');
  const name = given.replaceAll('\\', '/');
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) return refuse('its name is an absolute path.');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return refuse('its name leads out of the archive.');
  return parts.join('/');
}

/** Refuses a link that leads out of the archive; others do no harm, since links are not followed. */
export function checkLink(archive: string, name: string, target: string): void {
  const steps = target.replaceAll('\\', '/').split('/');
  let depth = name.split('/').length - 1;
  let isOutside = target.startsWith('/') || /^[a-z]:/i.test(target);
  for (const step of steps) {
    if (step === '..') depth--;
    else if (step !== '' && step !== '.') depth++;
    if (depth < 0) isOutside = true;
  }
  if (!isOutside) return;
  throw unsafeArchive(
    { file: archive, entry: name.slice(0, 200) },
    `it is a link to ${target.slice(0, 200)}, outside of the archive.`,
  );
}
