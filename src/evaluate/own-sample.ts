import { labelIndex, type TaskDefinition } from "../core/index.ts";
import type { FacePrediction } from "./prediction.ts";
import { classColumns, type LabelledFace, requireNumbers, type TaskSample } from "./sample.ts";

/**
 * The labelled faces of a task that is not built in, as columns: one sample of classes or groups, of numbers one whose classes are ranges,
 * and of tags one for each tag, which is there or not. None where no face has a label and an answer.
 * @throws {TF_INVALID_ARGUMENT} for an answer that is no number
 */
export function buildOwnSamples(predictions: readonly FacePrediction[], task: TaskDefinition): TaskSample[] {
  const { name, kind, labels = [] } = task;
  if (!predictions.some((face) => face.probabilities[name] !== undefined)) return [];
  if (kind === "tags") return labels.flatMap((label, column) => tagSample(predictions, name, labels, column));
  return kind === "number" ? numberSample(predictions, task) : classSample(predictions, task);
}

function classSample(predictions: readonly FacePrediction[], { name, kind, labels = [] }: TaskDefinition): TaskSample[] {
  const labelled = predictions.flatMap((face): LabelledFace[] => {
    const label = face.labels.attributes?.[name];
    const truth = typeof label === "string" ? labelIndex(labels, label) : -1;
    return truth < 0 ? [] : answered(face, name, truth, labels.length, (numbers) => numbers);
  });
  return labelled.length === 0 ? [] : [{ task: name, kind, classNames: labels, ...classColumns(labelled) }];
}

/** What reports call a task's one tag: no task's own name has a colon. */
export function tagTaskName(task: string, label: string): string {
  return `${task}: ${label}`;
}

// eslint-disable-next-line max-params -- a task's one tag
function tagSample(predictions: readonly FacePrediction[], name: string, tags: readonly string[], column: number): TaskSample[] {
  const label = tags[column]!;
  const labelled = predictions.flatMap((face): LabelledFace[] => {
    const worn = face.labels.attributes?.[name];
    if (!Array.isArray(worn)) return [];
    return answered(face, name, Number(labelIndex(worn, label) >= 0), tags.length, (numbers) => [1 - numbers[column]!, numbers[column]!]);
  });
  if (labelled.length === 0) return [];
  return [{ task: tagTaskName(name, label), kind: "classes", classNames: [`no ${label}`, label], ...classColumns(labelled) }];
}

function answered(
  face: FacePrediction,
  name: string,
  truth: number,
  count: number,
  read: (numbers: readonly number[]) => ArrayLike<number>,
): LabelledFace[] {
  const numbers = face.probabilities[name];
  if (face.found && numbers === undefined) return [];
  if (face.found) requireNumbers(face, name, numbers!, count);
  return [{ face, truth, probabilities: face.found ? read(numbers!) : undefined }];
}

/** Ranges into which numbers are put for the confusion matrix. */
const rangeCount = 5;

function numberSample(predictions: readonly FacePrediction[], { name, unit }: TaskDefinition): TaskSample[] {
  const labelled = predictions.flatMap((face) => {
    const truth = face.labels.attributes?.[name];
    const told = face.found ? face.probabilities[name] : undefined;
    if (told !== undefined) requireNumbers(face, name, told);
    return typeof truth !== "number" || (face.found && told === undefined) ? [] : [{ face, truth, told }];
  });
  if (labelled.length === 0) return [];
  const truths = labelled.map(({ truth }) => truth);
  // Not by spreading them into one call: of more than a hundred thousand the engine has no room for.
  const least = truths.reduce((smallest, truth) => Math.min(smallest, truth));
  const most = truths.reduce((largest, truth) => Math.max(largest, truth));
  const step = (most - least) / rangeCount || 1;
  const rangeOf = (value: number): number => Math.min(rangeCount - 1, Math.max(0, Math.floor((value - least) / step)));
  // As many digits as tell one end from the next, whatever all of them begin with: years of birth do with 19.
  const digits = Math.min(Math.max(0, 1 - Math.floor(Math.log10(step))), 100);
  const edge = (index: number): string => String(Number((least + index * step).toFixed(digits)));
  const nothing = (): Float64Array => new Float64Array(labelled.length).fill(Number.NaN);
  const column = (index: number): Float64Array => Float64Array.from(labelled, ({ told }) => told?.[index] ?? Number.NaN);
  return [
    {
      task: name,
      kind: "number",
      unit,
      classNames: Array.from({ length: rangeCount }, (_, index) => `${edge(index)} to ${edge(index + 1)}`),
      count: labelled.length,
      faces: labelled.map(({ face }) => face),
      truth: Int32Array.from(truths, rangeOf),
      predicted: Int32Array.from(labelled, ({ told }) => (told === undefined ? -1 : rangeOf(told[0]!))),
      // A number has no probabilities.
      confidence: nothing(),
      logLoss: nothing(),
      brier: nothing(),
      byConfidence: new Int32Array(),
      years: { truth: Float64Array.from(truths), predicted: column(0), low: column(1), high: column(2) },
    },
  ];
}
