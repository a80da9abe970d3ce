/** The words that every room shares. */
export {
  ageGroupProbabilities,
  ageInterval,
  expectedYears,
  intervalLevel,
  type IntervalTails,
  largestTail,
  massToReach,
  smallestIntervalMass,
} from "./age.ts";
export {
  type AgeConformal,
  type ClassesConformal,
  type Conformal,
  conformalRank,
  groupOfLabel,
  groupOfNumber,
  type LabelSet,
  type NumberConformal,
  type OrderedConformal,
  residualOffsets,
} from "./conformal.ts";
export { counted, nounFor } from "./counted.ts";
export {
  type ErrorCode,
  errorCatalogue,
  type ErrorReport,
  isPictureFault,
  isTensorFaceError,
  TensorFaceError,
  type TensorFaceErrorOptions,
  throwIfAborted,
  unreachable,
} from "./errors.ts";
export {
  type CountRange,
  describeValue,
  expectChoice,
  expectCount,
  expectObject,
  expectOptions,
  expectPath,
  expectSignal,
  expectThat,
  expectType,
  type OptionNames,
  whatWasMeant,
} from "./expect.ts";
export {
  type AffineTransform,
  type BoundingBox,
  clipBox,
  composeTransforms,
  type FaceLandmarks,
  identityTransform,
  intersectionOverUnion,
  invertTransform,
  landmarkNames,
  landmarksOf,
  mainFace,
  mapLandmarks,
  type Point,
  scaleBox,
  scaleLandmarks,
  transformPoint,
} from "./geometry.ts";
export {
  adienceAgeGroups,
  ageCount,
  type AgeGroup,
  ageGroupIndex,
  fairFaceAgeGroups,
  type Gender,
  genders,
  maximumAge,
  type Mood,
  moods,
} from "./labels.ts";
export {
  builtInLabels,
  type BuiltInTask,
  builtInTasks,
  foldLabel,
  labelIndex,
  isBuiltInTask,
  isTaskName,
  kindOfBuiltIn,
  maximumTaskName,
  spellAsId,
  type TaskDefinition,
  taskDefinitionProblem,
  type TaskKind,
  taskKinds,
} from "./tasks.ts";
export { loadAhead, type LoadedBatch } from "./load-ahead.ts";
export { argMax, scaleLogits, sigmoid, softmax, type VectorScaling } from "./probability.ts";
export { estimateRemaining, type ProgressListener, type ProgressUpdate } from "./progress.ts";
export { mapConcurrently } from "./map-concurrently.ts";
export { nearest } from "./nearest.ts";
export { createRandom, type Random, type RandomState, restoreRandom, shuffled } from "./random.ts";
export { elementCount, type ElementType, float32Tensor, type Float32Tensor, type Tensor, type TensorDataByType } from "./tensor.ts";
export { createTensorPool, type TensorPool } from "./tensor-pool.ts";
export { codeOf, isArrayBuffer, isError, isTypedArray, isWebObject, reasonOf } from "./realm.ts";
export { concatenateBytes } from "./bytes.ts";
export { createWaitingList, type WaitingList } from "./waiting-list.ts";
