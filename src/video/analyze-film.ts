import type { AnalyzedFace, FaceAnalyzer } from "../analyze/index.ts";
import type { RasterImage } from "../image/index.ts";
import type { Film } from "./film.ts";
import { coloursAround } from "./tracks/look.ts";
import { type Track, Tracker } from "./tracks/tracker.ts";

/** What is asked about a film. */
export interface FollowOptions {
  /** Faces are looked for in every so-manieth frame; between, they are where the line from one sight to the next leads. @default 5 */
  readonly every?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told after each frame: its end in seconds. */
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

export const defaultEvery = 5;

/** When a frame is shown. */
export interface FrameTime {
  readonly time: number;
  readonly duration: number;
}

/** The people of a film: where each face was found, and when the frames are shown. */
export interface FollowedFilm {
  readonly tracks: readonly Track<AnalyzedFace>[];
  readonly frames: readonly FrameTime[];
  /** The longest time from one look to the next, in seconds: so long may a face be there before it is found, and after it was found last. */
  readonly reach: number;
}

/**
 * Looks for faces in a film and follows them from frame to frame, by motion, overlap and the colours of hair and clothing, never by the face:
 * whoever leaves and comes back is somebody new.
 *
 * @throws the codes of {@link Film.frames} and of the analyzer
 */
export async function followFaces(
  film: Film,
  analyzer: Pick<FaceAnalyzer<RasterImage>, "analyze">,
  { every = defaultEvery, signal, onFrame, onLook }: FollowOptions = {},
): Promise<FollowedFilm> {
  const tracker = new Tracker<AnalyzedFace>();
  const frames: FrameTime[] = [];
  let [lastLook, reach] = [0, 0];
  for await (const { index, time, duration, picture } of film.frames({ signal })) {
    frames.push({ time, duration });
    if (index % every === 0) {
      reach = Math.max(reach, time - lastLook);
      lastLook = time;
      const image = await picture();
      const { faces } = await analyzer.analyze(image, { signal, source: `${film.source}, frame ${index}` });
      const tracks = tracker.add(
        index,
        time,
        faces.map((face) => ({ box: face.box, colours: coloursAround(image, face.box), face })),
      );
      onLook?.({ time, image, faces: faces.map((face, place) => ({ track: tracks[place]!, face })) });
    }
    onFrame?.(time + duration);
  }
  return { tracks: tracker.finish(), frames, reach };
}
