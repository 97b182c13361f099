/** Everything a generator knows, as plain JSON numbers; `restoreGenerator` continues exactly where it was taken. */
export interface GeneratorState {
  /** the four 32-bit words of sfc32: a, b, c and its counter */
  words: [number, number, number, number];
  /** the second half of the last pair of normal numbers, when it has not been handed out */
  spareNormal: number | null;
}

/** A stream of pseudorandom numbers. Equal seeds and purposes give equal streams on every machine. */
export interface Generator {
  /** uniform over 0 .. 2^32 - 1 */
  nextUint32(): number;
  /** uniform over [0, 1), 53 bits */
  nextFloat(): number;
  /** uniform over 0 .. bound - 1 without bias; bound is a whole number from 1 to 2^32 */
  nextInt(bound: number): number;
  /** normal with mean 0 and variance 1 */
  nextNormal(): number;
  state(): GeneratorState;
}

const twoTo32 = 2 ** 32;

/** Finaliser of MurmurHash3: every input bit moves every output bit. */
function scramble(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Three 32-bit words from a seed (its low and high half) and a purpose, by FNV-1a with a final scramble. */
function seedWords(seed: number, purpose: string): [number, number, number] {
  const word = (salt: number): number => {
    let h = 0x811c9dc5 ^ salt;
    const take = (value: number): void => {
      h = Math.imul(h ^ value, 0x01000193);
      h ^= h >>> 15;
    };
    take(seed >>> 0);
    take(Math.floor(seed / twoTo32) >>> 0);
    for (let i = 0; i < purpose.length; i++) take(purpose.charCodeAt(i));
    return scramble(h ^ Math.imul(salt, 0x9e3779b9));
  };
  return [word(1), word(2), word(3)];
}

class Sfc32 implements Generator {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;
  #spareNormal: number | null;

  constructor(state: GeneratorState) {
    [this.#a, this.#b, this.#c, this.#counter] = state.words;
    this.#spareNormal = state.spareNormal;
  }

  nextUint32(): number {
    const result = (this.#a + this.#b + this.#counter) >>> 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = (this.#b ^ (this.#b >>> 9)) >>> 0;
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) >>> 0;
    return result;
  }

  nextFloat(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  nextInt(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > twoTo32) {
      throw new RangeError(`nextInt needs a whole number from 1 to 2^32, not ${bound}`);
    }
    const limit = twoTo32 - (twoTo32 % bound);
    for (;;) {
      const value = this.nextUint32();
      if (value < limit) return value % bound;
    }
  }

  /** Marsaglia's polar method: draws points of the unit disc and keeps the second number for the next call. */
  nextNormal(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    for (;;) {
      const u = 2 * this.nextFloat() - 1;
      const v = 2 * this.nextFloat() - 1;
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const factor = Math.sqrt((-2 * Math.log(s)) / s);
      this.#spareNormal = v * factor;
      return u * factor;
    }
  }

  state(): GeneratorState {
    return { words: [this.#a, this.#b, this.#c, this.#counter], spareNormal: this.#spareNormal };
  }
}

const warmUpDraws = 15;

/**
 * The generator of one purpose ("shuffle", "init/conv1") under one seed (a whole number below 2^53). Purposes have
 * unrelated streams, so drawing more for one never moves another. The algorithm is sfc32 of PractRand (C. Doty-Humphrey).
 */
export function createGenerator(seed: number, purpose: string): Generator {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`a seed is a whole number from 0 below 2^53, not ${seed}`);
  }
  const generator = new Sfc32({ words: [...seedWords(seed, purpose), 1], spareNormal: null });
  for (let i = 0; i < warmUpDraws; i++) generator.nextUint32();
  return generator;
}

export function restoreGenerator(state: GeneratorState): Generator {
  return new Sfc32(state);
}

/** Fisher-Yates in place: every order equally likely. */
export function shuffle(indices: Uint32Array, generator: Generator): void {
  for (let i = indices.length - 1; i > 0; i--) {
    const j = generator.nextInt(i + 1);
    const kept = indices[i]!;
    indices[i] = indices[j]!;
    indices[j] = kept;
  }
}
