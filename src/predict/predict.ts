import { setImmediate } from "node:timers/promises";
import type { DetectorChoice } from "../analyze/index.ts";
import {
  createFaceAsker,
  createPictureAsker,
  createSight,
  type HeadAnswers,
  lookAt,
  type SelectedHead,
} from "../analyze/pipeline/index.ts";
import { createEngineLane } from "../analyze/schedule/index.ts";
import type { HeadAnswer } from "../classify/index.ts";
import { builtInLabels, type FaceLandmarks, type IntervalTails, mainFace, scaleLandmarks } from "../core/index.ts";
import type { FaceDetector } from "../detect/index.ts";
import type { FacePrediction } from "../evaluate/index.ts";
import type { DecodedPicture } from "../image/index.ts";
import { seesFaces, templateOf } from "../models/index.ts";
import { taughtCropOf } from "./taught-crop.ts";

/** What one head says, by task: see the field of {@link FacePrediction}. */
export type Answers = FacePrediction["probabilities"];

/** What all heads say of one picture. */
export interface PicturePrediction {
  readonly found: boolean;
  /** Shorter side of the face in pixels of the picture; undefined when not found. */
  readonly faceSize: number | undefined;
  /** By the head's id. */
  readonly answers: Readonly<Record<string, Answers>>;
  /** What the intervals of heads that tell it leave out, by the head's id. */
  readonly tails?: Readonly<Record<string, IntervalTails>> | undefined;
}

/** A decoded picture and the dataset that it comes from. */
export interface PredictionInput extends Pick<DecodedPicture, "image" | "scale"> {
  readonly source: string;
}

export type BatchPredictor = (inputs: readonly PredictionInput[], signal: AbortSignal) => Promise<PicturePrediction[]>;

export interface PredictorOptions {
  /** Absent: as each head's manifest says. */
  readonly flipAveraging: boolean | undefined;
  /** Landmarks of a dataset's crops, as fractions; where there are none the picture is taken for a crop as the head was taught on. */
  readonly templates: Readonly<Record<string, FaceLandmarks>>;
}

/** Takes every picture for a crop: its landmarks are where those of its dataset stand. Heads for whole pictures see it whole. */
export function createCropPredictor(heads: readonly SelectedHead[], options: PredictorOptions): BatchPredictor {
  const askers = heads.map((head) => createCropAsker(head, options));
  return async (inputs) => {
    const said: HeadAnswers[][] = inputs.map(() => []);
    for (const ask of askers) for (const [index, answers] of (await ask(inputs)).entries()) said[index]!.push(...answers);
    return inputs.map(({ image }, index) => ({
      found: true,
      faceSize: Math.min(image.width, image.height),
      ...byHead(said[index]!),
    }));
  };
}

function createCropAsker(
  head: SelectedHead,
  { flipAveraging, templates }: PredictorOptions,
): (inputs: readonly PredictionInput[]) => Promise<HeadAnswers[][]> {
  const { manifest } = head;
  if (!seesFaces(manifest)) {
    const ask = createPictureAsker([head], flipAveraging);
    return async (inputs) => ask(inputs.map(({ image }) => image));
  }
  const ask = createFaceAsker([head], flipAveraging);
  const own = taughtCropOf(manifest)?.landmarks ?? manifest.template.landmarks;
  return async (inputs) =>
    ask(inputs.map(({ image, source }) => ({ image, landmarks: scaleLandmarks(templates[source] ?? own, image.width, image.height) })));
}

/** What finds the faces of photographs. */
export interface PhotoFinder {
  readonly detector: FaceDetector;
  /** Which of them it is: what faces are small differs. @default the analyzer's */
  readonly choice?: DetectorChoice | undefined;
}

/**
 * Looks at each picture as an analyzer does where nothing is asked for, and asks the heads about the face that it is about.
 * @throws {TF_INVALID_ARGUMENT} when a head sees whole pictures, of which it does not matter whether a face is found
 */
export function createPhotoPredictor(
  heads: readonly SelectedHead[],
  { detector, choice }: PhotoFinder,
  flipAveraging?: boolean,
): BatchPredictor {
  for (const { manifest } of heads) templateOf(manifest);
  const sight = createSight({ detector, heads }, { detector: choice, flipAveraging });
  const lane = createEngineLane({ askFaces: sight.askFaces, nextTurn: async () => setImmediate(undefined) });
  return async (inputs, signal) =>
    Promise.all(
      inputs.map(async (picture): Promise<PicturePrediction> => {
        const { faces } = await lookAt(picture, sight, lane, {
          signal,
          choose: (image, detections) => [mainFace(image, detections)].filter((face) => face !== undefined),
        });
        const [face] = faces;
        if (face === undefined) return { found: false, faceSize: undefined, answers: {} };
        const { width, height } = face.detection.box;
        return { found: true, faceSize: Math.min(width, height), ...byHead(face.answers) };
      }),
    );
}

function byHead(said: readonly HeadAnswers[]): Pick<PicturePrediction, "answers" | "tails"> {
  const tails = said.flatMap(({ head, answers }) =>
    answers.flatMap((answer) =>
      answer.kind === "age" && answer.intervalTails !== undefined ? [[head, answer.intervalTails] as const] : [],
    ),
  );
  return {
    answers: Object.fromEntries(said.map(({ head, answers }) => [head, toProbabilities(answers)])),
    ...(tails.length === 0 ? {} : { tails: Object.fromEntries(tails) }),
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
