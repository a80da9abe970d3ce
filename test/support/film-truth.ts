/** What following and hiding are worth on films with known truth. */
import type { FaceAnalyzer } from "../../src/analyze/index.ts";
import type { BoundingBox } from "../../src/core/index.ts";
import type { RasterImage } from "../../src/image/index.ts";
import { followFaces, type FollowedFilm, type FollowOptions, followToEnd } from "../../src/video/analyze-film.ts";
import { blurDefaults, createBlurPlan, ellipsesOf } from "../../src/video/blur/plan.ts";
import type { Film } from "../../src/video/film.ts";
import { placesAt } from "../../src/video/tracks/boxes.ts";
import { type ClipFrame, clipSize, drawScene, type Scene } from "./clips.ts";

/** A face of fewer pixels is not counted. */
const smallest = 24;

export interface FilmTruth {
  /** Faces in frames, of at least 24 pixels, of which at least four fifths can be seen. */
  readonly faceFrames: number;
  /** Those at which a box stands, with looks as `analyze` takes them. */
  readonly covered: number;
  /** How often a face's box is of another track than before. */
  readonly switches: number;
  /** Tracks that stand at more than one person. */
  readonly mixed: number;
  /** Those of which every point is hidden, with looks as `blur` takes them. */
  readonly hidden: number;
}

/** How faces are looked for to be told of, and to be hidden. */
export interface TruthOptions {
  readonly told?: FollowOptions | undefined;
  readonly hidden?: FollowOptions | undefined;
}

export async function measureScene(
  scene: Scene,
  analyzer: Pick<FaceAnalyzer<RasterImage>, "analyze">,
  { told = { every: 5 }, hidden = { every: blurDefaults.every, searchSeconds: 0 } }: TruthOptions = {},
): Promise<FilmTruth> {
  const frames = await Array.fromAsync(drawScene(scene));
  const followed = await followToEnd(followFaces(filmOf(frames), analyzer, told));
  const closer = await followToEnd(followFaces(filmOf(frames), analyzer, hidden));
  return { ...scoreTracks(frames, followed), hidden: countHidden(frames, closer) };
}

function filmOf(frames: readonly ClipFrame[]): Film {
  const duration = 1 / clipSize.rate;
  return {
    source: "made",
    ...clipSize,
    duration: frames.length * duration,
    hasSound: false,
    async *frames() {
      for (const [index, { time, image }] of frames.entries()) yield { index, time, duration, picture: async () => image };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function scoreTracks(frames: readonly ClipFrame[], { tracks }: FollowedFilm): Omit<FilmTruth, "hidden"> {
  const last = new Map<number, number>();
  const actorsOf = new Map<number, Set<number>>();
  let [faceFrames, covered, switches] = [0, 0, 0];
  for (const { time, faces } of frames) {
    const places = placesAt(tracks, time);
    for (const { actor, box } of faces) {
      if (box.width < smallest) continue;
      faceFrames++;
      const best = places
        .map(({ track, box: place }) => ({ id: track.id, overlap: overlapOf(box, place) }))
        .toSorted((a, b) => b.overlap - a.overlap)[0];
      if (best === undefined || best.overlap < 0.4) continue;
      covered++;
      if (last.has(actor) && last.get(actor) !== best.id) switches++;
      last.set(actor, best.id);
      actorsOf.set(best.id, (actorsOf.get(best.id) ?? new Set()).add(actor));
    }
  }
  return { faceFrames, covered, switches, mixed: [...actorsOf.values()].filter(({ size }) => size > 1).length };
}

function countHidden(frames: readonly ClipFrame[], { tracks }: FollowedFilm): number {
  const ellipsesAt = ellipsesOf(createBlurPlan({ source: "made", ...clipSize }, tracks));
  return frames.reduce((sum, { time, faces }) => {
    const ellipses = ellipsesAt(time);
    return sum + faces.filter(({ box }) => box.width >= smallest && isHidden(box, ellipses)).length;
  }, 0);
}

function overlapOf(a: BoundingBox, b: BoundingBox): number {
  const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const shared = Math.max(0, across) * Math.max(0, down);
  return shared / (a.width * a.height + b.width * b.height - shared);
}

/** Whether each point of the face (the ellipse within its box) lies in what is hidden. */
function isHidden(face: BoundingBox, ellipses: readonly BoundingBox[]): boolean {
  for (let angle = 0; angle < 360; angle += 10) {
    for (const radius of [0, 0.5, 1]) {
      const x = face.x + (face.width / 2) * (1 + radius * Math.cos((angle * Math.PI) / 180));
      const y = face.y + (face.height / 2) * (1 + radius * Math.sin((angle * Math.PI) / 180));
      const isIn = (ellipse: BoundingBox): boolean =>
        ((x - ellipse.x - ellipse.width / 2) / (ellipse.width / 2)) ** 2 +
          ((y - ellipse.y - ellipse.height / 2) / (ellipse.height / 2)) ** 2 <=
        1;
      if (!ellipses.some(isIn)) return false;
    }
  }
  return true;
}
