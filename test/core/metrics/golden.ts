import { readFileSync } from 'node:fs';
import { z } from 'zod';

const numbers = z.array(z.number());
const numbersOrNull = z.array(z.number().nullable());
const goldenSchema = z.object({
  smoothing: z.array(z.object({ factor: z.number(), values: numbersOrNull, smoothed: numbersOrNull })),
  seeds: z.object({
    curves: z.array(z.object({ xs: numbers, ys: numbers })),
    xs: numbers,
    means: numbers,
    deviations: numbers,
    minimums: numbers,
    maximums: numbers,
    counts: numbers,
  }),
  columns: z.array(
    z.object({ isLog: z.boolean(), columns: z.int(), ys: numbers, minimums: numbers, maximums: numbers }),
  ),
});

/** What NumPy computed; see test/golden/metrics/make.py. */
export const golden = goldenSchema.parse(
  JSON.parse(readFileSync(new URL('../../golden/metrics/golden.json', import.meta.url), 'utf8')),
);
