import type { AnalyzedFace, Attributes, FaceAnalysis, FaceAnalyzer } from "../analyze/index.ts";
import { type BoundingBox, isTensorFaceError, type TensorFaceError } from "../core/index.ts";
import type { RasterImage } from "../image/index.ts";
import type { Film, FilmFrame } from "./film.ts";
import { defaultEvery, everyFrames, type Pace } from "./pace.ts";
import type { FaceInFrame, FrameAnalysis, VideoTracks } from "./results.ts";
import { AttributeSummarizer } from "./tracks/attributes.ts";
import { placesAt } from "./tracks/boxes.ts";
import { type FrameLook, isCut, lookOfFrame } from "./tracks/cut.ts";
import { coloursAround } from "./tracks/look.ts";
import { TrackSummarizer } from "./tracks/summary.ts";
import { type Sight, type Track, Tracker } from "./tracks/tracker.ts";

/** What is asked about a film. */
export interface FollowOptions {
  /**
   * Faces are looked for in every so-manieth frame, or in those that a pace takes; between, they are where the line from one sight to the next
   * leads. @default 5
   */
  readonly every?: number | Pace | undefined;
  /**
   * Seconds from one search of a whole frame to the next. Looks between search where the faces are expected, and the whole frame where one is not there.
   * 0: each look searches all of it.
   * @default 1/3
   */
  readonly searchSeconds?: number | undefined;
  /** Seconds from one look that asks about the faces to the next; those between only find them. 0: each look asks. @default 0 */
  readonly answerSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told after each frame that was read: its end in seconds. */
  readonly onFrame?: ((time: number) => void) | undefined;
  /** Told after each frame that was looked at. */
  readonly onLook?: ((look: FilmLook) => void) | undefined;
}

/** A frame that was looked at. */
export interface FilmLook {
  /** Seconds. */
  readonly time: number;
  readonly image: RasterImage;
  readonly faces: readonly { readonly track: number; readonly face: AnalyzedFace }[];
}

/** Nobody covered is lost and nobody mistaken by it on films of known truth: docs/lab/video.md. */
const defaultSearchSeconds = 1 / 3;
/** More places than that are no sooner searched than the whole frame. */
const mostPlaces = 6;
/** Less than the time between two frames of any film. */
const rounding = 1e-6;

/** The people of a film. */
export interface FollowedFilm {
  /** Where each face was found. */
  readonly tracks: readonly Track[];
  /** What is told of them. */
  readonly told: VideoTracks;
}

interface PendingFrame extends Pick<FilmFrame, "index" | "time" | "duration"> {
  /** What was told of the faces that were found in it. */
  readonly seen: ReadonlyMap<Track, AnalyzedFace>;
  /** What was told of the whole picture. */
  readonly attributes?: Attributes | undefined;
}

interface Found extends Pick<FaceAnalysis, "faces" | "attributes"> {
  readonly sights: readonly Sight[];
  /** Whether the whole frame was searched. */
  readonly isWhole: boolean;
}

type Seen = Pick<PendingFrame, "seen" | "attributes">;

const nobody: Seen = { seen: new Map() };

/**
 * Looks for faces in a film and follows them from frame to frame, by motion, overlap and the colours of hair and clothing, never by the face:
 * whoever leaves and comes back is somebody new. A frame is given as soon as no later look can change it, at most a second and a half after
 * it was read; only frames that wait are in memory, and of what was told of a face only what its track needs.
 *
 * @throws {TF_INVALID_ARGUMENT} when `every` is no number of frames
 * @throws {TF_VIDEO_CORRUPT} when the film is damaged or cut off, after all frames that are there
 * @throws the other codes of {@link Film.frames}, and those of the analyzer
 */
export async function* followFaces(
  film: Film,
  analyzer: Pick<FaceAnalyzer<RasterImage>, "analyze">,
  { every = defaultEvery, searchSeconds = defaultSearchSeconds, answerSeconds = 0, signal, onFrame, onLook }: FollowOptions = {},
): AsyncGenerator<FrameAnalysis, FollowedFilm, undefined> {
  const pace = typeof every === "number" ? everyFrames(every) : every;
  const { source, width, height, duration } = film;
  const tracker = new Tracker({ frame: { width, height } });
  const summaries = new Map<Track, TrackSummarizer>();
  const ofPictures = new AttributeSummarizer();
  let lastFrame: FrameLook | undefined;
  let [searchedAt, answeredAt] = [-Infinity, -Infinity];
  const find = async (
    { index, time }: Pick<FilmFrame, "index" | "time">,
    image: RasterImage,
    near?: readonly BoundingBox[],
  ): Promise<Found> => {
    const facesOnly = time - answeredAt < answerSeconds - rounding;
    const found = await analyzer.analyze(image, { signal, source: `${source}, frame ${index}`, near, facesOnly });
    const sights = found.faces.map(({ box }) => ({ box, colours: coloursAround(image, box) }));
    if (near !== undefined && tracker.misses(time, sights)) return find({ index, time }, image);
    if (!facesOnly) answeredAt = time;
    if (near === undefined) searchedAt = time;
    return { ...found, sights, isWhole: near === undefined };
  };
  const look = async (frame: FilmFrame): Promise<Seen> => {
    const { time } = frame;
    const image = await frame.picture();
    const frameLook = lookOfFrame(image);
    const isElsewhere = lastFrame !== undefined && isCut(lastFrame, frameLook);
    lastFrame = frameLook;
    const isDue = isElsewhere || time - searchedAt >= searchSeconds - rounding;
    const expected = isDue ? [] : tracker.expected(time);
    const { faces, attributes, sights, isWhole } = await find(frame, image, isDue || expected.length > mostPlaces ? undefined : expected);
    const tracks = tracker.add(time, sights, { isElsewhere, isWhole });
    for (const [at, track] of tracks.entries()) {
      const summary = summaries.get(track) ?? new TrackSummarizer(track.id);
      summaries.set(track, summary);
      summary.add(time, faces[at]!);
    }
    if (attributes !== undefined) ofPictures.add(time, attributes);
    onLook?.({ time, image, faces: tracks.map(({ id }, at) => ({ track: id, face: faces[at]! })) });
    return { seen: new Map(tracks.map((track, at) => [track, faces[at]!])), attributes };
  };

  let frames = 0;
  let waiting: PendingFrame[] = [];
  /** Those that a waiting frame may show. */
  let around: readonly Track[] = [];
  const describe = ({ index, time, duration: shown, seen, attributes }: PendingFrame): FrameAnalysis => ({
    schema: "tensorface.frame/1",
    source,
    frame: index,
    time,
    duration: shown,
    faces: placesAt(around, time).map(({ track, box, isSeen }) => describeFace({ track: track.id, box, isSeen }, seen.get(track))),
    ...(attributes === undefined ? {} : { attributes }),
  });
  let cutOff: TensorFaceError | undefined;
  for await (const frame of untilCutOff(film.frames({ signal }), (error) => (cutOff = error))) {
    const { index, time, duration: shown } = frame;
    frames++;
    const isLook = pace.takes(index, time, shown);
    waiting.push({ index, time, duration: shown, ...(isLook ? await look(frame) : nobody) });
    onFrame?.(time + shown);
    if (!isLook) continue;
    around = tracker.tracks.filter((track) => track.missedAfter > waiting[0]!.time);
    const { settledUntil } = tracker;
    const first = waiting.findIndex((each) => each.time > settledUntil);
    const settled = first < 0 ? waiting : waiting.slice(0, first);
    waiting = first < 0 ? [] : waiting.slice(first);
    for (const each of settled) yield describe(each);
  }
  around = tracker.tracks;
  for (const each of waiting) yield describe(each);
  if (cutOff !== undefined) throw cutOff;
  const tracks = tracker.tracks.map((track) => summaries.get(track)!.summary);
  return {
    tracks: tracker.tracks,
    told: { schema: "tensorface.tracks/1", source, width, height, duration, frames, every: pace.every, tracks, ...ofPictures.summary },
  };
}

/** The frames that are there. @param onEnd told of what is wrong with the film, where they end before their time */
async function* untilCutOff(frames: ReturnType<Film["frames"]>, onEnd: (error: TensorFaceError) => void): AsyncGenerator<FilmFrame> {
  try {
    yield* frames;
  } catch (error) {
    if (!isTensorFaceError(error) || error.code !== "TF_VIDEO_CORRUPT") throw error;
    onEnd(error);
  }
}

/** The people of a film alone, without its frames. */
export async function followToEnd(frames: AsyncGenerator<FrameAnalysis, FollowedFilm, undefined>): Promise<FollowedFilm> {
  for (;;) {
    const { done, value } = await frames.next();
    if (done === true) return value;
  }
}

function describeFace(place: Pick<FaceInFrame, "track" | "box" | "isSeen">, face: AnalyzedFace | undefined): FaceInFrame {
  if (face === undefined) return place;
  const { age, gender, mood, attributes } = face;
  return {
    ...place,
    ...(age === undefined ? {} : { age }),
    ...(gender === undefined ? {} : { gender }),
    ...(mood === undefined ? {} : { mood }),
    ...(attributes === undefined ? {} : { attributes }),
  };
}
