/** Keeps the last lines of a text stream, bounded in number and length. */
export interface LastLines {
  add(chunk: string): void;
  lines(): string[];
}

const keptLines = 20;
const keptCharacters = 500;

export function createLastLines(): LastLines {
  let complete: string[] = [];
  let open = '';
  return {
    add(chunk) {
      const parts = (open + chunk).split(/\r?\n/);
      open = (parts.pop() ?? '').slice(-keptCharacters);
      const fresh = parts.filter((line) => line.trim() !== '').map((line) => line.slice(0, keptCharacters));
      complete = [...complete, ...fresh].slice(-keptLines);
    },
    lines: () => [...complete, open].filter((line) => line.trim() !== '').slice(-keptLines),
  };
}
