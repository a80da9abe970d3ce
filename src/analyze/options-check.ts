import type { LandmarkTemplate } from "../align/index.ts";
import {
  type AgeGroup,
  type BoundingBox,
  builtInTasks,
  type FaceLandmarks,
  isArrayBuffer,
  isTaskName,
  isTypedArray,
  isWebObject,
  landmarkNames,
  TensorFaceError,
} from "../core/index.ts";
import { decodeLimits, isRasterImage, refuseOtherPixels } from "../image/index.ts";
import {
  type AnalyzeAllOptions,
  type AnalyzeOptions,
  type CropOptions,
  type DetectorChoice,
  detectorChoices,
  type NodeAnalyzerOptions,
} from "./options.ts";

/**
 * The most of what is counted: beyond it somebody mistook the option, or the machine would be lost before an error tells. Each worker takes
 * 250 MB, and each thread of the engine a stack.
 */
export const optionLimits = { workers: 64, threads: 1024, concurrency: 1024 } as const;

/** The highest score that a detector gives a face: dlib's have no end. */
export function highestScore(detector: DetectorChoice | undefined): number | undefined {
  return detector === "dlib" ? undefined : 1;
}

/** Callers without types may give anything. @throws {TF_INVALID_ARGUMENT} naming the option, what it should be and what it is */
export function checkOptions(options: NodeAnalyzerOptions): void {
  expectObject("options", options);
  const { minFaceSize, minScore, models, detector, device, ageGroups, limits, onLoad } = options;
  const isLength = minFaceSize === undefined || (Number.isFinite(minFaceSize) && minFaceSize > 0);
  expect(isLength, "minFaceSize must be a number of pixels above 0", minFaceSize);
  const highest = highestScore(detector);
  const scores = highest === undefined ? "from 0 on" : `from 0 to ${highest}`;
  const isScore = minScore === undefined || (minScore >= 0 && minScore <= (highest ?? Number.MAX_VALUE));
  expect(isScore, `minScore must be a number ${scores}`, minScore);
  checkCount("maxFaces", options.maxFaces, { least: 1, most: Number.MAX_SAFE_INTEGER });
  checkCount("threads", options.threads, { least: 1, most: optionLimits.threads });
  checkCount("concurrency", options.concurrency, { least: 1, most: optionLimits.concurrency });
  checkCount("workers", options.workers, { least: 0, most: optionLimits.workers });
  for (const name of ["anyRotation", "flipAveraging"] as const) {
    const value = options[name];
    expect(value === undefined || typeof value === "boolean", `${name} must be true or false`, value);
  }
  checkTasks(options);
  const areModels = models === undefined || (Array.isArray(models) && models.every(isReference));
  expect(areModels, "models must be a list of ids, paths, or contents of model files", models);
  const isDetector = detector === undefined || detectorChoices.includes(detector);
  expect(isDetector, `detector must be one of ${detectorChoices.join(", ")}`, detector);
  expect(device === undefined || typeof device === "string", "device must be the name of a device", device);
  const { modelsFolder } = options;
  expect(modelsFolder === undefined || typeof modelsFolder === "string", "modelsFolder must be a path", modelsFolder);
  checkFunction("onLoad", onLoad);
  if (ageGroups !== undefined) checkAgeGroups(ageGroups);
  if (limits === undefined) return;
  expectObject("limits", limits);
  decodeLimits({ maxBytes: limits.maxBytes, maxPixels: limits.maxPixels });
}

/** The options, with the tasks by their own name alone: `heads` is that option's older one. */
export function withOneName<Options extends NodeAnalyzerOptions>({ heads, ...options }: Options): Omit<Options, "heads"> {
  return { ...options, tasks: options.tasks ?? heads };
}

function checkTasks({ tasks, heads }: NodeAnalyzerOptions): void {
  for (const [name, asked] of Object.entries({ tasks, heads }))
    expect(
      asked === undefined || (Array.isArray(asked) && asked.every((task) => typeof task === "string" && isTaskName(task))),
      `${name} must be a list of tasks: some of ${builtInTasks.join(", ")} and what the models tell`,
      asked,
    );
  const areOne = tasks === undefined || heads === undefined || tasks.toSorted().join() === heads.toSorted().join();
  expect(areOne, "tasks and its older name heads ask for different things: give one of them", { tasks, heads });
}

/** Likewise for one call. @throws {TF_INVALID_ARGUMENT} naming the option, what it should be and what it is */
export function checkCallOptions(options: AnalyzeOptions & AnalyzeAllOptions): void {
  expectObject("options", options);
  const { signal, source, onFaces, onProgress, near, facesOnly } = options;
  expect(signal === undefined || isSignal(signal), "signal must be an AbortSignal", signal);
  expect(source === undefined || typeof source === "string", "source must be a text", source);
  checkFunction("onFaces", onFaces);
  checkFunction("onProgress", onProgress);
  expect(near === undefined || (Array.isArray(near) && near.every(isBox)), "near must be a list of boxes { x, y, width, height }", near);
  expect(facesOnly === undefined || typeof facesOnly === "boolean", "facesOnly must be true or false", facesOnly);
}

function isBox(value: Partial<BoundingBox> | null): boolean {
  const { x, y, width = 0, height = 0 } = value ?? {};
  return [x, y, width, height].every(Number.isFinite) && width > 0 && height > 0;
}

/** What a crop is where nothing else is said, and the most that it may be: 4096 x 4096 pixels take 50 MB for each face. */
export const cropDefaults = { size: 224, margin: 0.25 } as const;
export const cropLimits = { size: 4096, margin: 10 } as const;

/** Likewise for crops. @throws {TF_INVALID_ARGUMENT} naming the option, what it should be and what it is */
export function checkCropping(image: unknown, options: CropOptions): void {
  refuseOtherPixels(image);
  expect(isRasterImage(image), "image must be pixels { width, height, data }", image);
  expectObject("options", options);
  const { size, template, margin, align } = options;
  checkCount("size", size, { least: 1, most: cropLimits.size });
  const isShare = margin === undefined || (margin >= 0 && margin <= cropLimits.margin);
  expect(isShare, `margin must be a number from 0 to ${cropLimits.margin}`, margin);
  expect(align === undefined || typeof align === "boolean", "align must be true or false", align);
  if (template === undefined) return;
  expect(hasLandmarks(template), "template must be { landmarks } with five points, as a head's manifest has it", template);
  const hasOthers = margin !== undefined || align === true;
  expect(!hasOthers, "template says where the face stands: leave margin and align out", { margin, align });
}

function hasLandmarks(template: Partial<LandmarkTemplate> | null): boolean {
  const landmarks: Partial<FaceLandmarks> = template?.landmarks ?? {};
  return landmarkNames.every((name) => Number.isFinite(landmarks[name]?.x) && Number.isFinite(landmarks[name]?.y));
}

/** By what it does and not its class: test runners give every file globals of its own. */
function isSignal(value: Partial<AbortSignal>): boolean {
  return typeof value === "object" && value !== null && typeof value.aborted === "boolean" && typeof value.addEventListener === "function";
}

function checkCount(name: string, value: number | undefined, { least, most }: { readonly least: number; readonly most: number }): void {
  const isCount = value === undefined || (Number.isSafeInteger(value) && value >= least && value <= most);
  const range = most === Number.MAX_SAFE_INTEGER ? "above 0" : `from ${least} to ${most}`;
  expect(isCount, `${name} must be a whole number ${range}`, value);
}

function checkFunction(name: string, value: unknown): void {
  expect(value === undefined || typeof value === "function", `${name} must be a function`, value);
}

function expectObject(name: string, value: object): void {
  expect(typeof value === "object" && value !== null && !Array.isArray(value), `${name} must be an object`, value);
}

function isReference(model: unknown): boolean {
  const isText = typeof model === "string" && model.trim() !== "";
  return isText || isWebObject(model, "URL") || isWebObject(model, "Blob") || isTypedArray(model, "Uint8Array") || isArrayBuffer(model);
}

function checkAgeGroups(groups: readonly AgeGroup[]): void {
  expect(
    Array.isArray(groups) && groups.length > 0 && groups.every(isAgeGroup),
    "ageGroups must be a list of one or more { name, low, high } whose low is at most their high",
    groups,
  );
  // Their probabilities are given by name: of two with one name, one would be lost.
  const names = groups.map(({ name }) => name);
  expect(new Set(names).size === names.length, "ageGroups must have names that differ", names);
}

function isAgeGroup(group: Partial<AgeGroup> | null): boolean {
  const { name, low, high } = group ?? {};
  return typeof name === "string" && typeof low === "number" && typeof high === "number" && low <= high;
}

function expect(holds: boolean, message: string, value: unknown): void {
  if (!holds) throw new TensorFaceError("TF_INVALID_ARGUMENT", `${message}, got ${described(value)}`);
}

/** JSON writes NaN as null, not at all what it does not know, and a whole picture where somebody mixed up the arguments. */
function described(value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (ArrayBuffer.isView(value)) return "bytes";
  const text = typeof value === "function" ? "a function" : JSON.stringify(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}

const longestValue = 200;
