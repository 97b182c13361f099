import { describe, expect, test } from 'vitest';
import { createGenerator, restoreGenerator, shuffle } from '../../../src/core/random/generator.ts';
import type { Generator } from '../../../src/core/random/generator.ts';

const draws = (generator: Generator, count: number): number[] =>
  Array.from({ length: count }, () => generator.nextUint32());

describe('a generator', () => {
  test('gives the numbers it gave when the first runs were stored', () => {
    expect(draws(createGenerator(0, 'shuffle'), 4)).toEqual([1666144661, 3798436333, 3483751332, 2759912224]);
    expect(draws(createGenerator(2 ** 32 + 7, 'init'), 4)).toEqual([130543799, 73643525, 1839580447, 1828227533]);
    const order = Uint32Array.from({ length: 10 }, (_, i) => i);
    shuffle(order, createGenerator(42, 'order'));
    expect([...order]).toEqual([9, 7, 1, 8, 6, 5, 3, 0, 4, 2]);
  });

  test('follows sfc32: from the words 0, 0, 0 and counter 1 the first results are 1, 2, 12', () => {
    // r1 = 0+0+1; a=0, b=0, c=rotl(0,21)+1=1. r2 = 0+0+2; b = 1+8 = 9, c = 2^21+2. r3 = 0+9+3.
    expect(draws(restoreGenerator({ words: [0, 0, 0, 1], spareNormal: null }), 3)).toEqual([1, 2, 12]);
  });

  test('has an unrelated stream for every purpose and for every seed, also above 2^32', () => {
    const first = new Set<number>();
    for (const seed of [0, 1, 2, 2 ** 32, 2 ** 32 + 1]) {
      for (const purpose of ['a', 'b', 'ab', 'ba', '']) first.add(createGenerator(seed, purpose).nextUint32());
    }
    expect(first.size).toBe(25);
  });

  test('continues from its stored state as if it had never stopped, in the middle of a pair of normal numbers too', () => {
    const generator = createGenerator(3, 'noise');
    generator.nextNormal();
    const stored: unknown = JSON.parse(JSON.stringify(generator.state()));
    const restored = restoreGenerator(stored as ReturnType<Generator['state']>);
    for (let i = 0; i < 20; i++) {
      expect(restored.nextNormal()).toBe(generator.nextNormal());
      expect(restored.nextFloat()).toBe(generator.nextFloat());
      expect(restored.nextInt(7)).toBe(generator.nextInt(7));
    }
  });

  test('fills [0, 1) and every class of nextInt evenly', () => {
    const generator = createGenerator(11, 'even');
    const n = 60_000;
    const bins = Array<number>(10).fill(0);
    const sides = Array<number>(6).fill(0);
    for (let i = 0; i < n; i++) {
      const value = generator.nextFloat();
      expect(value >= 0 && value < 1).toBe(true);
      bins[Math.floor(value * 10)]!++;
      sides[generator.nextInt(6)]!++;
    }
    const chiSquare = (counts: number[]): number =>
      counts.reduce((sum, count) => sum + (count - n / counts.length) ** 2 / (n / counts.length), 0);
    expect(chiSquare(bins)).toBeLessThan(27.9); // 0.1 % quantile at 9 degrees of freedom
    expect(chiSquare(sides)).toBeLessThan(20.5);
  });

  test('normal numbers have mean 0, variance 1 and normal tails', () => {
    const generator = createGenerator(5, 'normal');
    const n = 100_000;
    let sum = 0;
    let squares = 0;
    let fourth = 0;
    for (let i = 0; i < n; i++) {
      const x = generator.nextNormal();
      sum += x;
      squares += x * x;
      fourth += x ** 4;
    }
    expect(Math.abs(sum / n)).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(squares / n - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(fourth / n - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
  });

  test('refuses bounds and seeds that it cannot serve', () => {
    const generator = createGenerator(0, 'x');
    for (const bound of [0, -1, 1.5, Number.NaN, 2 ** 33]) expect(() => generator.nextInt(bound)).toThrow(RangeError);
    for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => createGenerator(seed, 'x')).toThrow(RangeError);
    expect(generator.nextInt(1)).toBe(0);
    expect(generator.nextInt(2 ** 32)).toBeLessThan(2 ** 32);
  });
});

test('shuffle makes every order of three equally often', () => {
  const generator = createGenerator(9, 'orders');
  const seen = new Map<string, number>();
  for (let i = 0; i < 12_000; i++) {
    const order = Uint32Array.of(0, 1, 2);
    shuffle(order, generator);
    seen.set(order.join(), (seen.get(order.join()) ?? 0) + 1);
  }
  expect(seen.size).toBe(6);
  for (const count of seen.values()) expect(Math.abs(count - 2_000)).toBeLessThan(200);
});
