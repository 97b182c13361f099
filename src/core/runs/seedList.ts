const largestSeed = 2 ** 32 - 1;
const mostSeeds = 100;

export type SeedList = { ok: true; seeds: number[] } | { ok: false; message: string };

/** Reads `0`, `0, 1, 2`, `0 1 2`, `0-4` and mixtures of them; repeats are dropped, the order is kept. */
export function parseSeedList(text: string): SeedList {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  if (parts.length === 0) return problem('Give at least one seed, for example 0, or 0-4 for five runs.');
  const seeds = new Set<number>();
  for (const part of parts) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!match) return problem(`"${part}" is not a seed: write whole numbers from 0 up, as in 0, 1, 2 or 0-4.`);
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last > largestSeed) return problem(`A seed must be below 2^32, got ${part}.`);
    if (last < first) return problem(`"${part}" runs backwards: write ${last}-${first}.`);
    if (last - first >= mostSeeds)
      return problem(`"${part}" makes more than ${mostSeeds} runs; ask for fewer at a time.`);
    for (let seed = first; seed <= last; seed++) seeds.add(seed);
    if (seeds.size > mostSeeds) return problem(`These are more than ${mostSeeds} seeds; ask for fewer at a time.`);
  }
  return { ok: true, seeds: [...seeds] };
}

function problem(message: string): SeedList {
  return { ok: false, message };
}
