import { partOfName } from '../partOfName.ts';

/** What the names of images say about them. */
export interface ImageTree {
  /** how the classes were found, for people */
  layout: 'folders' | 'parts' | 'names' | 'none';
  classes: string[];
  /** class of each name; -1 for names that are in no class */
  labels: Int32Array;
  /** part of each name by its first folder; null when the folders are not named as parts */
  parts: Uint8Array | null;
}

const wholePartName = /^(?:train(?:ing)?|val(?:id(?:ation)?)?|dev|test(?:ing)?|holdout)$/i;
const numberedName = /^(?<word>[\p{L}][\p{L}_ -]*?)[ ._-]*\d+$/u;

/** Folders that all names share say nothing, as long as each name is left with one. */
function sharedFolders(folders: readonly (readonly string[])[]): number {
  const [first] = folders;
  if (!first) return 0;
  const shortest = folders.reduce((least, each) => Math.min(least, each.length), Infinity);
  let shared = 0;
  while (shared < shortest - 1 && folders.every((each) => each[shared] === first[shared])) shared++;
  return shared;
}

/** Classes in the order of their names; whole numbers by their size. */
function sortedClasses(names: ReadonlySet<string>): string[] {
  const all = [...names];
  const isNumbered = all.every((name) => /^\d{1,9}$/.test(name));
  return all.toSorted(isNumbered ? (a, b) => Number(a) - Number(b) : (a, b) => (a < b ? -1 : 1));
}

function labelled(
  layout: ImageTree['layout'],
  classOf: readonly (string | null)[],
  parts: Uint8Array | null,
): ImageTree {
  const classes = sortedClasses(new Set(classOf.filter((name) => name !== null)));
  const places = new Map(classes.map((name, i) => [name, i]));
  return {
    layout,
    classes,
    labels: Int32Array.from(classOf, (name) => (name === null ? -1 : places.get(name)!)),
    parts,
  };
}

/**
 * Reads classes and parts out of names with slashes: "cat/1.png"; "train/cat/1.png" and "test/cat/2.png"; "cat.1.png" and
 * "dog.7.png" in one folder. Deeper folders belong to the class above them.
 */
export function imageTree(names: readonly string[]): ImageTree {
  const folders = names.map((name) => name.split('/').slice(0, -1));
  const shared = sharedFolders(folders);
  const own = folders.map((each) => each.slice(shared));
  const first = new Set(own.map((each) => each[0]));
  const partNames = [...first].filter((name) => name !== undefined && wholePartName.test(name));
  if (partNames.length > 0 && own.some((each) => each.length > 1 && wholePartName.test(each[0]!))) {
    const inPart = own.map((each) => each.length > 0 && wholePartName.test(each[0]!));
    const parts = Uint8Array.from(own, (each, i) => (inPart[i] ? partOfName(each[0]!)! : 0));
    const classOf = own.map((each, i) => (inPart[i] ? (each[1] ?? null) : null));
    // one part alone leaves the choice of a test part open
    return labelled('parts', classOf, partNames.length > 1 ? parts : null);
  }
  if (own.some((each) => each.length > 0)) {
    return labelled(
      'folders',
      own.map((each) => each[0] ?? null),
      null,
    );
  }
  const words = names.map((name) => {
    const base = name
      .split('/')
      .at(-1)!
      .replace(/\.[^.]*$/, '');
    return numberedName.exec(base)?.groups!['word']!.replace(/[ ._-]+$/, '') ?? null;
  });
  const different = new Set(words);
  const isNamed = !different.has(null) && different.size > 1 && different.size <= names.length / 2;
  return isNamed
    ? labelled('names', words, null)
    : { layout: 'none', classes: [], labels: new Int32Array(names.length).fill(-1), parts: null };
}
