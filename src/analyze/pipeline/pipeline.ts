import { adienceAgeGroups, type AgeGroup, scaleBox, throwIfAborted } from "../../core/index.ts";
import type { DetectOptions, FaceDetection, FaceDetector } from "../../detect/index.ts";
import type { DecodedPicture, DecodeOptions, RasterImage } from "../../image/index.ts";
import { seesFaces } from "../../models/index.ts";
import type { FaceAnalysis } from "../analysis.ts";
import type { AnalyzeOptions, AnalyzerOptions } from "../options.ts";
import { type Asker, createFaceAsker, createPictureAsker, type HeadAnswers, type LocatedFace } from "./ask.ts";
import { describeAttributes, describeFace } from "./describe.ts";
import type { LoadedNetworks } from "./networks.ts";
import { defaultMinFaceSize, mostExtent, type SizeOptions } from "./sizing.ts";

/**
 * The way of a picture in a straight line: decode, locate the faces, ask the heads about each of them, describe. Whoever looks at pictures
 * goes it: the analyzer, its threads, evaluations on photographs, the measuring of templates.
 *
 * Nothing waits in a line here and nothing is kept: when a step runs, and together with which other pictures, is the affair of the
 * {@link Schedule} that is handed in.
 */

/** Which of a picture's faces are found. */
export type FindSettings = Pick<AnalyzerOptions, "detector" | "minFaceSize" | "minScore" | "maxFaces" | "anyRotation"> &
  Pick<DetectOptions, "search">;

export const defaultMaxFaces = 256;

/** What finds faces, and which. */
export interface Finder {
  readonly detector: FaceDetector;
  readonly settings: FindSettings;
}

/** What is needed to look at pictures. */
export interface Sight {
  /** Absent where only whole pictures are looked at. */
  readonly finder: Finder | undefined;
  readonly askFaces: Asker<LocatedFace>;
  /** Absent where no head sees whole pictures. */
  readonly askPictures: Asker<RasterImage> | undefined;
}

/** Decides when the engine works for a picture; `schedule/` has those that share it out among many. */
export interface Schedule {
  /** Runs `work`, which needs the engine, when it is its turn. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Asks about a face, perhaps together with those of other pictures. @throws {TF_ABORTED} when it `isCancelled` by then */
  ask(face: LocatedFace, isCancelled: () => boolean): Promise<Answered>;
}

/** What was said of a face or a picture. */
export interface Answered {
  readonly answers: readonly HeadAnswers[];
  /** How long it took; of a batch, this one's share. */
  readonly milliseconds: number;
}

/** A face of a picture, with what is known of it so far. */
export interface SeenFace extends Answered {
  readonly detection: FaceDetection;
}

/** What is known of a picture so far. */
export interface SeenPicture {
  readonly faces: readonly SeenFace[];
  readonly whole: Answered;
  readonly detectMs: number;
}

export interface LookOptions extends Pick<AnalyzeOptions, "near" | "facesOnly"> {
  readonly signal?: AbortSignal | undefined;
  /** Which faces the heads are asked about. @default all that were found */
  readonly choose?: ((image: RasterImage, detections: readonly FaceDetection[]) => readonly FaceDetection[]) | undefined;
  /** Told what is known: first the faces without answers, then again whenever some of them have theirs; no more after an abort. */
  readonly onSeen?: ((seen: SeenPicture) => void) | undefined;
}

const nothingSaid: Answered = { answers: [], milliseconds: 0 };

/** How pictures are decoded that faces are looked for in. */
export function decodeOptions({ limits, ...sizes }: SizeOptions & Pick<AnalyzerOptions, "limits"> = {}): DecodeOptions {
  return { ...limits, maxExtent: mostExtent(sizes) };
}

/** What loaded networks see with. */
export function createSight(
  { detector, heads }: Pick<LoadedNetworks, "detector" | "heads">,
  { flipAveraging, ...settings }: FindSettings & Pick<AnalyzerOptions, "flipAveraging"> = {},
): Sight {
  return {
    finder: detector === undefined ? undefined : { detector, settings },
    askFaces: createFaceAsker(heads, flipAveraging),
    askPictures: heads.every(({ manifest }) => seesFaces(manifest)) ? undefined : createPictureAsker(heads, flipAveraging),
  };
}

/** The faces of a picture, largest first. What can be done before the engine is free is done beside it. */
export async function locateFaces(
  { image, scale }: Pick<DecodedPicture, "image" | "scale">,
  { detector, settings }: Finder,
  { schedule, signal, near }: { readonly schedule?: Pick<Schedule, "run"> | undefined } & Pick<LookOptions, "signal" | "near"> = {},
): Promise<{ readonly detections: readonly FaceDetection[]; readonly milliseconds: number }> {
  const options = { ...detectOptions(image, scale, settings), signal, near: near?.map((box) => scaleBox(box, scale)) };
  const prepared = await timed(async () => detector.prepare(image, options));
  const detect = async (): Promise<Timed<readonly FaceDetection[]>> => {
    throwIfAborted(signal);
    return timed(async () => prepared.result.detect());
  };
  const detected = await (schedule === undefined ? detect() : schedule.run(detect));
  return { detections: detected.result, milliseconds: prepared.milliseconds + detected.milliseconds };
}

/**
 * Looks at a decoded picture: at the whole of it, and at its faces.
 * @throws {TF_ABORTED} when the signal is aborted
 */
export async function lookAt(
  picture: Pick<DecodedPicture, "image" | "scale">,
  sight: Sight,
  schedule: Schedule,
  { signal, choose, onSeen, near, facesOnly = false }: LookOptions = {},
): Promise<SeenPicture> {
  const { image } = picture;
  const { finder } = sight;
  const { detections, milliseconds: detectMs } =
    finder === undefined ? { detections: [], milliseconds: 0 } : await locateFaces(picture, finder, { schedule, signal, near });
  throwIfAborted(signal);
  const whole = facesOnly ? nothingSaid : await askAboutPicture(image, sight, schedule, signal);
  throwIfAborted(signal);
  const chosen = choose?.(image, detections) ?? detections;
  const faces = chosen.map((detection): SeenFace => ({ detection, ...nothingSaid }));
  const soFar = (): SeenPicture => ({ faces: [...faces], whole, detectMs });
  onSeen?.(soFar());
  if (facesOnly) return soFar();
  // The faces of one batch have their answers together, and are told of together.
  const report = oncePerTurn(() => {
    throwIfAborted(signal);
    onSeen?.(soFar());
  });
  const isCancelled = (): boolean => signal?.aborted ?? false;
  await Promise.all(
    chosen.map(async (detection, index) => {
      const answered = await schedule.ask({ image, landmarks: detection.landmarks }, isCancelled);
      faces[index] = { detection, ...answered };
      await report();
    }),
  );
  return soFar();
}

export interface AnalyzePictureOptions extends Omit<AnalyzeOptions, "source"> {
  readonly ageGroups?: readonly AgeGroup[] | undefined;
}

/** The whole way: from what `decode` gives to the analysis. */
export async function analyzePicture(
  decode: () => Promise<DecodedPicture>,
  sight: Sight,
  schedule: Schedule,
  { ageGroups = adienceAgeGroups, onFaces, ...asked }: AnalyzePictureOptions,
): Promise<FaceAnalysis> {
  const { result: picture, milliseconds: decodeMs } = await timed(decode);
  throwIfAborted(asked.signal);
  const describe = (seen: SeenPicture): FaceAnalysis => describePicture(picture, seen, { ageGroups, decodeMs });
  const onSeen = onFaces === undefined ? undefined : (seen: SeenPicture): void => onFaces(describe(seen));
  return describe(await lookAt(picture, sight, schedule, { ...asked, onSeen }));
}

function describePicture(
  picture: DecodedPicture,
  { faces, whole, detectMs }: SeenPicture,
  { ageGroups, decodeMs }: { readonly ageGroups: readonly AgeGroup[]; readonly decodeMs: number },
): FaceAnalysis {
  const attributes = describeAttributes(saidBy(whole));
  return {
    schema: "tensorface.analysis/1",
    source: picture.source,
    width: picture.originalWidth,
    height: picture.originalHeight,
    faces: faces.map((face) => describeFace(face.detection, saidBy(face), ageGroups, picture)),
    ...(attributes === undefined ? {} : { attributes }),
    timings: { decodeMs, detectMs, classifyMs: faces.reduce((sum, { milliseconds }) => sum + milliseconds, whole.milliseconds) },
  };
}

function saidBy({ answers }: Answered): HeadAnswers["answers"] {
  return answers.flatMap((said) => said.answers);
}

async function askAboutPicture(
  image: RasterImage,
  { askPictures }: Sight,
  schedule: Schedule,
  signal: AbortSignal | undefined,
): Promise<Answered> {
  if (askPictures === undefined) return nothingSaid;
  return schedule.run(async () => {
    throwIfAborted(signal);
    const { result, milliseconds } = await timed(async () => askPictures([image]));
    return { answers: result[0]!, milliseconds };
  });
}

function detectOptions(image: RasterImage, scale: number, settings: FindSettings): DetectOptions {
  const { minFaceSize, minScore, maxFaces = defaultMaxFaces, anyRotation = false, search } = settings;
  const smallest = minFaceSize === undefined ? defaultMinFaceSize(image, settings) : minFaceSize * scale;
  return { minFaceSize: smallest, minScore, maxFaces, anyRotation, search };
}

/** Runs `work` once, however often it is asked for before the current turn's microtasks are done. What it throws is everybody's who asked. */
function oncePerTurn(work: () => void): () => Promise<void> {
  let due: Promise<void> | undefined;
  const run = (): void => {
    due = undefined;
    work();
  };
  return async () => (due ??= Promise.resolve().then(run));
}

interface Timed<Result> {
  readonly result: Result;
  readonly milliseconds: number;
}

async function timed<Result>(work: () => Promise<Result>): Promise<Timed<Result>> {
  const start = performance.now();
  const result = await work();
  return { result, milliseconds: performance.now() - start };
}
