import type { ImportWarning } from '../../../../core/contract/datasetImport.ts';

/** What systems and tools leave in folders and archives, which is never data. */
export function isJunk(name: string): boolean {
  return name
    .split('/')
    .some((part) => part.startsWith('.') || part === '__MACOSX' || /^(?:thumbs\.db|desktop\.ini)$/i.test(part));
}

const sentences = {
  links: 'links, which are not followed',
  devices: 'no files',
  names: 'named in an encoding that cannot be read: rename them',
} as const;

/** Counts what is not read of folders and archives, to say so once. */
export class LeftOut {
  private readonly counts = new Map<keyof typeof sentences, { count: number; first: string }>();

  add(kind: keyof typeof sentences, name: string): void {
    const known = this.counts.get(kind);
    if (known) known.count++;
    else this.counts.set(kind, { count: 1, first: name });
  }

  warnings(): ImportWarning[] {
    return [...this.counts].map(([kind, { count, first }]) => ({
      kind: 'skippedFile',
      message: `${count.toLocaleString('en')} ${count === 1 ? 'entry is' : 'entries are'} left out, because they are ${sentences[kind]}; the first is ${first}.`,
    }));
  }
}
