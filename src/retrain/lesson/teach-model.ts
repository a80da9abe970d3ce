import { type ProgressListener, type TaskDefinition, taskDefinitionProblem, TensorFaceError } from "../../core/index.ts";
import type { Backbone } from "../backbone.ts";
import type { CropPlan } from "../crop.ts";
import { warnOfChance } from "../describe.ts";
import { countTargets, encodeTargets, warnOfFew } from "../examples.ts";
import { teach } from "../head/teach.ts";
import { measureTest, type TestMeasures } from "../measure.ts";
import { describeTraining, makeTaughtModel, type TaughtModel } from "../model.ts";
import { tellExamples, type ToldExample } from "../results.ts";
import { type ExampleOrigin, type ExampleSets, setsOfExamples } from "./sets.ts";

/** A picture that was seen already. */
export interface SeenExample {
  readonly label: string;
  /** What the backbone sees in it, `[columns]`. */
  readonly features: Float32Array;
  readonly origin: ExampleOrigin;
  /** SHA-256 of its file, where it is one: by its beginning, which the model holds, an evaluation knows it again. */
  readonly sha256?: string | undefined;
}

export interface TeachModelOptions {
  readonly id: string;
  /** Classes, with their labels. */
  readonly task: TaskDefinition;
  readonly backbone: Backbone;
  readonly crop: CropPlan;
  readonly examples: readonly SeenExample[];
  /** Of this package. */
  readonly version: string;
  /** SHA-256 in hexadecimal digits. */
  readonly hash: (bytes: Uint8Array) => Promise<string>;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A model, how good it is, and what a reader must know before believing that. */
export interface ModelTaught {
  readonly model: TaughtModel;
  /** Of answers by models that were made without the picture. */
  readonly measures: TestMeasures;
  /** The same answers, one for each example that was asked. */
  readonly told: readonly ToldExample[];
  readonly warnings: readonly string[];
  /** Milliseconds from features to a head that is chosen, fitted, calibrated and measured. */
  readonly took: number;
}

/**
 * Teaches a model with examples that were seen one by one, as a page does it; `retrain` does the same with folders. It needs no files.
 * @throws {TF_INVALID_ARGUMENT} for a name or labels that cannot be
 * @throws {TF_EXAMPLES_FEW} when there are not two classes with two examples each
 * @throws {TF_ABORTED}
 */
export async function teachModel(options: TeachModelOptions): Promise<ModelTaught> {
  const { id, task, backbone, crop, examples, version, hash, onProgress, signal } = options;
  const problem = taskDefinitionProblem(task);
  if (problem !== undefined) throw new TensorFaceError("TF_INVALID_ARGUMENT", problem);
  const begun = performance.now();
  const labels = examples.map(({ label }) => label);
  const targets = encodeTargets(task, labels);
  const { columns } = backbone;
  const data = new Float32Array(examples.length * columns);
  for (const [row, { features }] of examples.entries()) data.set(features, row * columns);
  const classes = labels.map((label) => (task.labels ?? []).indexOf(label));
  const linked = await setsOfExamples(
    examples.map(({ origin }) => origin),
    classes,
    signal,
  );
  const teaching = await teach({ features: { rows: examples.length, columns, data }, targets, sets: linked.sets }, { onProgress, signal });
  const measures = measureTest(targets, teaching.test, linked.sets, teaching.interval);
  const took = performance.now() - begun;
  const sha256s = examples.map(({ sha256 }) => sha256);
  const training = describeTraining({ recipe: "teach", version, backbone, crop, teaching, measures, sha256s });
  const model = await makeTaughtModel({ id, task, backbone, seesPictures: crop.kind === "whole", teaching, training }, hash);
  const chance = warnOfChance(measures);
  return {
    model,
    measures,
    told: tellExamples(task, targets, teaching.test),
    warnings: [...(chance === undefined ? [] : [chance]), ...warnOfFew(task, countTargets(targets)), ...warnOfLikeness(task, linked)],
    took,
  };
}

function warnOfLikeness({ labels = [] }: TaskDefinition, { ofOneRecording, ofCopies }: ExampleSets): string[] {
  const named = (classes: readonly number[]): string => classes.map((index) => labels[index]!).join(", ");
  return [
    ...(ofOneRecording.length === 0
      ? []
      : [
          `one recording each of ${named(ofOneRecording)}: its pictures are much alike, and the numbers flatter. Record again, from another side or in other light`,
        ]),
    ...(ofCopies.length === 0
      ? []
      : [`all pictures of ${named(ofCopies)} are copies of each other: how well it is told cannot be measured`]),
  ];
}
