import { type HeadAnswer, readAge, readLabel } from "../classify/index.ts";
import {
  type AgeGroup,
  type BoundingBox,
  clipBox,
  type FaceLandmarks,
  type Gender,
  type Mood,
  type Point,
  TensorFaceError,
} from "../core/index.ts";
import type { FaceDetection } from "../detect/index.ts";
import type { DecodedPicture } from "../image/index.ts";
import type { AgeEstimate, AnalyzedFace, FailedAnalysis, LabelEstimate } from "./analysis.ts";

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
  return Object.assign(face, ...answers.map((answer) => describeAnswer(answer, ageGroups)));
}

type Described = { readonly age: AgeEstimate } | { readonly gender: LabelEstimate<Gender> } | { readonly mood: LabelEstimate<Mood> };

function describeAnswer(answer: HeadAnswer, ageGroups: readonly AgeGroup[]): Described {
  if (answer.task === "age") return { age: readAge(answer.distribution, ageGroups, answer.intervalMass) };
  if (answer.task === "gender") return { gender: readLabel(answer.probabilities, answer.labels) };
  return { mood: readLabel(answer.probabilities, answer.labels) };
}

/** The outcome of a picture that could not be analysed; errors that are not about the picture are thrown on. */
export function describeFailure(source: string, error: unknown): FailedAnalysis {
  if (!(error instanceof TensorFaceError) || error.code === "TF_ABORTED" || error.code === "TF_DISPOSED") throw error;
  return { schema: "tensorface.analysis/1", source, error: error.toJSON() };
}

function scaleBox(box: BoundingBox, factor: number): BoundingBox {
  return { x: box.x * factor, y: box.y * factor, width: box.width * factor, height: box.height * factor };
}

function scaleLandmarks(landmarks: FaceLandmarks, factor: number): FaceLandmarks {
  const scale = ({ x, y }: Point): Point => ({ x: x * factor, y: y * factor });
  return {
    leftEye: scale(landmarks.leftEye),
    rightEye: scale(landmarks.rightEye),
    nose: scale(landmarks.nose),
    leftMouth: scale(landmarks.leftMouth),
    rightMouth: scale(landmarks.rightMouth),
  };
}
