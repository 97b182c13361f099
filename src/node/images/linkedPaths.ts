import path from 'node:path';

/** File of a linked dataset that stands in place of x.npy: a line for each row, of the size in bytes and the path. */
export const linkFileName = 'files.txt';

/** `file`: path below the root as the file system spells it, which need not be text but has no line break. */
export function linkLine(bytes: number, file: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes} `), file, Buffer.from('\n')]);
}

/** The images of a linked dataset, by row. */
export interface LinkedPaths {
  count: number;
  at(row: number): { path: Buffer; bytes: number };
}

const lineFeed = 10;

/** Reads the lines of a link file, which is kept as it is: a million paths take their own size and 4 MB. */
export function readLinkedPaths(lines: Buffer, root: string): LinkedPaths {
  const ends: number[] = [];
  for (let at = lines.indexOf(lineFeed); at !== -1; at = lines.indexOf(lineFeed, at + 1)) ends.push(at);
  const lineEnds = Uint32Array.from(ends);
  const prefix = Buffer.from(root.endsWith(path.sep) ? root : root + path.sep);
  return {
    count: lineEnds.length,
    at(row) {
      const line = lines.subarray(row === 0 ? 0 : lineEnds[row - 1]! + 1, lineEnds[row]!);
      const space = line.indexOf(0x20);
      return {
        path: Buffer.concat([prefix, line.subarray(space + 1)]),
        bytes: Number(line.subarray(0, space).toString('latin1')),
      };
    },
  };
}
