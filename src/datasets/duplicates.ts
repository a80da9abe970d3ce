import { type ProgressListener, throwIfAborted } from "../core/index.ts";
import { type LumaImage, meanAndDeviation, type PictureQuality, shrinkLuma, thumbnailSide } from "./quality.ts";
import { countBits, packHashes } from "./perceptual-hash.ts";
import type { FaceRecord } from "./record.ts";
import { createUnionFind } from "./union-find.ts";

/** Two records whose pictures show the same photograph. */
export interface DuplicatePair {
  readonly first: string;
  readonly second: string;
  readonly kind: "exact" | "near";
  /** Correlation of the fine detail, -1..1; 1 for exact copies. */
  readonly similarity: number;
}

/** Two pictures of one photograph, by their places in the list. */
export interface NearPair {
  readonly first: number;
  readonly second: number;
  /** Correlation of the fine detail, -1..1. */
  readonly similarity: number;
}

/**
 * Where the three checks draw their lines. Chosen by looking at pairs on both sides of them in three datasets:
 * docs/decisions/2026-11-25-duplicates.md.
 */
const thresholds = { hashBits: 14, thumbnailCorrelation: 0.85, detailCorrelation: 0.76 } as const;

/** Values shifted to mean 0 and scaled to length 1, so that a product of two is their correlation. */
function normalised(values: ArrayLike<number>): Float32Array {
  const { mean, deviation } = meanAndDeviation(values);
  const scale = deviation === 0 ? 0 : 1 / (deviation * Math.sqrt(values.length));
  const shifted = new Float32Array(values.length);
  for (let index = 0; index < shifted.length; index++) shifted[index] = (values[index]! - mean) * scale;
  return shifted;
}

/** The product of two rows of a `[n, length]` matrix. */
function product(rows: Float32Array, first: number, second: number, length: number): number {
  let sum = 0;
  for (let index = 0; index < length; index++) sum += rows[first * length + index]! * rows[second * length + index]!;
  return sum;
}

/** Side at which detail is compared, how far its surroundings reach, and how far one picture may be shifted against the other. */
const detailSide = 64;
const detailRadius = 4;
const maximumShift = 2;

/** What is left of a picture when its coarse light and shade is taken away: `[64, 64]`, brightness minus its local mean. */
export function pictureDetail(luma: LumaImage): Float32Array {
  const pixels = shrinkLuma(luma, detailSide);
  const sums = integralImage(pixels, detailSide);
  const stride = detailSide + 1;
  return pixels.map((value, index) => {
    const x = index % detailSide;
    const y = Math.floor(index / detailSide);
    const left = Math.max(0, x - detailRadius);
    const top = Math.max(0, y - detailRadius);
    const right = Math.min(detailSide, x + detailRadius + 1);
    const bottom = Math.min(detailSide, y + detailRadius + 1);
    const sum = sums[bottom * stride + right]! - sums[top * stride + right]! - sums[bottom * stride + left]! + sums[top * stride + left]!;
    return value - sum / ((right - left) * (bottom - top));
  });
}

/** Sums over all pixels above and to the left: `[side + 1, side + 1]`. */
function integralImage(pixels: Float32Array, side: number): Float64Array {
  const stride = side + 1;
  const sums = new Float64Array(stride * stride);
  for (let y = 0; y < side; y++) {
    let row = 0;
    for (let x = 0; x < side; x++) {
      row += pixels[y * side + x]!;
      sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1]! + row;
    }
  }
  return sums;
}

/** Correlation of the middle of `first` with the middle of `second`, which is shifted by some pixels, -1..1. */
function shiftedCorrelation(first: Float32Array, second: Float32Array, shiftX: number, shiftY: number): number {
  let [sumA, sumB, squaresA, squaresB, products] = [0, 0, 0, 0, 0];
  for (let y = maximumShift; y < detailSide - maximumShift; y++) {
    const rowA = y * detailSide;
    const rowB = (y + shiftY) * detailSide + shiftX;
    for (let x = maximumShift; x < detailSide - maximumShift; x++) {
      const a = first[rowA + x]!;
      const b = second[rowB + x]!;
      sumA += a;
      sumB += b;
      squaresA += a * a;
      squaresB += b * b;
      products += a * b;
    }
  }
  const count = (detailSide - 2 * maximumShift) ** 2;
  const spread = Math.sqrt((squaresA - (sumA * sumA) / count) * (squaresB - (sumB * sumB) / count));
  return spread > 0 ? (products - (sumA * sumB) / count) / spread : 0;
}

/** The highest correlation of two pictures' detail over shifts of up to two of 64 pixels, -1..1. */
function detailSimilarity(first: Float32Array, second: Float32Array): number {
  let best = -1;
  for (let shiftY = -maximumShift; shiftY <= maximumShift; shiftY++) {
    for (let shiftX = -maximumShift; shiftX <= maximumShift; shiftX++) {
      best = Math.max(best, shiftedCorrelation(first, second, shiftX, shiftY));
    }
  }
  return best;
}

/** Pairs that are looked at before Ctrl-C and progress get their turn, from afar and in detail: some 20 ms. */
const pairsAtOnce = { far: 1 << 22, near: 256 } as const;

export interface PairOptions {
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Lets timers and signals have their turn. @throws {TF_ABORTED} */
async function giveWay(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  throwIfAborted(signal);
}

/**
 * Pairs that may be near duplicates: perceptual hashes close and thumbnails alike. Every pair is looked at, a few nanoseconds each:
 * 23,000 pictures take about two seconds, 100,000 half a minute.
 * @param isKnown whether a pair need not be told
 */
async function* candidatePairs(
  qualities: readonly PictureQuality[],
  isKnown: (first: number, second: number) => boolean,
  { onProgress, signal }: PairOptions,
): AsyncGenerator<Omit<NearPair, "similarity">> {
  const hashes = packHashes(qualities.map(({ hash }) => hash));
  const length = thumbnailSide * thumbnailSide;
  const thumbnails = new Float32Array(qualities.length * length);
  for (const [index, { thumbnail }] of qualities.entries()) thumbnails.set(normalised(thumbnail), index * length);
  const total = (qualities.length * (qualities.length - 1)) / 2;
  let [done, paused] = [0, 0];
  for (let first = 0; first < qualities.length; first++) {
    if (done - paused >= pairsAtOnce.far) {
      paused = done;
      onProgress?.({ stage: "look for pairs", done, total });
      await giveWay(signal);
    }
    done += qualities.length - first - 1;
    const high = hashes[first * 2]!;
    const low = hashes[first * 2 + 1]!;
    for (let second = first + 1; second < qualities.length; second++) {
      const bits = countBits(high ^ hashes[second * 2]!) + countBits(low ^ hashes[second * 2 + 1]!);
      if (bits > thresholds.hashBits || isKnown(first, second)) continue;
      if (product(thumbnails, first, second, length) >= thresholds.thumbnailCorrelation) yield { first, second };
    }
  }
}

/**
 * The pairs of pictures that are one photograph, by three checks, each finer than the one before: perceptual hash, thumbnail, and the
 * correlation of the detail. Of sets of more than 64, frames of a film say, not all pairs are told: each picture is with one or more.
 * @param detailOf the {@link pictureDetail} of a picture; undefined for one that cannot be read
 * @throws {TF_ABORTED}
 */
export async function findNearPairs(
  qualities: readonly PictureQuality[],
  detailOf: (index: number) => Promise<Float32Array | undefined> | Float32Array | undefined,
  options: PairOptions = {},
): Promise<NearPair[]> {
  const sets = createUnionFind(qualities.length);
  const isKnown = (first: number, second: number): boolean => sets.sizeOf(first) > mostPaired && sets.find(first) === sets.find(second);
  const pairs: NearPair[] = [];
  let compared = 0;
  for await (const { first, second } of candidatePairs(qualities, isKnown, options)) {
    if (++compared % pairsAtOnce.near === 0) await giveWay(options.signal);
    const [a, b] = [await detailOf(first), await detailOf(second)];
    const similarity = a === undefined || b === undefined ? -1 : detailSimilarity(a, b);
    if (similarity < thresholds.detailCorrelation) continue;
    pairs.push({ first, second, similarity });
    sets.union(first, second);
  }
  return pairs;
}

/** Records by the hash of their picture, in order. */
export function groupByPicture(records: readonly FaceRecord[]): ReadonlyMap<string, readonly FaceRecord[]> {
  return Map.groupBy(records, ({ sha256 }) => sha256);
}

/** Of more pictures that are one, a page that says "not available" say, not all pairs are told: they would be as many as their square. */
const mostPaired = 64;

/** The pairs of records with the same bytes: all of them, or of more than 64 equal pictures those with the first. */
export function exactPairs(groups: ReadonlyMap<string, readonly FaceRecord[]>): DuplicatePair[] {
  const pairs: DuplicatePair[] = [];
  for (const members of groups.values()) {
    const firsts = members.length > mostPaired ? members.slice(0, 1) : members;
    for (const [index, { id: first }] of firsts.entries()) {
      for (const { id: second } of members.slice(index + 1)) pairs.push({ first, second, kind: "exact", similarity: 1 });
    }
  }
  return pairs;
}

/**
 * Joins pairs into groups (union-find). A group carries the name that one of its members already had, the least where there are
 * several, else the least id of its members; so a group keeps its name when pictures are added to it.
 * @returns the group of every record that is in one, by id
 */
export function groupPairs(records: readonly FaceRecord[], pairs: readonly DuplicatePair[]): Map<string, string> {
  const indexOf = new Map(records.map(({ id }, index) => [id, index]));
  const sets = createUnionFind(records.length);
  for (const { first, second } of pairs) sets.union(indexOf.get(first)!, indexOf.get(second)!);
  const groups = new Map<string, string>();
  for (const set of sets.sets()) {
    if (set.length === 1) continue;
    const members = set.map((index) => records[index]!);
    const named = members.flatMap(({ group }) => group ?? []);
    const name = (named.length > 0 ? named : members.map(({ id }) => id)).reduce((least, text) => (text < least ? text : least));
    for (const { id } of members) groups.set(id, name);
  }
  return groups;
}
