import { expectOptions } from "../core/index.ts";
import { retrainOptionNames, type RetrainOptions, type RetrainResult } from "./options.ts";

/** A model of one's own. Loaded when it is called: who only analyses pictures needs neither solver nor charts. */
export type { CropChoice } from "./decide-crop.node.ts";
export type { ClassMeasure, ConfidenceBin, LabelMeasures, MeasuredShare, TestMeasures } from "./measure.ts";
export { type FineTuning, type LeftOut, type RetrainKind, retrainKinds, type RetrainOptions, type RetrainResult } from "./options.ts";

/**
 * Makes a model of class folders or an imported dataset, with the labels that a review left: its folder holds the network, its manifest, a card, results and a report. What
 * was computed is kept, so that an interrupted run, or one with other settings, goes on from there.
 * @param source a folder with a folder for each class, or an imported dataset
 * @throws {TF_INVALID_ARGUMENT} when an option is out of its range
 * @throws {TF_INPUT_NOT_FOUND | TF_DATASET_LAYOUT | TF_DATASET_LABEL_UNKNOWN | TF_DATASET_EMPTY} when there are no labelled pictures
 * @throws {TF_EXAMPLES_FEW} when a class has fewer than two pictures that can be used
 * @throws {TF_DATASET_INVALID} when a dataset has changed since the decisions of its review were applied
 * @throws {TF_FOLDER_BUSY} when another run is at it
 * @throws {TF_DATASET_CONFLICT} when the output folder holds something else
 * @throws {TF_MODEL_NOT_FOUND | TF_GRAPH_UNSUPPORTED_OP} when a network that is named is not there, or its last layers cannot be learnt
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_ABORTED} what was done before is kept
 *
 * @example
 * const { out, measures } = await retrain("photos", { onNote: console.log });
 */
export async function retrain(source: string, options: RetrainOptions = {}): Promise<RetrainResult> {
  expectOptions(options, retrainOptionNames);
  return (await import("./retrain.node.ts")).retrain(source, options);
}
export { describeResult } from "./describe.ts";
