import type { HeadAnswer } from "../classify/index.ts";
import { builtInLabels, type FaceLandmarks, type Point } from "../core/index.ts";
import { defaultMaxFaces } from "../analyze/analyzer.ts";
import { createBatchClassifier, createPictureClassifier } from "../analyze/pipeline/classifier.ts";
import type { SelectedHead } from "../analyze/pipeline/networks.ts";
import { defaultMinFaceSize } from "../analyze/pipeline/sizing.ts";
import type { FaceDetection, FaceDetector } from "../detect/index.ts";
import type { FacePrediction } from "../evaluate/index.ts";
import type { RasterImage } from "../image/index.ts";
import { seesFaces, templateOf } from "../models/index.ts";

/** What one head says, by task: see the field of {@link FacePrediction}. */
export type Answers = FacePrediction["probabilities"];

/** What all heads say of one picture. */
export interface PicturePrediction {
  readonly found: boolean;
  /** Shorter side of the face in pixels of the picture; undefined when not found. */
  readonly faceSize: number | undefined;
  /** By the head's id. */
  readonly answers: Readonly<Record<string, Answers>>;
}

/** A decoded picture and the dataset that it comes from. */
export interface PredictionInput {
  readonly image: RasterImage;
  readonly source: string;
}

export type BatchPredictor = (inputs: readonly PredictionInput[], signal: AbortSignal) => Promise<PicturePrediction[]>;

export interface PredictorOptions {
  /** Absent: as each head's manifest says. */
  readonly flipAveraging: boolean | undefined;
  /** Landmarks of a dataset's crops, as fractions; where there are none the picture is taken as the head's own crop. */
  readonly templates: Readonly<Record<string, FaceLandmarks>>;
}

/** Takes every picture for a crop: its landmarks are where those of its dataset stand. Heads for whole pictures see it whole. */
export function createCropPredictor(heads: readonly SelectedHead[], options: PredictorOptions): BatchPredictor {
  const classifiers = heads.map((head) => ({ id: head.manifest.id, classify: createCropClassifier(head, options) }));
  return async (inputs) => {
    const answers = inputs.map((): Record<string, Answers> => ({}));
    for (const { id, classify } of classifiers) {
      for (const [index, answer] of (await classify(inputs)).entries()) answers[index]![id] = toProbabilities(answer);
    }
    return inputs.map(({ image }, index) => ({
      found: true,
      faceSize: Math.min(image.width, image.height),
      answers: answers[index]!,
    }));
  };
}

function createCropClassifier(
  head: SelectedHead,
  { flipAveraging, templates }: PredictorOptions,
): (inputs: readonly PredictionInput[]) => Promise<HeadAnswer[][]> {
  const { manifest } = head;
  if (!seesFaces(manifest)) {
    const classify = createPictureClassifier([head], flipAveraging);
    return async (inputs) => classify(inputs.map(({ image }) => image));
  }
  const classify = createBatchClassifier([head], flipAveraging);
  const own = manifest.template.landmarks;
  return async (inputs) =>
    classify(inputs.map(({ image, source }) => ({ image, landmarks: scaleLandmarks(templates[source] ?? own, image) })));
}

/**
 * Finds, aligns and cuts out the face as serving does.
 * @throws {TF_INVALID_ARGUMENT} when a head sees whole pictures, of which it does not matter whether a face is found
 */
export function createPhotoPredictor(heads: readonly SelectedHead[], detector: FaceDetector, flipAveraging?: boolean): BatchPredictor {
  for (const { manifest } of heads) templateOf(manifest);
  const classifiers = heads.map((head) => ({ head, classify: createBatchClassifier([head], flipAveraging) }));
  return async (inputs, signal) => {
    const detections: (FaceDetection | undefined)[] = [];
    for (const { image } of inputs) {
      const prepared = await detector.prepare(image, { ...detectOptions(image), signal });
      detections.push(mainFace(image, await detector.detect(prepared)));
    }
    const answers = inputs.map((): Record<string, Answers> => ({}));
    const rows = [...inputs.keys()].filter((row) => detections[row] !== undefined);
    const faces = rows.map((row) => ({ image: inputs[row]!.image, landmarks: detections[row]!.landmarks }));
    for (const { head, classify } of classifiers) {
      if (faces.length === 0) break;
      for (const [index, answer] of (await classify(faces)).entries()) answers[rows[index]!]![head.manifest.id] = toProbabilities(answer);
    }
    return inputs.map((_, row) => {
      const detection = detections[row];
      const faceSize = detection === undefined ? undefined : Math.min(detection.box.width, detection.box.height);
      return { found: detection !== undefined, faceSize, answers: answers[row]! };
    });
  };
}

/** As an analyzer looks where nothing else is asked for. */
export function detectOptions(image: RasterImage) {
  return { minFaceSize: defaultMinFaceSize(image), maxFaces: defaultMaxFaces, anyRotation: false };
}

/** The face that a picture of one face is about: near the middle, measured in its own size, so that a large face wins. */
export function mainFace(image: RasterImage, detections: readonly FaceDetection[]): FaceDetection | undefined {
  const offset = ({ box }: FaceDetection) =>
    Math.hypot(box.x + box.width / 2 - image.width / 2, box.y + box.height / 2 - image.height / 2) / Math.max(box.width, box.height);
  return detections.toSorted((a, b) => offset(a) - offset(b))[0];
}

function scaleLandmarks(fractions: FaceLandmarks, { width, height }: RasterImage): FaceLandmarks {
  const scale = ({ x, y }: Point): Point => ({ x: x * width, y: y * height });
  return {
    leftEye: scale(fractions.leftEye),
    rightEye: scale(fractions.rightEye),
    nose: scale(fractions.nose),
    leftMouth: scale(fractions.leftMouth),
    rightMouth: scale(fractions.rightMouth),
  };
}

/** A head's answers in this product's order of labels; a label that the head does not know has probability 0. */
function toProbabilities(answers: readonly HeadAnswer[]): Answers {
  return Object.fromEntries(answers.map((answer) => [answer.task, numbersOf(answer)]));
}

function numbersOf(answer: HeadAnswer): number[] {
  if (answer.kind === "age") return [...answer.distribution];
  if (answer.kind === "number") return [answer.value, answer.interval.low, answer.interval.high];
  const { task, labels, probabilities } = answer;
  const words: readonly string[] = task === "gender" || task === "mood" ? builtInLabels[task] : labels;
  return words.map((label) => probabilities[labels.indexOf(label)] ?? 0);
}
