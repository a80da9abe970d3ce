import { expectOptions, expectThat } from "../core/index.ts";
import type { ClassicResult } from "./classic.ts";
import type { LabelImageOptions, LabelScore } from "./label-image.ts";
import { classicOptionNames, type ClassicOptions } from "./options.ts";

/** A last layer by the protocol of TensorFlow's retrain.py. Loaded when it is called. */
export type { ClassicResult } from "./classic.ts";
export { classicDefaults } from "./defaults.ts";
export type { HonestMeasures } from "./honest.ts";
export type { Category } from "./image-lists.ts";
export type { LabelImageOptions, LabelScore } from "./label-image.ts";
export { lines } from "./lines.ts";
export { type ClassicOptions, type Generation, generations } from "./options.ts";

/**
 * Trains one layer on what a network sees of pictures, by the protocol of TensorFlow's retrain.py: its split, its batches, its numbers.
 * Writes the whole network as ONNX, its labels, event files for TensorBoard, and a text file of features for each picture, which the next
 * run reads.
 * @param imageDir a folder with a folder of .jpg files for each class; how it is spelled decides which picture is for training
 * @throws {TF_INVALID_ARGUMENT} when no folder is named, or it has fewer than two classes, or an option is out of its range
 * @throws {TF_INPUT_NOT_FOUND} when the folder is not there
 * @throws {TF_EXAMPLES_FEW} when a part that classes are drawn from has no picture of one
 * @throws {TF_TRAINING_EXISTS | TF_DATASET_CONFLICT} when the folder of summaries holds an earlier run's, or other files
 * @throws {TF_MODEL_NOT_FOUND | TF_GRAPH_INVALID | TF_GRAPH_UNSUPPORTED_OP} when the network is not there, or cannot be read
 * @throws {TF_DATASET_INVALID} when a file of features is damaged and its picture is too
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_ABORTED} features that were computed before are kept
 *
 * @example
 * const { sentences } = await retrainClassic("flower_photos", { onLine: console.log });
 */
export async function retrainClassic(imageDir: string, options: ClassicOptions = {}): Promise<ClassicResult> {
  expectOptions(options, classicOptionNames);
  expectThat(typeof imageDir === "string", "imageDir must be a path", imageDir);
  return (await import("./classic.ts")).retrainClassic(imageDir, options);
}

/**
 * What a network of {@link retrainClassic} says of a picture: every label, the most probable one first. A network of faces is asked about
 * the largest face.
 * @throws {TF_INPUT_NOT_FOUND | TF_IMAGE_CORRUPT | TF_IMAGE_FORMAT_UNSUPPORTED} when there is no picture
 * @throws {TF_MODEL_INVALID} when the network is none of ours
 * @throws {TF_INVALID_ARGUMENT} when there are more or fewer labels than scores, or no face is found for a network of faces
 */
export async function labelImage(image: string, options: LabelImageOptions = {}): Promise<LabelScore[]> {
  return (await import("./label-image.ts")).labelImage(image, options);
}
