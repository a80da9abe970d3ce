/** A seeded stream of random numbers. The same seed gives the same numbers on every machine. */
export interface Random {
  /** Uniform in [0, 1), 32 bits of it. */
  uniform(): number;
  /** Uniform whole number in [0, limit). */
  integer(limit: number): number;
  /** Standard normal (Box and Muller, 1958). */
  normal(): number;
  /** A stream of its own that depends only on this stream's seed and `key`, not on how much was drawn. */
  fork(key: number | string): Random;
  /** The state, for exact resumption with {@link restoreRandom}. */
  readonly state: RandomState;
}

/** Seed, and the four 32-bit words of the generator. */
export interface RandomState {
  readonly seed: number;
  readonly words: readonly [number, number, number, number];
}

/** SplitMix32: spreads one 32-bit number over many (after Steele, Lea, Flood, OOPSLA 2014). */
function splitMix(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let value = state;
    value = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
    value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
    return (value ^ (value >>> 15)) >>> 0;
  };
}

/** FNV-1a over UTF-16 code units: a 32-bit number for a name. */
function hashKey(key: number | string): number {
  let hash = 0x811c9dc5;
  for (const unit of String(key)) hash = Math.imul(hash ^ unit.codePointAt(0)!, 0x01000193);
  return hash >>> 0;
}

/** A generator seeded with a 32-bit whole number (sfc32, from PractRand by Chris Doty-Humphrey). */
export function createRandom(seed: number): Random {
  const next = splitMix(seed);
  return restoreRandom({ seed: seed >>> 0, words: [next(), next(), next(), next()] });
}

/** Continues a stream where its `state` was taken. */
export function restoreRandom(state: RandomState): Random {
  // In an array of their own they stay numbers of 32 bits; as variables of the closure each change would put a new number on the heap.
  const words = Int32Array.from(state.words);
  const bits = (): number => {
    const b = words[1]!;
    const c = words[2]!;
    const counter = words[3]!;
    const sum = (((words[0]! + b) | 0) + counter) | 0;
    words[0] = b ^ (b >>> 9);
    words[1] = (c + (c << 3)) | 0;
    words[2] = ((c << 21) | (c >>> 11)) + sum;
    words[3] = counter + 1;
    return sum >>> 0;
  };
  const uniform = (): number => bits() / 0x100000000;
  return {
    uniform,
    integer: (limit) => Math.floor(uniform() * limit),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    fork: (key) => createRandom(splitMix(state.seed ^ hashKey(key))()),
    get state() {
      const [a, b, c, counter] = Uint32Array.from(words);
      return { seed: state.seed, words: [a!, b!, c!, counter!] as const };
    },
  };
}

/** A shuffled copy (Fisher and Yates). */
export function shuffled<T>(values: readonly T[], random: Random): T[] {
  const result = [...values];
  for (let index = result.length - 1; index > 0; index--) {
    const other = random.integer(index + 1);
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}
