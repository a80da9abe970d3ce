import type { OptionNames, ProgressListener } from "../core/index.ts";
import type { CropChoice } from "../retrain/decide-crop.node.ts";

/** The two ways in which the script's generations part pictures and name their bottleneck files. */
export const generations = ["2016", "2017"] as const;
/** A generation of the script: the first one, or the one with `--architecture`. */
export type Generation = (typeof generations)[number];

/** The script's options under its own names in this library's spelling. */
export interface ClassicOptions {
  /** ONNX file of the whole network. @default `output_graph.onnx` under the temporary folder */
  readonly outputGraph?: string | undefined;
  /** One label a line. @default `output_labels.txt` under the temporary folder */
  readonly outputLabels?: string | undefined;
  /** @default `intermediate_graph` under the temporary folder */
  readonly intermediateOutputGraphsDir?: string | undefined;
  /** Steps between two intermediate networks; 0 keeps none. @default 0 */
  readonly intermediateStoreFrequency?: number | undefined;
  /** Event files for TensorBoard; emptied at the start. @default `retrain_logs` under the temporary folder */
  readonly summariesDir?: string | undefined;
  /** @default 4000 */
  readonly howManyTrainingSteps?: number | undefined;
  /** @default 0.01 */
  readonly learningRate?: number | undefined;
  /** Percent of the pictures. @default 10 */
  readonly testingPercentage?: number | undefined;
  /** Percent of the pictures. @default 10 */
  readonly validationPercentage?: number | undefined;
  /** Steps between two lines of numbers. @default 10 */
  readonly evalStepInterval?: number | undefined;
  /** @default 100 */
  readonly trainBatchSize?: number | undefined;
  /** -1 takes every test picture once. @default -1; 500 in the generation of 2016 */
  readonly testBatchSize?: number | undefined;
  /** -1 takes every validation picture once. @default 100 */
  readonly validationBatchSize?: number | undefined;
  /** Names each test picture that was told wrong. @default false */
  readonly printMisclassifiedTestImages?: boolean | undefined;
  /** Where `classify_image_graph_def.pb` lies, if anywhere. @default `imagenet` under the temporary folder */
  readonly modelDir?: string | undefined;
  /** Features of the pictures, a text file each. @default `bottleneck` under the temporary folder */
  readonly bottleneckDir?: string | undefined;
  /** @default "final_result" */
  readonly finalTensorName?: string | undefined;
  /** Mirrors half of the training pictures. @default false */
  readonly flipLeftRight?: boolean | undefined;
  /** Percent by which a training picture is made larger than the input that is cut out of it. @default 0 */
  readonly randomCrop?: number | undefined;
  /** Percent by which it is enlarged further, at most. @default 0 */
  readonly randomScale?: number | undefined;
  /** Percent by which it becomes brighter or darker, at most. @default 0 */
  readonly randomBrightness?: number | undefined;
  /** The script's own networks, by its names. @default "inception_v3" */
  readonly architecture?: string | undefined;
  /**
   * The network that looks at the pictures, in place of the architecture's: `nsfwjs/NAME`, a network's file (`.pb`, `.h5`, `.keras`, `.onnx`, TensorFlow.js),
   * or an installed network of faces, several with `+` between.
   * @default `classify_image_graph_def.pb` in `modelDir`, else the Inception V3 of the npm package nsfwjs
   */
  readonly backbone?: string | undefined;
  /** What is subtracted from each pixel, 0..255, and what the rest is divided by, where the network's files do not say it. */
  readonly inputMean?: number | undefined;
  readonly inputStd?: number | undefined;
  /** Which of the script's two splits and names of files. @default "2017" */
  readonly generation?: Generation | undefined;
  /** Takes other pictures than .jpg. @default false */
  readonly allFormats?: boolean | undefined;
  /** For face networks: cut faces out, or take pictures whole. @default "auto": looks at some */
  readonly crop?: CropChoice | undefined;
  /** @default 1 */
  readonly seed?: number | undefined;
  /** Asked before the event files of an earlier run are removed. @default never */
  readonly mayEmpty?: ((folder: string, files: number) => boolean | Promise<boolean>) | undefined;
  /** A line that the script prints. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Something that a person should know. */
  readonly onWarning?: ((warning: string) => void) | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}
export const classicOptionNames: OptionNames<ClassicOptions> = {
  outputGraph: true,
  outputLabels: true,
  intermediateOutputGraphsDir: true,
  intermediateStoreFrequency: true,
  summariesDir: true,
  howManyTrainingSteps: true,
  learningRate: true,
  testingPercentage: true,
  validationPercentage: true,
  evalStepInterval: true,
  trainBatchSize: true,
  testBatchSize: true,
  validationBatchSize: true,
  printMisclassifiedTestImages: true,
  modelDir: true,
  bottleneckDir: true,
  finalTensorName: true,
  flipLeftRight: true,
  randomCrop: true,
  randomScale: true,
  randomBrightness: true,
  architecture: true,
  backbone: true,
  inputMean: true,
  inputStd: true,
  generation: true,
  allFormats: true,
  crop: true,
  seed: true,
  mayEmpty: true,
  onLine: true,
  onWarning: true,
  onProgress: true,
  signal: true,
};
