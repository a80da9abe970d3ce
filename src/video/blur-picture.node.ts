import { extname } from "node:path";
import type { FaceAnalyzer } from "../analyze/index.ts";
import { type BoundingBox, type ProgressListener, TensorFaceError, throwIfAborted } from "../core/index.ts";
import { writeFileAtomically } from "../files/files.node.ts";
import { decodeFrames, encodeFrames, type FrameLayers, type FramesFormat, type PictureFrames } from "../image/frames.node.ts";
import { encodingFormats, type RasterImage } from "../image/index.ts";
import { followFaces, followToEnd } from "./analyze-film.ts";
import { closeLook } from "./blur/closer.ts";
import { type BlurEffect, hideEllipses, hideInOpacity } from "./blur/paint.ts";
import { type BlurPlan, createBlurPlan, ellipsesOf, type PlanOptions } from "./blur/plan.ts";
import { type Film, type FilmFrame, tellsSeconds } from "./film.ts";
import { openPlan } from "./open-plan.node.ts";

export interface BlurPictureOptions extends PlanOptions {
  /** The film or picture without faces; undefined where only a plan is made. */
  readonly out?: string | undefined;
  /** A plan that was made before: nothing is looked for again. */
  readonly render?: string | undefined;
  readonly every?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** In seconds of the film. */
  readonly onProgress?: ProgressListener | undefined;
  /** Loads the networks, where they are needed; they are released after. */
  readonly analyzer: () => Promise<Pick<FaceAnalyzer<RasterImage>, "analyze"> & AsyncDisposable>;
}

/**
 * Hides the faces in a picture: in each frame of an animation, in which everything may be another from one frame to the next, so that by default
 * none is left out.
 * @throws {TF_INVALID_ARGUMENT} when it is an animation and `out` has place for one picture
 * @throws {TF_IMAGE_FORMAT_UNSUPPORTED} when the file holds several pictures that are not all read
 */
export async function blurPicture(path: string, options: BlurPictureOptions): Promise<BlurPlan> {
  const { out, render, signal } = options;
  const frames = await decodeFrames(path, { signal });
  const format = out === undefined ? undefined : formatFor(frames, { path, out });
  const find = async (): Promise<BlurPlan> => {
    await using analyzer = await options.analyzer();
    const search = frames.delays.length === 1 ? findInPicture : findInFrames;
    return await search(path, frames, analyzer, options);
  };
  const plan = render === undefined ? await find() : await openPlan(render, frames);
  if (out === undefined || format === undefined) return plan;
  await writeFileAtomically(out, await encodeFrames(hiddenFrames(frames, plan, options), { ...frames, format, signal }));
  return plan;
}

/** @throws {TF_INVALID_ARGUMENT} for another ending */
export function pictureFormatOf(path: string): FramesFormat {
  const ending = extname(path).slice(1).toLowerCase().replace(/^jpg$/, "jpeg");
  const known = [...encodingFormats, "gif"] as const;
  const format = known.find((name) => name === ending);
  if (format !== undefined) return format;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `pictures are written as ${known.join(", ")}, not as "${ending}" (${path})`);
}

function formatFor({ delays }: PictureFrames, { path, out }: { readonly path: string; readonly out: string }): FramesFormat {
  const format = pictureFormatOf(out);
  if (delays.length === 1 || format === "webp" || format === "gif") return format;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `${path} has ${delays.length} frames, and ${out} has place for one`, {
    hint: "Write it as .webp or .gif.",
  });
}

type Finder = Pick<FaceAnalyzer<RasterImage>, "analyze">;

// eslint-disable-next-line max-params -- what is looked at, by whom, and how
async function findInPicture(path: string, frames: PictureFrames, analyzer: Finder, options: BlurPictureOptions): Promise<BlurPlan> {
  const { image } = frames.frame(0);
  const { faces } = await analyzer.analyze(image, { signal: options.signal, source: path });
  const tracks = faces.map(({ box }, index) => ({ id: index + 1, points: [{ time: 0, box }] }));
  return createBlurPlan({ source: path, width: image.width, height: image.height }, tracks, options);
}

// eslint-disable-next-line max-params -- likewise
async function findInFrames(path: string, frames: PictureFrames, analyzer: Finder, options: BlurPictureOptions): Promise<BlurPlan> {
  const { signal, onProgress, every = 1, lead } = options;
  const film = filmOf(path, frames);
  const onFrame = tellsSeconds(film, "follow", onProgress);
  const { tracks } = await followToEnd(followFaces(film, analyzer, { ...closeLook(film, { every, lead }), signal, onFrame }));
  return createBlurPlan(film, tracks, options);
}

/** An animation as a film, which faces are followed in. */
function filmOf(source: string, { width, height, delays, frame }: PictureFrames): Film {
  const starts = startsOf(delays);
  async function* frames({ signal }: { readonly signal?: AbortSignal | undefined } = {}): AsyncGenerator<FilmFrame, void, undefined> {
    for (const index of delays.keys()) {
      throwIfAborted(signal);
      const time = starts[index]!;
      yield { index, time, duration: starts[index + 1]! - time, picture: async () => frame(index).image };
    }
  }
  return { source, width, height, duration: starts.at(-1)!, hasSound: false, frames, [Symbol.asyncDispose]: async () => {} };
}

/** When each frame is shown and, last, when all have been, in seconds. A delay of no more than 10 ms is shown as one of 100, as browsers do. */
function startsOf(delays: readonly number[]): readonly number[] {
  const starts = [0];
  for (const delay of delays) starts.push(starts.at(-1)! + (delay > 10 ? delay : 100));
  return starts.map((milliseconds) => milliseconds / 1000);
}

function* hiddenFrames(frames: PictureFrames, plan: BlurPlan, { onProgress }: BlurPictureOptions): Generator<FrameLayers> {
  const { delays } = frames;
  const ellipsesAt = ellipsesOf(plan);
  const starts = startsOf(delays);
  const tell = tellsSeconds({ duration: starts.at(-1)! }, "hide", delays.length === 1 ? undefined : onProgress);
  for (const index of delays.keys()) {
    yield hidden(frames.frame(index), ellipsesAt(starts[index]!), plan.effect);
    tell(starts[index + 1]!);
  }
}

function hidden({ image, opacity }: FrameLayers, ellipses: readonly BoundingBox[], effect: BlurEffect): FrameLayers {
  return { image: hideEllipses(image, ellipses, effect), opacity: opacity && hideInOpacity(opacity, ellipses, effect) };
}
