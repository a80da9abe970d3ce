import { subjectsOf } from "./bootstrap.ts";
import { expectedCalibrationError } from "./metrics/calibration.ts";
import { accuracy } from "./metrics/classification.ts";
import { type Weights, weightedMean } from "./metrics/weights.ts";
import type { FacePrediction } from "./prediction.ts";
import type { ScalingFit } from "./report.ts";
import { calibratedName, calibratedSample, type CalibratedTask, logitsOf, targetRange, temperatureLoss } from "./temperature.ts";
import { applyVectorScaling, fitVectorScaling } from "./vector-scaling.ts";

/** `after` is of subjects that their own fit has not seen: each fifth is scaled by what the other four fifths choose. */
const foldCount = 5;
/** Weak, but enough that a class with few faces is not blown up. */
const ridge = 1e-3;

export interface FitScalingOptions {
  /** How much a face counts, in the fit and in what is said of it, where sets of different sizes are fitted together. @default 1 */
  readonly weightOf?: (face: FacePrediction) => number;
  /** The logits that are scaled. @default the logarithms of the probabilities */
  readonly read?: (probabilities: ArrayLike<number>) => Float64Array;
}

/**
 * Fits vector scaling on found faces and says what it changes, cross-validated: with two numbers a class the fit would flatter itself
 * on its own faces. All faces of a subject stand in one fold. Undefined for age, whose classes are ordered, and where fewer than five subjects
 * have a label.
 */
export function fitScaling(
  predictions: readonly FacePrediction[],
  task: CalibratedTask,
  { weightOf = () => 1, read = logitsOf }: FitScalingOptions = {},
): ScalingFit | undefined {
  if (task === "age") return undefined;
  const name = calibratedName(task);
  const faces = predictions.filter((face) => face.found && targetRange(face, task) !== undefined && face.probabilities[name] !== undefined);
  const { subjects, count } = subjectsOf(faces);
  if (count < foldCount) return undefined;
  const logits = faces.map((face) => read(face.probabilities[name]!));
  const targets = faces.map((face) => targetRange(face, task)!.low);
  const weights = Float64Array.from(faces, weightOf);
  const held = faces.map((face) => face.probabilities[name]!);
  for (let fold = 0; fold < foldCount; fold++) {
    // Who has seen one face of a subject has half seen the others.
    const isOther = (_: unknown, row: number): boolean => subjects[row]! % foldCount !== fold;
    const scaling = fitVectorScaling(logits.filter(isOther), targets.filter(isOther), { ridge, weights: weights.filter(isOther) });
    for (const [row, own] of logits.entries()) if (!isOther(own, row)) held[row] = [...applyVectorScaling(own, scaling)];
  }
  const before = describe(faces, task, weights);
  const after = describe(
    faces.map((face, row) => ({ ...face, probabilities: { ...face.probabilities, [name]: held[row]! } })),
    task,
    weights,
  );
  const { scale, bias } = fitVectorScaling(logits, targets, { ridge, weights });
  return {
    scale: [...scale],
    bias: [...bias],
    n: faces.length,
    folds: foldCount,
    accuracy: { before: before.accuracy, after: after.accuracy },
    negativeLogLikelihood: { before: before.loss, after: after.loss },
    expectedCalibrationError: { before: before.error, after: after.error },
  };
}

function describe(
  faces: readonly FacePrediction[],
  task: CalibratedTask,
  weights: Weights,
): { readonly accuracy: number; readonly loss: number; readonly error: number } {
  const sample = calibratedSample(faces, task, [])!;
  const ranges = faces.map((face) => targetRange(face, task)!);
  const logits = faces.map((face) => logitsOf(face.probabilities[calibratedName(task)]!));
  return {
    accuracy: accuracy(sample, weights) ?? 0,
    loss: weightedMean(weights, (row) => temperatureLoss([logits[row]!], [ranges[row]!], 1)) ?? 0,
    error: expectedCalibrationError(sample, weights) ?? 0,
  };
}
