import { builtInLabels, type Conformal, counted, labelIndex, nounFor, type TaskDefinition, TensorFaceError } from "../core/index.ts";
import { type ConformalFit, type FacePrediction, fitConformal } from "../evaluate/index.ts";
import { type HeadManifest, type HeadOutput, outputKind, taskOf } from "../models/index.ts";
import {
  createRoles,
  type EvaluationControl,
  type EvaluationPlatform,
  type PredictedSource,
  predictSource,
  type PredictionSettings,
  toPrediction,
} from "./evaluate.ts";
import { readAsTold } from "./own-tasks.ts";
import { countRoles } from "./systems.ts";

/** What is calibrated on which faces; the flags of the command, read. */
export interface CalibrationSettings extends Omit<PredictionSettings, "models"> {
  /** The id of the head, or of one that the platform has opened. */
  readonly model: string;
  /** Only these tasks. @default all that the data has labels for */
  readonly tasks?: readonly string[] | undefined;
  /** See {@link FitConformalOptions}. */
  readonly level?: number | undefined;
}

/** What was fitted for one task. */
export interface TaskCalibration extends ConformalFit {
  readonly task: TaskDefinition;
}

export interface CalibrationOutcome {
  /** The model with what was fitted in it; absent when the run was stopped before every face was reached. */
  readonly manifest: HeadManifest | undefined;
  readonly tasks: readonly TaskCalibration[];
  /** Faces that were asked about, and those that were found. */
  readonly faces: number;
  readonly found: number;
  readonly failed: PredictedSource["predictions"]["failed"];
  /** What limits the promise. */
  readonly notes: readonly string[];
}

/**
 * Runs a head over labelled faces and fits intervals and sets that hold the true answer of further faces like these.
 * @throws {TF_EXAMPLES_FEW} when the faces have too few labels, or none, of what the head tells
 * @throws the codes of the dataset's importer, of the registry and of the runtime
 */
export async function calibrateSource(
  { model, tasks, level, ...settings }: CalibrationSettings,
  platform: EvaluationPlatform,
  control: EvaluationControl,
): Promise<CalibrationOutcome> {
  const known = await platform.models.manifests();
  const head = known.find((manifest) => manifest.id === model);
  if (head?.kind !== "head") throw new TensorFaceError("TF_MODEL_NOT_FOUND", `no head "${model}" is installed`);
  const outputs = chooseOutputs(head, tasks);
  const reading = await readAsTold(settings, outputs);
  const predicted = await predictSource({ ...settings, ...reading, models: [model] }, platform, control);
  const { predictions, faces, source, systems } = predicted;
  const { rows, failed, isComplete } = predictions;
  const said = faces.flatMap((face) => {
    const row = rows.get(face.id);
    return row === undefined ? [] : [toPrediction(face, row, systems[0]!)];
  });
  const found = said.filter((face) => face.found);
  const notes = [...notesOf(head, predicted), ...outputs.flatMap((output) => untoldNotes(found, output))];
  const outcome = { faces: faces.length, found: found.length, failed, notes };
  if (!isComplete) return { ...outcome, manifest: undefined, tasks: [] };
  const options = { level, source: `${source.title}, ${settings.split}, ${settings.path}` };
  const fitted = outputs.flatMap((output) => {
    const task = taskInOrder(output);
    const told = found.filter((face) => untoldLabel(face, output) === undefined);
    const fit = fitConformal(told, task, options);
    return fit === undefined ? [] : [{ task, ...fit, conformal: withLabelsOf(fit.conformal, output) }];
  });
  if (fitted.length === 0) {
    const names = outputs.map(({ task }) => task).join(", ");
    throw new TensorFaceError("TF_EXAMPLES_FEW", `no found face has a label of what "${model}" tells (${names})`, {
      hint: "Exact ages, numbers, classes and ordered groups can be calibrated; age groups and tags cannot. With aligned crops use --path crop.",
    });
  }
  return { ...outcome, manifest: withConformal(head, fitted), tasks: fitted };
}

function chooseOutputs({ id, outputs }: HeadManifest, tasks: readonly string[] | undefined): readonly HeadOutput[] {
  const unknown = tasks?.find((name) => !outputs.some(({ task }) => task === name));
  if (unknown !== undefined) {
    const names = outputs.map(({ task }) => task).join(", ");
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `model "${id}" does not tell "${unknown}"; it tells ${names}`);
  }
  return outputs.filter(({ task }) => tasks?.includes(task) ?? true);
}

/** The label of a face where the head tells classes, and not this one: a set of all of them would not hold it. */
function untoldLabel({ labels }: FacePrediction, output: HeadOutput): string | undefined {
  const { task } = output;
  const label = task === "gender" || task === "mood" ? labels[task] : labels.attributes?.[task];
  const isOfClasses = ["classes", "ordered"].includes(outputKind(output));
  return isOfClasses && typeof label === "string" && labelIndex(output.labels, label) < 0 ? label : undefined;
}

function untoldNotes(faces: readonly FacePrediction[], output: HeadOutput): string[] {
  const untold = faces.flatMap((face) => untoldLabel(face, output) ?? []);
  if (untold.length === 0) return [];
  const words = [...new Set(untold)].toSorted().join(", ");
  return [
    `${counted(untold.length, "face has", "faces have")} another label of ${output.task} than the model tells (${words}): of such nothing is held`,
  ];
}

/** A task with its labels in the order of predictions, which for built-in tasks is the product's. */
function taskInOrder(output: HeadOutput): TaskDefinition {
  const task = taskOf(output);
  return task.name === "gender" || task.name === "mood" ? { ...task, labels: builtInLabels[task.name] } : task;
}

/** Groups of the labels that the head has: it never tells another one. */
function withLabelsOf(conformal: Conformal, { labels }: HeadOutput): Conformal {
  const ofHead = <Group extends { readonly labels: readonly string[] }>(groups: readonly Group[]): Group[] =>
    groups
      .map((group) => ({ ...group, labels: group.labels.filter((label) => labels.includes(label)) }))
      .filter((group) => group.labels.length > 0);
  if (conformal.kind === "classes") return { ...conformal, groups: ofHead(conformal.groups) };
  if (conformal.kind === "ordered") return { ...conformal, groups: ofHead(conformal.groups) };
  return conformal;
}

function withConformal(head: HeadManifest, fitted: readonly TaskCalibration[]): HeadManifest {
  const found = new Map(fitted.map(({ task, conformal }) => [task.name, conformal]));
  return {
    ...head,
    outputs: head.outputs.map((output) => {
      const conformal = found.get(output.task);
      return conformal === undefined ? output : { ...output, conformal };
    }),
  };
}

function notesOf(head: HeadManifest, { source, faces, predictions: { rows } }: PredictedSource): string[] {
  const counts = countRoles(createRoles(faces, source)(head));
  const trained = counts.find(([role]) => role === "training")?.[1] ?? 0;
  const subjects = new Set(faces.map(({ id, subjectId }) => subjectId ?? id)).size;
  const missing = faces.filter(({ id }) => rows.get(id)?.found === false).length;
  const tags = head.outputs.filter((output) => outputKind(output) === "tags").map(({ task }) => task);
  return [
    ...source.notes,
    ...(trained > 0
      ? [
          `${trained} of these faces ${nounFor(trained, "stands", "stand")} in parts that trained the model, which knows them: of others less will be held`,
        ]
      : []),
    ...(subjects < faces.length
      ? [
          `${counted(subjects, "person", "people")} in ${counted(faces.length, "face")}: what is promised is true of faces, less surely of new people`,
        ]
      : []),
    ...(missing > 0 ? [`${counted(missing, "face was not found and promises", "faces were not found and promise")} nothing`] : []),
    ...(tags.length > 0 ? [`tags have no set: ${tags.join(", ")}`] : []),
  ];
}
