import { counted } from "../../core/index.ts";
import { createInterface } from "node:readline/promises";
import type { ArgsDef, ParsedArgs } from "citty";
import { classicDefaults, type ClassicOptions, generations, retrainClassic } from "../../classic/index.ts";
import { cropChoices } from "../../retrain/decide-crop.node.ts";
import { type Command, defineCommand, numberFlag, usageError } from "../command.ts";
import { sayNext, withProgress } from "../dataset/terminal.ts";

const defaults = classicDefaults({});

/** The script's flags have underscores; hyphens are understood too. */
function text(name: string, valueHint: string, description: string) {
  return { type: "string", alias: hyphened(name), valueHint, description } as const;
}

function flag(name: string, description: string) {
  return { type: "boolean", alias: hyphened(name), description } as const;
}

function hyphened(name: string): string[] {
  return name.includes("_") ? [name.replaceAll("_", "-")] : [];
}

const classicArgs = {
  image_dir: text("image_dir", "DIR", "folder with a folder of .jpg files for each class"),
  output_graph: text("output_graph", "FILE", "the whole network, ONNX (default: TMP/output_graph.onnx)"),
  output_labels: text("output_labels", "FILE", "its labels, one a line (default: TMP/output_labels.txt)"),
  intermediate_output_graphs_dir: text("intermediate_output_graphs_dir", "DIR", "networks on the way (default: TMP/intermediate_graph)"),
  intermediate_store_frequency: text("intermediate_store_frequency", "N", "steps between two of them, 0 for none (default: 0)"),
  summaries_dir: text("summaries_dir", "DIR", "event files for TensorBoard, emptied first (default: TMP/retrain_logs)"),
  how_many_training_steps: text("how_many_training_steps", "N", `how many steps to learn for (default: ${defaults.howManyTrainingSteps})`),
  learning_rate: text("learning_rate", "RATE", `of plain gradient descent (default: ${defaults.learningRate})`),
  testing_percentage: text("testing_percentage", "P", `share of the pictures that test (default: ${defaults.testingPercentage})`),
  validation_percentage: text("validation_percentage", "P", `share that validates (default: ${defaults.validationPercentage})`),
  eval_step_interval: text("eval_step_interval", "N", `steps between two lines of numbers (default: ${defaults.evalStepInterval})`),
  train_batch_size: text("train_batch_size", "N", `pictures of a step, drawn anew for each (default: ${defaults.trainBatchSize})`),
  test_batch_size: text("test_batch_size", "N", "pictures that the test takes, -1 each one once (default: -1; 500 with --generation 2016)"),
  validation_batch_size: text(
    "validation_batch_size",
    "N",
    `pictures that each line of numbers validates on, -1 every one (default: ${defaults.validationBatchSize})`,
  ),
  print_misclassified_test_images: flag("print_misclassified_test_images", "name each test picture that was told wrong"),
  model_dir: text("model_dir", "DIR", "where classify_image_graph_def.pb may lie (default: TMP/imagenet)"),
  bottleneck_dir: text("bottleneck_dir", "DIR", "features of the pictures, as text (default: TMP/bottleneck)"),
  final_tensor_name: text("final_tensor_name", "NAME", `output of the network (default: ${defaults.finalTensorName})`),
  flip_left_right: flag("flip_left_right", "mirror half of the training pictures"),
  random_crop: text("random_crop", "PERCENT", "margin that is cut off at random (default: 0)"),
  random_scale: text("random_scale", "PERCENT", "by how much pictures are enlarged at random (default: 0)"),
  random_brightness: text("random_brightness", "PERCENT", "by how much they become brighter or darker (default: 0)"),
  architecture: text("architecture", "NAME", `the script's network (default: ${defaults.architecture})`),
  backbone: { type: "string", valueHint: "NAME|PATH", description: "another network that looks at the pictures: see below" },
  input_mean: text("input_mean", "VALUE", "subtracted from each pixel, 0 to 255, where the network's file does not say it"),
  input_std: text("input_std", "VALUE", "what the rest is divided by, likewise"),
  generation: { type: "enum", options: [...generations], description: "which of the script's splits and file names (default: 2017)" },
  all_formats: flag("all_formats", "take PNG, WebP and other pictures too, which the script passes over"),
  crop: { type: "enum", options: [...cropChoices], description: "for networks of faces: cut faces out, or not (default: auto)" },
  seed: { type: "string", valueHint: "N", description: "of what chance decides (default: 1)" },
  force: { type: "boolean", description: "remove the event files of an earlier run without asking" },
} as const satisfies ArgsDef;

/** `tensorface retrain --classic`: the flags, the lines and the files of TensorFlow's retrain.py. */
export const retrainClassicCommand: Command = defineCommand({
  meta: { name: "--classic", description: "Train a last layer by the protocol of TensorFlow's retrain.py." },
  args: classicArgs,
  help: {
    operands: "[DIR]",
    examples: [
      ["tensorface retrain --classic --image_dir flower_photos", "a folder for each class, each with .jpg files"],
      ["tensorface retrain --classic faces --backbone age-gender", "what a network of faces sees instead of Inception V3"],
      ["tensorface label-image --image rose.jpg", "and what the network says of a picture"],
    ],
    notes: [
      "The network that looks at the pictures is Inception V3: classify_image_graph_def.pb of --model_dir, else the one of the npm package nsfwjs (npm install nsfwjs). Of the latter the layers below the last ones are used: it was trained to tell pornography from other pictures.",
      "--backbone names another one: nsfwjs/NAME, a file (.pb, .h5, .onnx, model.json), or an installed network of faces (`tensorface models list`).",
      "TMP is the system's folder for temporary files, as the script has it. Every flag may be written with hyphens in place of underscores. `tensorface retrain` without --classic is the better way to a good model; this one is for repeating what was done in 2016 and 2017.",
    ],
  },
  run: async ({ args }) => {
    const { outputGraph, outputLabels, sentences } = await withProgress(
      (onProgress, signal) =>
        retrainClassic(imageDirOf(args), {
          ...namesOf(args),
          ...numbersOf(args),
          mayEmpty: (folder, files) => args.force === true || askToEmpty(folder, files),
          onLine: (line) => void process.stdout.write(`${line}\n`),
          onWarning: (warning) => void process.stderr.write(`${warning}\n`),
          onProgress,
          signal,
        }),
      "stopping: features are kept, and the same command looks at no picture again; its steps begin anew, which --force allows",
    );
    process.stdout.write(`${sentences.join("\n")}\nwritten: ${outputGraph} and ${outputLabels}\n`);
    sayNext(["label-image", "--image", "PICTURE", "--graph", outputGraph, "--labels", outputLabels]);
  },
});

type ClassicArgs = ParsedArgs<typeof classicArgs>;

function namesOf(args: ClassicArgs): ClassicOptions {
  return {
    outputGraph: args.output_graph,
    outputLabels: args.output_labels,
    intermediateOutputGraphsDir: args.intermediate_output_graphs_dir,
    summariesDir: args.summaries_dir,
    printMisclassifiedTestImages: args.print_misclassified_test_images,
    modelDir: args.model_dir,
    bottleneckDir: args.bottleneck_dir,
    finalTensorName: args.final_tensor_name,
    flipLeftRight: args.flip_left_right,
    architecture: args.architecture,
    backbone: args.backbone,
    generation: args.generation,
    allFormats: args.all_formats,
    crop: args.crop,
  };
}

/** @throws {TF_INVALID_ARGUMENT} when one is out of its range */
function numbersOf(args: ClassicArgs): ClassicOptions {
  const whole = (name: NumberName, min: number): number | undefined => numberFlag(name, args[name], { min, whole: true });
  const percent = (name: NumberName): number | undefined => numberFlag(name, args[name], { min: 0, max: 100 });
  return {
    intermediateStoreFrequency: whole("intermediate_store_frequency", 0),
    howManyTrainingSteps: whole("how_many_training_steps", 1),
    learningRate: numberFlag("learning_rate", args.learning_rate, { min: Number.MIN_VALUE }),
    testingPercentage: percent("testing_percentage"),
    validationPercentage: percent("validation_percentage"),
    evalStepInterval: whole("eval_step_interval", 1),
    trainBatchSize: whole("train_batch_size", 1),
    testBatchSize: batchSize("test_batch_size", args.test_batch_size),
    validationBatchSize: batchSize("validation_batch_size", args.validation_batch_size),
    randomCrop: percent("random_crop"),
    randomScale: percent("random_scale"),
    randomBrightness: percent("random_brightness"),
    inputMean: numberFlag("input_mean", args.input_mean, { min: -255, max: 255 }),
    inputStd: numberFlag("input_std", args.input_std, { min: Number.MIN_VALUE, max: 255 }),
    seed: whole("seed", 0),
  };
}

type NumberName = {
  [Name in keyof typeof classicArgs]: (typeof classicArgs)[Name]["type"] extends "string" ? Name : never;
}[keyof typeof classicArgs];

/** -1 for every picture, else how many are drawn. */
function batchSize(name: NumberName, text: string | undefined): number | undefined {
  const size = numberFlag(name, text, { min: -1, whole: true });
  if (size === 0) throw usageError(`--${name} expects -1 for every picture, or how many are drawn, got "0"`);
  return size;
}

function imageDirOf({ image_dir: named, _: operands }: { readonly image_dir?: string | undefined; readonly _: readonly string[] }): string {
  const [operand, ...more] = operands;
  if (more.length > 0 || (named !== undefined && operand !== undefined))
    throw usageError("retrain --classic takes one folder, as --image_dir DIR or by itself");
  const folder = named ?? operand;
  if (folder === undefined || folder === "")
    throw usageError("retrain --classic needs a folder of pictures", "Name it with --image_dir: it holds a folder for each class.");
  return folder;
}

/** Asks on a terminal; elsewhere nobody can agree. */
async function askToEmpty(folder: string, files: number): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test(
      (await terminal.question(`Remove ${counted(files, "event file")} of an earlier run in "${folder}"? [y/N] `)).trim(),
    );
  } finally {
    terminal.close();
  }
}
