/**
 * How well a text answers what was typed; null when it does not. Every word must be in the text, in any order and case:
 * at the start counts most, then at the start of a word, then inside one; last, letters that follow each other with gaps.
 */
export function matchScore(text: string, query: string): number | null {
  const whole = text.toLowerCase();
  let score = 0;
  for (const word of query.toLowerCase().split(/\s+/)) {
    const found = wordScore(whole, word);
    if (found === null) return null;
    score += found;
  }
  // of equally good answers the shorter one is nearer
  return score - whole.length / 1_000;
}

function wordScore(text: string, word: string): number | null {
  if (word === '') return 0;
  const place = text.indexOf(word);
  if (place === 0) return 4;
  if (place > 0) return /\W/.test(text[place - 1]!) || text.includes(` ${word}`) ? 3 : 2;
  return hasInOrder(text, word) ? 1 : null;
}

function hasInOrder(text: string, letters: string): boolean {
  let place = -1;
  for (const letter of letters) {
    place = text.indexOf(letter, place + 1);
    if (place === -1) return false;
  }
  return true;
}

/** The best answers first, at most so many. */
export function bestMatches<Item>(
  items: readonly Item[],
  query: string,
  textOf: (item: Item) => string,
  most: number,
): Item[] {
  const scored = items.flatMap((item) => {
    const score = matchScore(textOf(item), query);
    return score === null ? [] : [{ item, score }];
  });
  return scored
    .toSorted((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ item }) => item);
}
