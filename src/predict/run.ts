import { isPictureFault, isTensorFaceError, loadAhead, type ProgressListener } from "../core/index.ts";
import { laplacianVariance, meanAndDeviation, toLuma } from "../datasets/index.ts";
import type { FaceAttributes } from "../evaluate/index.ts";
import { type DecodedPicture, type RasterImage, resize } from "../image/index.ts";
import type { LocalFile } from "../image/input.node.ts";
import type { FailedPicture, LabelledPicture } from "../datasets/labelled-faces.node.ts";
import type { BatchPredictor } from "./predict.ts";
import type { PredictionCache, PredictionRow } from "./prediction-cache.ts";

export interface RunPredictionsOptions {
  readonly decode: (picture: LocalFile | RasterImage) => Promise<DecodedPicture>;
  readonly predict: BatchPredictor;
  /** Where finished rows are kept; absent: in memory alone. */
  readonly cache: PredictionCache | undefined;
  readonly onProgress: ProgressListener;
  /** Asks for a stop between batches. */
  readonly stopping: AbortSignal;
  /** Stops at once. */
  readonly now: AbortSignal;
}

export interface Predictions {
  /** By the face's id. */
  readonly rows: ReadonlyMap<string, PredictionRow>;
  readonly failed: readonly FailedPicture[];
  /** Whether every face was reached. */
  readonly isComplete: boolean;
}

/** Faces in one call of the networks; while they run, the next ones are decoded. */
const batchSize = 32;

/** Sharpness depends on the size at which it is measured: as datasets are measured, at most 128 pixels a side. */
const measuredSide = 128;

/** Runs the networks over faces, in batches, and keeps what they say. */
export async function runPredictions(faces: readonly LabelledPicture[], options: RunPredictionsOptions): Promise<Predictions> {
  const { cache, predict, onProgress, stopping, now } = options;
  const kept = faces.flatMap((face) => cache?.find(face) ?? []);
  const rows = new Map(kept.map((row) => [row.id, row]));
  const failed: FailedPicture[] = [];
  const missing = faces.filter(({ id }) => !rows.has(id));
  let done = faces.length - missing.length;
  for await (const { batch, loaded: decoded } of loadAhead(missing, batchSize, async (batch) => decodeBatch(batch, options))) {
    if (stopping.aborted) return { rows, failed, isComplete: false };
    failed.push(...decoded.failed);
    const said = decoded.pictures.length === 0 ? [] : await predict(decoded.pictures, now);
    const added = decoded.pictures.map(({ face, scale, attributes }, row): PredictionRow => {
      const { found, faceSize, answers, tails } = said[row]!;
      return {
        id: face.id,
        source: face.source,
        sha256: face.sha256,
        found,
        attributes: { ...attributes, ...(faceSize === undefined ? {} : { faceSize: faceSize / scale }) },
        answers,
        tails,
      };
    });
    for (const row of added) rows.set(row.id, row);
    await cache?.append(added);
    done += batch.length;
    onProgress({ stage: "evaluate", done, total: faces.length });
  }
  return { rows, failed, isComplete: true };
}

interface DecodedFace {
  readonly face: LabelledPicture;
  readonly image: RasterImage;
  /** Of the picture in work to the published one. */
  readonly scale: number;
  readonly source: string;
  readonly attributes: FaceAttributes;
}

interface DecodedBatch {
  readonly pictures: readonly DecodedFace[];
  readonly failed: readonly FailedPicture[];
}

async function decodeBatch(faces: readonly LabelledPicture[], { decode }: RunPredictionsOptions): Promise<DecodedBatch> {
  const outcomes = await Promise.all(faces.map((face) => decodeFace(face, decode)));
  return {
    pictures: outcomes.filter((outcome) => "image" in outcome),
    failed: outcomes.filter((outcome) => "message" in outcome),
  };
}

async function decodeFace(face: LabelledPicture, decode: RunPredictionsOptions["decode"]): Promise<DecodedFace | FailedPicture> {
  try {
    const { image, scale } = await decode(face.picture);
    return { face, image, scale, source: face.source, attributes: measure(image) };
  } catch (error) {
    if (isTensorFaceError(error) && isPictureFault(error.code)) return { id: face.id, message: error.message };
    throw error;
  }
}

/** Brightness and sharpness of the whole picture, so that both ways of evaluating slice the same. */
function measure(image: RasterImage): FaceAttributes {
  const scale = measuredSide / Math.max(image.width, image.height);
  const small =
    scale < 1 ? resize(image, Math.max(1, Math.round(image.width * scale)), Math.max(1, Math.round(image.height * scale))) : image;
  const luma = toLuma(small);
  return { brightness: meanAndDeviation(luma.data).mean, sharpness: laplacianVariance(luma) };
}
