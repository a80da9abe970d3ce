import { type HeadAnswer, type LabelAnswer, noneOfThese, readAge, readLabel } from "../../classify/index.ts";
import {
  type AgeGroup,
  clipBox,
  genders,
  isBuiltInTask,
  moods,
  scaleBox,
  scaleLandmarks,
  TensorFaceError,
  unreachable,
} from "../../core/index.ts";
import type { FaceDetection } from "../../detect/index.ts";
import type { DecodedPicture } from "../../image/index.ts";
import type { AnalyzedFace, AttributeEstimate, Attributes, FailedAnalysis, LabelEstimate } from "../analysis.ts";

/** One face of the result: where it is in the source picture, and what its heads say. */
export function describeFace(
  detection: FaceDetection,
  answers: readonly HeadAnswer[],
  ageGroups: readonly AgeGroup[],
  picture: Pick<DecodedPicture, "scale" | "originalWidth" | "originalHeight">,
): AnalyzedFace {
  const factor = 1 / picture.scale;
  const face = {
    // Scaled sides are rounded to whole pixels, so that the way back may end a fraction of a pixel outside.
    box: clipBox(scaleBox(detection.box, factor), picture.originalWidth, picture.originalHeight),
    score: detection.score,
    landmarks: scaleLandmarks(detection.landmarks, factor),
  };
  const attributes = describeAttributes(answers);
  return Object.assign(
    face,
    ...answers.map((answer) => describeBuiltIn(answer, ageGroups)),
    attributes === undefined ? {} : { attributes },
  );
}

function describeBuiltIn(answer: HeadAnswer, ageGroups: readonly AgeGroup[]): Pick<AnalyzedFace, "age" | "gender" | "mood"> {
  if (answer.kind === "age") {
    const { distribution, intervalShare: share, intervalLevel: level } = answer;
    return { age: readAge(distribution, ageGroups, { share, level }) };
  }
  if (answer.kind === "classes" && answer.task === "gender") return { gender: describeLabel(answer, genders) };
  if (answer.kind === "classes" && answer.task === "mood") return { mood: describeLabel(answer, moods) };
  return {};
}

function describeLabel<Label extends string>({ probabilities, labels, set }: LabelAnswer, words: readonly Label[]): LabelEstimate<Label> {
  const reading = readLabel(probabilities, known(labels, words));
  return set === undefined ? reading : { ...reading, set: { labels: known(set.labels, words), level: set.level } };
}

/** The labels as this product's words, which they are: other manifests are refused when they are read. */
function known<Label extends string>(labels: readonly string[], words: readonly Label[]): Label[] {
  return labels.flatMap((label) => words.filter((word) => word === label));
}

/** What is told beside the built-in tasks; undefined where nothing is. */
export function describeAttributes(answers: readonly HeadAnswer[]): Attributes | undefined {
  const own = answers.filter(({ task }) => !isBuiltInTask(task));
  return own.length === 0 ? undefined : Object.fromEntries(own.map((answer) => [answer.task, describeAttribute(answer)]));
}

function describeAttribute(answer: HeadAnswer): AttributeEstimate {
  switch (answer.kind) {
    case "number":
      return { value: answer.value, interval: answer.interval };
    case "tags": {
      const { labels, probabilities } = answer;
      const named = Object.fromEntries(labels.map((label, index) => [label, probabilities[index]!]));
      return { labels: labels.filter((_, index) => probabilities[index]! >= 0.5), probabilities: named };
    }
    case "classes":
    case "ordered": {
      const { novelty, set } = answer;
      const reading = { ...readLabel(answer.probabilities, answer.labels), ...(set === undefined ? {} : { set }) };
      if (novelty === undefined) return reading;
      return { ...reading, label: novelty >= noneOfThese ? null : reading.label, novelty };
    }
    case "age":
      throw new TypeError("ages have a field of their own");
    default:
      return unreachable(answer);
  }
}

/** The outcome of a picture that could not be analysed; errors that are not about the picture are thrown on. */
export function describeFailure(source: string, error: unknown): FailedAnalysis {
  if (!(error instanceof TensorFaceError) || error.code === "TF_ABORTED" || error.code === "TF_DISPOSED") throw error;
  return { schema: "tensorface.analysis/1", source, error: error.toJSON() };
}
