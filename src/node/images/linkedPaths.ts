import path from 'node:path';

/** Paths of the images of a linked dataset, by row. */
export interface LinkedPaths {
  count: number;
  /** The path as the file system spells it, which need not be text. */
  at(row: number): Buffer;
}

const lineFeed = 10;

/** Reads `files.txt`: one path below `root` a line. It is kept as it is; a million paths take their own size and 4 MB. */
export function readLinkedPaths(bytes: Buffer, root: string): LinkedPaths {
  const ends: number[] = [];
  for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) ends.push(at);
  const lineEnds = Uint32Array.from(ends);
  const prefix = Buffer.from(root.endsWith(path.sep) ? root : root + path.sep);
  return {
    count: lineEnds.length,
    at(row) {
      const start = row === 0 ? 0 : lineEnds[row - 1]! + 1;
      return Buffer.concat([prefix, bytes.subarray(start, lineEnds[row]!)]);
    },
  };
}
