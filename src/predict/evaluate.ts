import type { AnalyzerPlatform, DetectorChoice } from "../analyze/index.ts";
import { detectorOf, type LoadedNetworks, loadNetworks, type SelectedHead } from "../analyze/pipeline/index.ts";
import { ageShare, labelSet } from "../classify/index.ts";
import {
  builtInLabels,
  counted,
  type FaceLandmarks,
  isBuiltInTask,
  type ProgressListener,
  type TaskDefinition,
  type TaskKind,
  TensorFaceError,
} from "../core/index.ts";
import type { DatasetFormat, FormatOptions } from "../datasets/index.ts";
import { sourceNames } from "../datasets/import/index.ts";
import {
  type AgeGroupSet,
  type EvaluatedModel,
  evaluateModels,
  type EvaluationReport,
  type FaceCut,
  type FacePrediction,
  type ModelPredictions,
} from "../evaluate/index.ts";
import { pictureUrl } from "../datasets/report/pictures.node.ts";
import type { DecodedPicture, RasterImage } from "../image/index.ts";
import type { LocalFile } from "../image/input.node.ts";
import { type HeadManifest, knownPictures, seesFaces, taskOf } from "../models/index.ts";
import { datasetTemplates } from "./dataset-templates.ts";
import { drawFaces, type FailedPicture, type FaceSource, type LabelledPicture, openFaces } from "../datasets/labelled-faces.node.ts";
import { createCropPredictor, createPhotoPredictor } from "./predict.ts";
import { averagingNotes, conformalNotes, scalingNotes, unjudgedNotes, untoldNotes } from "./evaluation-notes.ts";
import { readAsTold } from "./own-tasks.ts";
import { openPredictionCache, type PredictionKey, type PredictionRow } from "./prediction-cache.ts";
import { type Predictions, runPredictions } from "./run.ts";
import { taughtCropOf } from "./taught-crop.ts";
import { chooseSystems, countRoles, faceRole, type FaceRole, isTrainedOn, joinRoles, splitRole, type System } from "./systems.ts";

/** What is evaluated, and how; the flags of the command, read. */
export interface EvaluationSettings {
  readonly data: string;
  readonly format: DatasetFormat | undefined;
  readonly split: string;
  readonly models: readonly string[];
  /** @default "crop"; "photo" where a model was taught on photographs */
  readonly path: "crop" | "photo" | undefined;
  readonly limit: number | undefined;
  readonly seed: number;
  readonly replicates: number | undefined;
  readonly ageGroups: AgeGroupSet | undefined;
  readonly detector: DetectorChoice;
  readonly device: string | undefined;
  /** Absent: as each head's manifest says. */
  readonly flipAveraging: boolean | undefined;
  readonly fitTemperature: boolean;
  readonly fitScaling: boolean;
  /** File in which predictions are kept. */
  readonly predictions: string | undefined;
  readonly formatOptions: FormatOptions;
  /** So many of the most confident mistakes of each task are listed. @default 0 */
  readonly mistakes?: number | undefined;
  /** Judge by the labels after the applied decisions. @default false */
  readonly cleaned?: boolean | undefined;
}

/** What an evaluation needs of the platform. */
export interface EvaluationPlatform extends Pick<AnalyzerPlatform<unknown>, "runtime" | "models" | "resize"> {
  /** @param detector that looks for faces in it: dlib's sees every pixel, the others large pictures smaller */
  readonly decode: (picture: LocalFile | RasterImage, detector: DetectorChoice) => Promise<DecodedPicture>;
  /** The time that the report states. */
  readonly now: () => Date;
  readonly version: string;
}

export interface EvaluationControl {
  readonly onProgress: ProgressListener;
  readonly stopping: AbortSignal;
  readonly now: AbortSignal;
}

export interface EvaluationOutcome {
  /** Absent when the run was stopped before every face was reached. */
  readonly report: EvaluationReport | undefined;
  readonly predictions: Predictions;
  /** Reads small pictures of the report's mistakes, as data URLs by the face's id; of faces that cannot be read there is none. */
  readonly readPictures: () => Promise<ReadonlyMap<string, string>>;
}

/**
 * Runs heads over a labelled split and reports how good they are.
 * @throws {TF_INVALID_ARGUMENT} when a fit is asked for and nothing that is told can be fitted
 * @throws {TF_DATASET_INVALID} when none of the pictures can be read
 * @throws the codes of the dataset's importer, of the registry and of the runtime
 */
export async function evaluateSource(
  settings: EvaluationSettings,
  platform: EvaluationPlatform,
  control: EvaluationControl,
): Promise<EvaluationOutcome> {
  const systems = chooseSystems(await platform.models.manifests(), settings.models);
  expectFits(settings, toldTasks(systems));
  expectSameLabels(systems);
  const settled = { ...settings, path: settings.path ?? usualPath(systems) };
  const { predictions, ...evaluated } = await predictSource(settled, platform, control);
  if (!predictions.isComplete) return { report: undefined, predictions, readPictures: async () => new Map() };
  const reported = reportOn(evaluated, predictions, settled, platform);
  return { report: reported, predictions, readPictures: () => readPictures(reported, evaluated.faces) };
}

/** A picture is the crop, unless somebody has taught a model on whole photographs. */
function usualPath(systems: readonly System[]): "crop" | "photo" {
  const crops = systems.flatMap(({ heads }) => heads.map(({ manifest }) => taughtCropOf(manifest)?.kind));
  return crops.includes("face") ? "photo" : "crop";
}

/** The same, with the path that was chosen. */
interface SettledSettings extends EvaluationSettings {
  readonly path: "crop" | "photo";
}

/** What is needed to run heads over a split. */
export type PredictionSettings = Pick<
  SettledSettings,
  | "data"
  | "format"
  | "formatOptions"
  | "split"
  | "cleaned"
  | "models"
  | "path"
  | "limit"
  | "seed"
  | "detector"
  | "device"
  | "flipAveraging"
  | "predictions"
>;

/** A split, and what heads said of it. */
export interface PredictedSource {
  readonly source: FaceSource;
  readonly faces: readonly LabelledPicture[];
  readonly systems: readonly System[];
  /** The id of the network that finds faces. */
  readonly detector: string;
  readonly predictions: Predictions;
}

/**
 * Runs heads over a labelled split.
 * @throws {TF_DATASET_INVALID} when none of the pictures can be read
 * @throws the codes of the dataset's importer, of the registry and of the runtime
 */
export async function predictSource(
  settings: PredictionSettings,
  platform: EvaluationPlatform,
  control: EvaluationControl,
): Promise<PredictedSource> {
  const systems = chooseSystems(await platform.models.manifests(), settings.models);
  const reading = { signal: control.stopping, onProgress: control.onProgress };
  const outputs = systems.flatMap(({ heads }) => heads.flatMap(({ manifest }) => manifest.outputs));
  const source = await openFaces(settings.data, { ...settings, ...(await readAsTold(settings, outputs)), ...reading });
  const faces = drawFaces(source.faces, settings.limit, settings.seed);
  const loaded: LoadedNetworks[] = [];
  try {
    for (const system of systems) loaded.push(await loadNetworks(platform, loadOptions(system, settings)));
    const templates = templatesOf(faces, source.format);
    const said = await predictFaces({ faces, templates }, loaded, settings, platform, control);
    const [unread] = said.failed;
    if (unread !== undefined && said.isComplete && said.rows.size === 0) throw noneRead(faces.length, unread);
    const predictions = { ...said, failed: [...source.failed, ...said.failed] };
    return { source, faces, systems, detector: loaded[0]!.ids[0]!, predictions };
  } finally {
    await Promise.all(loaded.map((networks) => networks.dispose()));
  }
}

function noneRead(count: number, { message }: FailedPicture): TensorFaceError {
  return new TensorFaceError("TF_DATASET_INVALID", `none of the ${counted(count, "picture")} can be read; of the first: ${message}`, {
    hint: "Bring the pictures back to where they were when they were imported, or import them again from where they are.",
  });
}

/** Longer side of a small picture, in pixels: as they are shown on a screen of double density. */
const pictureSide = 160;
const readAtOnce = 16;

async function readPictures(report: EvaluationReport, faces: readonly LabelledPicture[]): Promise<Map<string, string>> {
  const reports = [report, ...report.others].flatMap(({ tasks }) => Object.values(tasks));
  const wanted = new Set(reports.flatMap((task) => (task?.mistakes ?? []).map(({ id }) => id)));
  const shown = faces.filter(({ id }) => wanted.has(id));
  const pictures = new Map<string, string>();
  for (let start = 0; start < shown.length; start += readAtOnce) {
    const batch = shown.slice(start, start + readAtOnce);
    const urls = await Promise.all(batch.map(({ picture }) => pictureUrl(picture, pictureSide)));
    for (const [index, url] of urls.entries()) if (url !== undefined) pictures.set(batch[index]!.id, url);
  }
  return pictures;
}

function loadOptions({ heads }: System, { detector, device }: PredictionSettings) {
  return { models: heads.map(({ manifest }) => manifest.id), tasks: heads.flatMap(({ tasks }) => tasks), detector, device };
}

type Templates = Readonly<Record<string, FaceLandmarks>>;

/** The landmarks of the faces' crops by the dataset's name, which may be another than its published one. */
function templatesOf(faces: readonly LabelledPicture[], format: string): Templates {
  const names = [...new Set(faces.map(({ source }) => source))];
  return Object.fromEntries(
    names.flatMap((name) => {
      const template = sourceNames(name, format).flatMap((known) => datasetTemplates[known] ?? [])[0];
      return template === undefined ? [] : [[name, template]];
    }),
  );
}

async function predictFaces(
  { faces, templates }: { readonly faces: readonly LabelledPicture[]; readonly templates: Templates },
  loaded: readonly LoadedNetworks[],
  settings: PredictionSettings,
  { decode }: EvaluationPlatform,
  control: EvaluationControl,
): Promise<Predictions> {
  const { path, flipAveraging } = settings;
  const heads = [...new Map(loaded.flatMap(({ heads }) => heads).map((head) => [head.manifest.id, head])).values()];
  const predict =
    path === "crop"
      ? createCropPredictor(heads, { flipAveraging, templates })
      : createPhotoPredictor(heads, { detector: detectorOf(loaded[0]!), choice: settings.detector }, flipAveraging);
  const cache =
    settings.predictions === undefined
      ? undefined
      : await openPredictionCache(settings.predictions, predictionKey(heads, loaded[0]!.ids[0]!, settings));
  return runPredictions(faces, { decode: (picture) => decode(picture, settings.detector), predict, cache, ...control });
}

function predictionKey(heads: readonly SelectedHead[], detector: string, { path, flipAveraging }: PredictionSettings): PredictionKey {
  // What a manifest says of pictures stands in no network's file, so that its hash does not tell it.
  const networks = heads.map(({ manifest }) => ({
    id: manifest.id,
    sha256: manifest.sha256,
    input: manifest.input,
    sees: manifest.sees,
    fit: manifest.fit,
    outputs: manifest.outputs,
    template: manifest.template,
    taughtAt: taughtCropOf(manifest)?.landmarks,
    flipAveraging: flipAveraging ?? manifest.flipAveraging ?? false,
  }));
  return { path, ...(path === "photo" ? { detector } : {}), heads: networks };
}

function reportOn(
  { source, faces, systems, detector }: Omit<PredictedSource, "predictions">,
  { rows, failed }: Predictions,
  settings: SettledSettings,
  { now, version }: EvaluationPlatform,
): EvaluationReport {
  const { split, path, limit, seed, replicates, ageGroups, fitTemperature, fitScaling, mistakes } = settings;
  const evaluated = faces.filter(({ id }) => rows.has(id));
  const rolesOf = createRoles(evaluated, source);
  const placed = placesOf(evaluated, source.format, systems);
  const own = ownTasks(systems);
  const models = systems.map((system): ModelPredictions => ({
    model: describeSystem(system, path === "photo" ? detector : undefined),
    role: joinRoles(system.heads.map(({ manifest }) => splitRole(rolesOf(manifest)))),
    predictions: evaluated.map((face) => toPrediction(face, rows.get(face.id)!, system, own)),
    told: labelsTold(system),
  }));
  const sampled = faces.length < source.faces.length;
  const data = {
    name: source.title,
    format: source.format,
    split,
    available: source.faces.length,
    ...(sampled && limit !== undefined ? { sample: { limit, seed } } : {}),
    path,
    cuts: countCuts(evaluated, rows, placed, path),
    rejected: { ...source.rejected, ...(failed.length > 0 ? { "failed-picture": failed.length } : {}) },
    notes: [
      ...notesOf(source),
      ...(path === "photo" ? [] : cropNotes(evaluated, placed)),
      ...cleaningNotes(source.cleaning),
      ...roleNotes(systems, rolesOf, source.manifestSha256),
      ...unjudgedNotes(evaluated, own),
      ...untoldNotes(evaluated, systems, fitTemperature || fitScaling),
      ...averagingNotes(systems, settings.flipAveraging),
      ...conformalNotes(systems),
      ...(settings.fitScaling ? scalingNotes(systems) : []),
      ...unfittedNotes(settings, toldTasks(systems)),
    ],
  };
  const options = { replicates, seed, ageGroups, fitTemperature, fitScaling, mistakes, tasks: own };
  return evaluateModels(models, data, { created: now().toISOString(), version }, options);
}

/** The labels of the tasks that a system is asked for. */
function labelsTold({ heads }: System): Record<string, readonly string[]> {
  const outputs = heads.flatMap(({ manifest, tasks }) => manifest.outputs.filter(({ task }) => tasks.includes(task)));
  return Object.fromEntries(outputs.map(({ task, labels }) => [task, labels]));
}

/** What the systems tell beside the built-in tasks; of two that tell one task, as the first does. */
function ownTasks(systems: readonly System[]): TaskDefinition[] {
  const outputs = systems.flatMap(({ heads }) => heads.flatMap(({ manifest }) => manifest.outputs));
  const own = outputs.filter(({ task }) => !isBuiltInTask(task));
  return own.filter(({ task }, index) => own.findIndex((other) => other.task === task) === index).map((output) => taskOf(output));
}

/** Models that tell apart other things cannot be judged side by side. @throws {TF_INVALID_ARGUMENT} */
function expectSameLabels(systems: readonly System[]): void {
  const sorted = (labels: readonly string[]): string => labels.toSorted().join(", ");
  const heads = systems.flatMap((system) => system.heads.map(({ manifest }) => manifest));
  for (const { name, labels } of ownTasks(systems)) {
    if (labels === undefined) continue;
    const other = heads.find(({ outputs }) => outputs.some((output) => output.task === name && sorted(output.labels) !== sorted(labels)));
    if (other === undefined) continue;
    const told = other.outputs.find(({ task }) => task === name)!.labels;
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `the models tell other things of ${name}: ${labels.join(", ")}; "${other.id}" ${told.join(", ")}`,
      {
        hint: "Models of one task are compared where their labels are the same. Evaluate them one by one.",
      },
    );
  }
}

/** Everything that the systems tell, each task once. */
function toldTasks(systems: readonly System[]): TaskDefinition[] {
  const told = systems.flatMap(({ heads }) =>
    heads.flatMap(({ manifest, tasks }) => manifest.outputs.filter(({ task }) => tasks.includes(task)).map((output) => taskOf(output))),
  );
  return told.filter(({ name }, index) => told.findIndex((other) => other.name === name) === index);
}

type Fits = Pick<EvaluationSettings, "fitTemperature" | "fitScaling">;

/** What of the fits that are asked for there is not, and why. */
function unfittedNotes({ fitTemperature, fitScaling }: Fits, told: readonly TaskDefinition[]): string[] {
  const names = (wanted: TaskKind): string =>
    told
      .filter(({ kind }) => kind === wanted)
      .map(({ name }) => name)
      .join(", ");
  const [numbers, ages] = [names("number"), names("age")];
  return [
    ...((fitTemperature || fitScaling) && numbers !== ""
      ? [`nothing is fitted for ${numbers}: a number has no probabilities; \`tensorface calibrate\` fits its range`]
      : []),
    ...(fitScaling && ages !== "" ? [`no scaling is fitted for ${ages}, whose years are ordered; a temperature is`] : []),
  ];
}

/** Before hours of work of which nothing would come. @throws {TF_INVALID_ARGUMENT} */
function expectFits(fits: Fits, told: readonly TaskDefinition[]): void {
  const canFit = ({ kind }: TaskDefinition): boolean => kind !== "number" && (fits.fitTemperature || kind !== "age");
  const notes = unfittedNotes(fits, told);
  if (notes.length > 0 && !told.some(canFit)) throw new TensorFaceError("TF_INVALID_ARGUMENT", notes.join("; "));
}

function describeSystem({ heads }: System, detector: string | undefined): EvaluatedModel {
  return {
    id: heads.map(({ manifest }) => manifest.id).join(" + "),
    heads: heads.map(({ manifest: { id, title, sha256, bytes, provenance, sees }, tasks }) => ({
      id,
      title,
      tasks: [...tasks],
      sha256,
      bytes,
      licence: provenance.licence,
      ...(sees === "picture" ? { sees } : {}),
    })),
    ...(detector === undefined ? {} : { detector }),
  };
}

/** The choices that change numbers and stand nowhere else in the report, and what was mended in the source. */
function notesOf({ format, formatOptions: { labels, frontal }, notes }: FaceSource): string[] {
  const labelled = format === "adience" ? [`Adience labels: ${labels ?? "strict"}${frontal === true ? ", frontal faces" : ""}`] : [];
  return [...labelled, ...notes];
}

/**
 * How it is known where faces stand in a dataset's crops: the dataset is, or each head tells it of those that it was taught on; heads for
 * whole pictures need not know.
 */
type Placed = (source: string) => "dataset" | "taught" | "not needed" | undefined;

function placesOf(faces: readonly LabelledPicture[], format: string, systems: readonly System[]): Placed {
  const known = templatesOf(faces, format);
  const heads = systems.flatMap((system) => system.heads.map(({ manifest }) => manifest)).filter((manifest) => seesFaces(manifest));
  if (heads.length === 0) return () => "not needed";
  const areTaught = heads.every((manifest) => taughtCropOf(manifest)?.landmarks !== undefined);
  return (source) => (Object.hasOwn(known, source) ? "dataset" : areTaught ? "taught" : undefined);
}

/** How the faces were cut, by dataset, the commonest first. */
function countCuts(
  faces: readonly LabelledPicture[],
  rows: Predictions["rows"],
  placed: Placed,
  path: SettledSettings["path"],
): NonNullable<EvaluationReport["data"]["cuts"]> {
  const cutOf = ({ id, source }: LabelledPicture): FaceCut => {
    if (path === "photo") return rows.get(id)?.found === true ? "detected" : "not found";
    return ["dataset", "taught"].includes(placed(source) ?? "") ? "landmarks" : "whole picture";
  };
  return [...Map.groupBy(faces, ({ source }) => source)].flatMap(([source, own]) =>
    [...Map.groupBy(own, cutOf)].map(([cut, members]) => ({ source, cut, n: members.length })).sort((a, b) => b.n - a.n),
  );
}

/** Crops that cannot be brought to a head's own: their numbers may be far from those of use. */
function cropNotes(faces: readonly LabelledPicture[], placed: Placed): string[] {
  const places = new Set(faces.map(({ source }) => placed(source)));
  return [
    ...(places.has(undefined)
      ? ["where faces stand in these pictures is not known: each picture was taken for the crop that a head was trained on"]
      : []),
    ...(places.has("taught") ? ["faces were looked for where they stood in the pictures that the model was taught on"] : []),
  ];
}

/** What each face was to a head, in the order of the faces. */
export function createRoles(
  faces: readonly LabelledPicture[],
  { format, manifestSha256 }: FaceSource,
): (manifest: HeadManifest) => readonly FaceRole[] {
  const origins = faces.map(({ source, split, officialSplit, sha256 }) => ({
    sha256,
    sources: sourceNames(source, format),
    split,
    officialSplit,
    manifestSha256,
  }));
  return (manifest) => {
    const known = knownPictures(manifest);
    return origins.map((origin) => known?.(origin.sha256) ?? faceRole(manifest, origin));
  };
}

/** What is known where the records are those of the training, and where only the names of their parts are the same. */
const roleWords: Readonly<Record<FaceRole, { readonly records: string; readonly parts: string }>> = {
  training: { records: "trained it", parts: "stand in parts that trained it" },
  selection: { records: "chose it", parts: "stand in parts that chose it" },
  "held out": { records: "it has not seen", parts: "in parts that it has not seen" },
  unknown: { records: "it may have seen", parts: "it may have seen" },
};

/**
 * What the faces were to heads that know some of them. Names of parts tell nothing of single pictures: another copy of a dataset may have
 * faces that no model has had. Only where the manifest has the hash of these very records is it known.
 */
function roleNotes(systems: readonly System[], rolesOf: ReturnType<typeof createRoles>, manifestSha256: string | undefined): string[] {
  const manifests = new Map(systems.flatMap(({ heads }) => heads.map(({ manifest }) => [manifest.id, manifest])));
  return [...manifests].flatMap(([id, manifest]) => {
    const counts = countRoles(rolesOf(manifest));
    if (knownPictures(manifest) !== undefined) return [pictureNote(id, new Map(counts))];
    if (!counts.some(([role]) => role === "training" || role === "selection")) return [];
    const known = isTrainedOn(manifest, manifestSha256) ? "records" : "parts";
    const words = counts.map(([role, n]) => `${n} ${roleWords[role][known]}`).join(", ");
    return [`of these faces, for ${id}: ${words}${known === "records" ? "" : "; whether it had these very pictures is not recorded"}`];
  });
}

/** Of a model that lists its pictures: how many of these they are. A picture that was saved anew has another hash, and is not recognised. */
function pictureNote(id: string, counts: ReadonlyMap<FaceRole, number>): string {
  const [learnt = 0, chose = 0, apart = 0, others = 0] = (["training", "selection", "held out", "unknown"] as const).map((role) =>
    counts.get(role),
  );
  const all = `of these ${counted(learnt + chose + apart + others, "picture")}`;
  const unless = others === 0 ? "" : ", unless as changed copies, which are not recognised";
  return [
    learnt === 0 ? `${id} learnt from none ${all}${unless}` : `${id} learnt from ${learnt} ${all}, so that the numbers flatter it`,
    ...(chose === 0 ? [] : [`${chose} chose it`]),
    ...(apart === 0 ? [] : [`${counted(apart, "was", "were")} kept apart from it`]),
    ...(learnt === 0 || others === 0 ? [] : [`from ${others} it did not${unless}`]),
  ].join("; ");
}

function cleaningNotes(cleaning: FaceSource["cleaning"]): string[] {
  if (cleaning === undefined) return [];
  return [
    `labels as cleaned, not as published: in the whole dataset ${counted(cleaning.dropped, "face")} dropped, ${cleaning.relabelled} relabelled`,
  ];
}

/**
 * A face with what its system says of it.
 * @param tasks whose labels are in another order than the system's own heads have them; absent where there is one system alone
 */
// eslint-disable-next-line max-params -- the face, what was said, by whom, and in which order
export function toPrediction(
  face: LabelledPicture,
  { found, attributes, answers, tails }: PredictionRow,
  { heads }: System,
  tasks: readonly TaskDefinition[] = [],
): FacePrediction {
  const told = heads.flatMap(({ manifest, tasks: asked }) =>
    asked.flatMap((task) => {
      const numbers = answers[manifest.id]?.[task];
      return numbers === undefined ? [] : [{ task, numbers, labels: manifest.outputs.find((output) => output.task === task)!.labels }];
    }),
  );
  const own = Object.fromEntries(told.map(({ task, numbers }) => [task, numbers]));
  const labelsOf = (task: string): readonly string[] | undefined => tasks.find(({ name }) => name === task)?.labels;
  return {
    id: face.id,
    labels: face.labels,
    ...(face.subjectId === undefined ? {} : { subjectId: face.subjectId }),
    ...(face.fold === undefined ? {} : { fold: face.fold }),
    found,
    probabilities: Object.fromEntries(told.map(({ task, numbers, labels }) => [task, inOrder(numbers, labelsOf(task), labels)])),
    ...levelsOf(heads),
    ...intervalOf(heads, own["age"], tails),
    ...setsOf(heads, own),
    attributes,
  };
}

/** Numbers a label in the order of the task's labels, where the head that tells it has them in another. */
function inOrder(numbers: readonly number[], labels: readonly string[] | undefined, own: readonly string[]): number[] {
  return labels === undefined ? [...numbers] : labels.map((label) => numbers[own.indexOf(label)]!);
}

/** What the intervals of calibrated heads are to hold, by task; nothing where there are none. */
function levelsOf(heads: System["heads"]): Pick<FacePrediction, "intervalLevels"> {
  const levels = heads.flatMap(({ manifest, tasks }) =>
    manifest.outputs.flatMap(({ task, conformal }) =>
      tasks.includes(task) && (conformal?.kind === "age" || conformal?.kind === "number") ? [[task, conformal.level] as const] : [],
    ),
  );
  return levels.length === 0 ? {} : { intervalLevels: Object.fromEntries(levels) };
}

/** What the interval of the head that tells an age takes of it, or leaves out of it. */
function intervalOf(
  heads: System["heads"],
  distribution: readonly number[] | undefined,
  tails: PredictionRow["tails"],
): Pick<FacePrediction, "intervalMass" | "intervalTails"> {
  const head = heads.find(({ tasks }) => tasks.includes("age"))?.manifest;
  const age = head?.outputs.find(({ task }) => task === "age");
  if (head === undefined || age === undefined || distribution === undefined) return {};
  const { share } = ageShare(age, Float64Array.from(distribution), tails?.[head.id]);
  if (share === undefined) return {};
  return typeof share === "number" ? { intervalMass: share } : { intervalTails: share };
}

/** What calibrated heads keep, by task; nothing where there are none. */
function setsOf(heads: System["heads"], probabilities: FacePrediction["probabilities"]): { readonly sets?: Record<string, string[]> } {
  const sets = heads.flatMap(({ manifest, tasks }) =>
    manifest.outputs.flatMap(({ task, labels, conformal }) => {
      const told = tasks.includes(task) ? probabilities[task] : undefined;
      // Built-in labels stand in the product's order here.
      const words = task === "gender" || task === "mood" ? builtInLabels[task] : labels;
      const set = told && labelSet(Float64Array.from(told), words, conformal);
      return set === undefined ? [] : [[task, [...set.labels]] satisfies [string, string[]]];
    }),
  );
  return sets.length === 0 ? {} : { sets: Object.fromEntries(sets) };
}
