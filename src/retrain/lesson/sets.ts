import { assessPicture, createUnionFind, findNearPairs, pictureDetail, type PictureQuality, toLuma } from "../../datasets/index.ts";
import { fitWithin, type RasterImage } from "../../image/index.ts";

/** What two pictures are compared by: as `dataset` finds copies, without files. */
export interface Likeness {
  readonly qualities: PictureQuality;
  readonly detail: Float32Array;
}

/** Longer side at which pictures are compared, pixels. */
const comparedSide = 128;

export function likenessOf(image: RasterImage): Likeness {
  const small = fitWithin(image, { maxSide: comparedSide });
  return { qualities: assessPicture(small), detail: pictureDetail(toLuma(small)) };
}

/** Where an example comes from. */
export type ExampleOrigin =
  /** A picture by itself; others may be copies of it. */
  | { readonly kind: "picture"; readonly likeness: Likeness }
  /** A frame of a recording, which is much like the frame before it. */
  | { readonly kind: "frame"; readonly recording: number };

/** Parts of a recording that has to stand on both sides of a border: with two there would be no choice. */
const partsOfRecording = 5;

export interface ExampleSets {
  /** Examples of one number belong together. */
  readonly sets: Int32Array;
  /** Classes whose examples are the frames of one recording: what is measured of them flatters. */
  readonly ofOneRecording: readonly number[];
  /** Classes whose examples are all in one set, as copies of each other: nothing can be measured of them. */
  readonly ofCopies: readonly number[];
}

/**
 * Which examples must stand on one side of every border: copies of a picture, and the frames of a recording. A class of one recording
 * alone would be on one side as a whole, so that is cut into parts that follow each other, and named.
 * @param classes of every example
 */
export async function setsOfExamples(
  origins: readonly ExampleOrigin[],
  classes: ArrayLike<number>,
  signal?: AbortSignal,
): Promise<ExampleSets> {
  const joined = createUnionFind(origins.length);
  for (const { first, second } of await findCopies(origins, signal)) joined.union(first, second);
  const frames = [...origins.entries()].flatMap(([row, origin]) => (origin.kind === "frame" ? [{ row, recording: origin.recording }] : []));
  const sourcesOf = Map.groupBy(origins.keys(), (row) => classes[row]!);
  const isSingle = (label: number): boolean => {
    const members = (sourcesOf.get(label) ?? []).map((row) => origins[row]!);
    return members.length > 1 && members.every((origin) => origin.kind === "frame" && sameRecording(origin, members[0]!));
  };
  for (const members of Map.groupBy(frames, ({ recording }) => recording).values()) {
    const size = isSingle(classes[members[0]!.row]!) ? Math.ceil(members.length / partsOfRecording) : members.length;
    for (const [place, { row }] of members.entries()) joined.union(row, members[place - (place % size)]!.row);
  }
  const sets = new Int32Array(origins.length);
  for (const [set, members] of joined.sets().entries()) for (const row of members) sets[row] = set;
  const labels = [...sourcesOf.keys()].toSorted((a, b) => a - b);
  return {
    sets,
    ofOneRecording: labels.filter(isSingle),
    ofCopies: labels.filter((label) => {
      const members = sourcesOf.get(label)!;
      return members.length > 1 && members.every((row) => sets[row] === sets[members[0]!]);
    }),
  };
}

function sameRecording(a: ExampleOrigin, b: ExampleOrigin): boolean {
  return a.kind === "frame" && b.kind === "frame" && a.recording === b.recording;
}

/** Pairs of pictures that are copies of each other, by their places among all origins. */
async function findCopies(
  origins: readonly ExampleOrigin[],
  signal: AbortSignal | undefined,
): Promise<{ readonly first: number; readonly second: number }[]> {
  const pictures = [...origins.entries()].flatMap(([row, origin]) => (origin.kind === "picture" ? [{ row, ...origin.likeness }] : []));
  const pairs = await findNearPairs(
    pictures.map(({ qualities }) => qualities),
    (index) => pictures[index]!.detail,
    { signal },
  );
  return pairs.map(({ first, second }) => ({ first: pictures[first]!.row, second: pictures[second]!.row }));
}
