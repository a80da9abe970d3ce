import type { LandmarkTemplate } from "../align/index.ts";
import {
  type AgeGroup,
  type BoundingBox,
  builtInTasks,
  expectChoice,
  expectCount,
  expectObject,
  expectOptions,
  expectSignal,
  expectThat,
  expectType,
  type FaceLandmarks,
  isArrayBuffer,
  isTaskName,
  isTypedArray,
  isWebObject,
  landmarkNames,
  type OptionNames,
} from "../core/index.ts";
import { decodeLimits, expectPixels } from "../image/index.ts";
import {
  type AnalyzeAllOptions,
  type AnalyzeOptions,
  cropOptionNames,
  type CropOptions,
  type DetectorChoice,
  detectorChoices,
  type NodeAnalyzerOptions,
  pictureLimitNames,
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
  expectThat(isLength, "minFaceSize must be a number of pixels above 0", minFaceSize);
  const highest = highestScore(detector);
  const scores = highest === undefined ? "from 0 on" : `from 0 to ${highest}`;
  const isScore = minScore === undefined || (minScore >= 0 && minScore <= (highest ?? Number.MAX_VALUE));
  expectThat(isScore, `minScore must be a number ${scores}`, minScore);
  expectCount("maxFaces", options.maxFaces, { least: 1 });
  expectCount("threads", options.threads, { least: 1, most: optionLimits.threads });
  expectCount("concurrency", options.concurrency, { least: 1, most: optionLimits.concurrency });
  expectCount("workers", options.workers, { least: 0, most: optionLimits.workers });
  for (const name of ["anyRotation", "flipAveraging"] as const) expectType(name, options[name], "boolean");
  checkTasks(options);
  const areModels = models === undefined || (Array.isArray(models) && models.every(isReference));
  expectThat(areModels, "models must be a list of ids, paths, or contents of model files", models);
  expectChoice("detector", detector, detectorChoices);
  expectThat(device === undefined || typeof device === "string", "device must be the name of a device", device);
  const { modelsFolder } = options;
  expectThat(modelsFolder === undefined || typeof modelsFolder === "string", "modelsFolder must be a path", modelsFolder);
  expectType("onLoad", onLoad, "function");
  if (ageGroups !== undefined) checkAgeGroups(ageGroups);
  if (limits === undefined) return;
  expectOptions(limits, pictureLimitNames, "limits");
  decodeLimits({ maxBytes: limits.maxBytes, maxPixels: limits.maxPixels });
}

/** The options, with the tasks by their own name alone: `heads` is that option's older one. */
export function withOneName<Options extends NodeAnalyzerOptions>({ heads, ...options }: Options): Omit<Options, "heads"> {
  return { ...options, tasks: options.tasks ?? heads };
}

function checkTasks({ tasks, heads }: NodeAnalyzerOptions): void {
  for (const [name, asked] of Object.entries({ tasks, heads }))
    expectThat(
      asked === undefined || (Array.isArray(asked) && asked.every((task) => typeof task === "string" && isTaskName(task))),
      `${name} must be a list of tasks: some of ${builtInTasks.join(", ")} and what the models tell`,
      asked,
    );
  const areOne = tasks === undefined || heads === undefined || tasks.toSorted().join() === heads.toSorted().join();
  expectThat(areOne, "tasks and its older name heads ask for different things: give one of them", { tasks, heads });
}

/** Likewise for one call. @throws {TF_INVALID_ARGUMENT} naming the option, what it should be and what it is */
export function checkCallOptions<Options extends AnalyzeOptions & AnalyzeAllOptions>(
  options: Options,
  names: OptionNames<NoInfer<Options>>,
): void {
  expectOptions(options, names);
  const { signal, source, onFaces, onProgress, near, facesOnly } = options;
  expectSignal(signal);
  expectType("source", source, "string");
  expectType("onFaces", onFaces, "function");
  expectType("onProgress", onProgress, "function");
  expectThat(
    near === undefined || (Array.isArray(near) && near.every(isBox)),
    "near must be a list of boxes { x, y, width, height }",
    near,
  );
  expectType("facesOnly", facesOnly, "boolean");
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
  expectPixels(image);
  expectOptions(options, cropOptionNames);
  const { template, margin, align } = options;
  checkCropSize(options);
  const isShare = margin === undefined || (margin >= 0 && margin <= cropLimits.margin);
  expectThat(isShare, `margin must be a number from 0 to ${cropLimits.margin}`, margin);
  expectType("align", align, "boolean");
  if (template === undefined) return;
  expectThat(hasLandmarks(template), "template must be { landmarks } with five points, as a head's manifest has it", template);
  const hasOthers = margin !== undefined || align === true;
  expectThat(!hasOthers, "template says where the face stands: leave margin and align out", { margin, align });
}

/** One number is a square's sides; a template may have a width and a height, as its head's input. */
function checkCropSize({ size, template }: CropOptions): void {
  const range = { least: 1, most: cropLimits.size };
  if (typeof size !== "object" || size === null) {
    expectCount("size", size, range);
    return;
  }
  const { width, height }: { readonly width: unknown; readonly height: unknown } = size;
  // A side that is left out has no default here.
  expectCount("size.width", width ?? Number.NaN, range);
  expectCount("size.height", height ?? Number.NaN, range);
  expectThat(template !== undefined || width === height, "a crop by the box is square: without a template size must be one number", size);
}

/** The faces of an analysis, or those that are given alone. @throws {TF_INVALID_ARGUMENT} when it is neither */
export function expectFaces<Face extends { readonly box: BoundingBox }>(
  analysis: readonly Face[] | { readonly faces: readonly Face[] },
): readonly Face[] {
  const isAnalysis = typeof analysis === "object" && analysis !== null && "faces" in analysis;
  const faces: readonly Face[] = isAnalysis ? analysis.faces : analysis;
  const areFaces = Array.isArray(faces) && faces.every(hasBox);
  expectThat(areFaces, "analysis must be an analysis or its faces, a list of { box }", analysis);
  return faces;
}

function hasBox(face: { readonly box?: Partial<BoundingBox> } | null): boolean {
  const { x, y, width, height } = face?.box ?? {};
  return [x, y, width, height].every(Number.isFinite);
}

function hasLandmarks(template: Partial<LandmarkTemplate> | null): boolean {
  const landmarks: Partial<FaceLandmarks> = template?.landmarks ?? {};
  return landmarkNames.every((name) => Number.isFinite(landmarks[name]?.x) && Number.isFinite(landmarks[name]?.y));
}

function isReference(model: unknown): boolean {
  const isText = typeof model === "string" && model.trim() !== "";
  return isText || isWebObject(model, "URL") || isWebObject(model, "Blob") || isTypedArray(model, "Uint8Array") || isArrayBuffer(model);
}

function checkAgeGroups(groups: readonly AgeGroup[]): void {
  expectThat(
    Array.isArray(groups) && groups.length > 0 && groups.every(isAgeGroup),
    "ageGroups must be a list of one or more { name, low, high } whose low is at most their high",
    groups,
  );
  // Their probabilities are given by name: of two with one name, one would be lost.
  const names = groups.map(({ name }) => name);
  expectThat(new Set(names).size === names.length, "ageGroups must have names that differ", names);
}

function isAgeGroup(group: Partial<AgeGroup> | null): boolean {
  const { name, low, high } = group ?? {};
  return typeof name === "string" && typeof low === "number" && typeof high === "number" && low <= high;
}
