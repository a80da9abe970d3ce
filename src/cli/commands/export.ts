import { join } from "node:path";
import { smallestIntervalMass, type VectorScaling } from "../../core/index.ts";
import { openDataset } from "../../datasets/dataset.node.ts";
import { readTextFile } from "../../files/files.node.ts";
import { scalingsInReport } from "../../evaluate/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import type { InferenceRuntime } from "../../runtime/index.ts";
import type { TrainingConfig } from "../../train/index.ts";
import { exportModel, type ExportModelOptions, type SourceTemplate } from "../../train/export/model-export.node.ts";
import { writeModelInto } from "../../train/export/model-folder.node.ts";
import { trainingFiles } from "../../train/run/training-folder.node.ts";
import { datasetTemplates } from "../../predict/index.ts";
import { type Command, defineCommand, flagValues, numberFlag, usageError } from "../command.ts";
import { sayNext } from "../dataset/terminal.ts";
import { createProgressLine } from "../../report/progress.node.ts";
import { findTemplate, readTemplates } from "../../predict/template/index.ts";
import { readConfig } from "../../train/run/config-file.node.ts";

/** The command `tensorface export`: a training becomes a model that `analyze` and `evaluate` run. */
export const exportCommand: Command = defineCommand({
  meta: { name: "export", description: "Make a model (ONNX file and manifest) of a trained network." },
  args: {
    config: { type: "positional", required: false, description: "the configuration that was trained" },
    weights: { type: "string", description: "safetensors file (default: .runs/NAME/best.safetensors)", valueHint: "FILE" },
    out: { type: "string", description: "folder of the model (default: .runs/NAME)", valueHint: "DIR" },
    id: { type: "string", description: "what the model is called (default: the configuration's name)", valueHint: "ID" },
    title: { type: "string", description: "one line for people (default: the configuration's description)", valueHint: "TEXT" },
    int8: { type: "boolean", default: false, description: "8-bit weights and activations" },
    "int8-weights": { type: "boolean", default: false, description: "8-bit weights alone: as small, the same answers on every machine" },
    plain: { type: "boolean", default: false, description: "opset 13 and float32 weights, for other engines (OpenCV's DNN among them)" },
    calibration: { type: "string", description: "training pictures that --int8 is calibrated on (default: 512)", valueHint: "N" },
    temperature: { type: "string", description: "divides logits: mood=1.3,gender=0.9", valueHint: "TASK=T,..." },
    "interval-mass": { type: "string", description: "share of an age distribution that its interval takes (default: 0.8)", valueHint: "M" },
    "flip-averaging": { type: "boolean", description: "the model answers with means over the face and its mirror image" },
    scaling: { type: "string", description: "takes the vector scaling from a report of `evaluate --fit-scaling`", valueHint: "FILE" },
    template: {
      type: "string",
      description: "where faces stand in a dataset's pictures (default: known or measured)",
      valueHint: "FILE,...",
    },
    "crop-of": {
      type: "string",
      description: "cut faces as they stand in the pictures of fairface, fer2013 or utkface (default: the mean of all)",
      valueHint: "DATASET",
    },
    sees: {
      type: "enum",
      options: ["face", "picture"],
      description: "what the model looks at: a face that is found, or the whole picture (default: face)",
    },
    set: { type: "string", description: "the changes that the training was given", valueHint: "FIELD=VALUE,..." },
    engine: { type: "string", description: "what trained the weights, where it was not this command line", valueHint: "TEXT" },
    cache: { type: "string", description: "folder of decoded pictures (default: .cache/pictures)", valueHint: "DIR" },
  },
  help: {
    operands: "CONFIG",
    examples: [
      ["tensorface export fer2013-small --id my-mood", "writes .runs/fer2013-small/my-mood.onnx and its manifest"],
      ["tensorface export mood --int8 --temperature mood=1.2", "a quarter of the size, with calibrated probabilities"],
    ],
    notes: [
      "`tensorface evaluate --model .runs/NAME/ID.json` runs the model; `--fit-temperature` and `--fit-scaling` there find what calibrates it.",
    ],
  },
  run: async ({ args, rawArgs }) => {
    if (args.config === undefined) throw usageError("export needs a CONFIG file");
    const config = await readConfig(args.config, flagValues("set", rawArgs));
    const out = args.out ?? join(".runs", config.name);
    const id = args.id ?? config.name;
    const calibration = numberFlag("calibration", args.calibration, { min: 32, max: 10_000, whole: true });
    const isSmall = args.int8 || args["int8-weights"];
    if (args.plain && isSmall) throw usageError("--plain has float32 weights: leave out --int8 and --int8-weights");
    if (args.int8 && args["int8-weights"]) throw usageError("--int8 and --int8-weights are two kinds of file: give one of them");
    if (calibration !== undefined && !isSmall) throw usageError("--calibration is for --int8 and --int8-weights, and does nothing alone");
    const runtime = createNodeRuntime();
    const options: ExportModelOptions = {
      config,
      id,
      title: args.title ?? config.description,
      weights: args.weights ?? join(".runs", config.name, trainingFiles.best),
      sees: args.sees,
      template: readCropOf(args["crop-of"]),
      templateOf: await createTemplateFinder(config, args.template, runtime),
      calibrationCount: isSmall ? (calibration ?? 512) : undefined,
      activations: args["int8-weights"] ? "float" : "int8",
      isPlain: args.plain,
      temperatures: readTemperatures(
        args.temperature,
        config.network.heads.map(({ task }) => task),
      ),
      scalings: args.scaling === undefined ? {} : await readScalings(args.scaling),
      intervalMass: numberFlag("interval-mass", args["interval-mass"], { min: smallestIntervalMass, max: 1 }),
      flipAveraging: args["flip-averaging"],
      engine: args.engine,
      cache: args.cache ?? join(".cache", "pictures"),
    };
    const { bytes, manifest, agreement } = await writeModelInto(out, id, () => exportModel(runtime, options));
    process.stdout.write(
      `${JSON.stringify({ schema: "tensorface.export/1", out, file: manifest.file, bytes: bytes.length, agreement })}\n`,
    );
    sayNext(["analyze", "PICTURE", "--model", join(out, `${id}.json`)]);
  },
});

/** Finds templates as `--template` says, and tells on stderr where one is measured. */
async function createTemplateFinder(
  { data }: TrainingConfig,
  files: string | undefined,
  runtime: InferenceRuntime,
): Promise<ExportModelOptions["templateOf"]> {
  const given = await readTemplates(files?.split(",") ?? []);
  if (given.size > 0) {
    const formats = await Promise.all(data.map(async ({ path }) => (await openDataset(path)).info.format));
    const stray = [...given.keys()].find((name) => !formats.some((format) => format === name));
    if (stray !== undefined) throw usageError(`--template is for "${stray}", the training's data are ${formats.join(" and ")}`);
  }
  const line = process.stderr.isTTY ? createProgressLine({ write: (text) => process.stderr.write(text) }) : undefined;
  const say = (text: string): void => {
    line?.clear();
    process.stderr.write(`${text}\n`);
  };
  return (request) => findTemplate(request, { runtime, given, say, onProgress: (update) => line?.update(update) });
}

/** The crop that a published dataset's pictures are. */
function readCropOf(name: string | undefined): SourceTemplate | undefined {
  if (name === undefined) return undefined;
  const landmarks = Object.hasOwn(datasetTemplates, name) ? datasetTemplates[name] : undefined;
  if (landmarks === undefined) throw usageError(`--crop-of expects one of ${Object.keys(datasetTemplates).join(", ")}, got "${name}"`);
  return { landmarks, source: `median landmarks in the pictures of ${name} (recipes/templates)` };
}

function readTemperatures(text: string | undefined, known: readonly string[]): Record<string, number> {
  const temperatures: Record<string, number> = {};
  for (const part of text?.split(",") ?? []) {
    const [name, value] = part.split("=");
    const task = known.find((each) => each === name);
    const temperature = numberFlag("temperature", value, { min: 0.05, max: 20 });
    if (task === undefined || temperature === undefined) throw usageError(`--temperature expects TASK=NUMBER,..., got "${text}"`);
    temperatures[task] = temperature;
  }
  return temperatures;
}

/** The scalings in an evaluation report, by task. */
async function readScalings(path: string): Promise<Readonly<Record<string, VectorScaling>>> {
  const scalings = scalingsInReport(await readTextFile(path));
  if (Object.keys(scalings).length > 0) return scalings;
  throw usageError(`--scaling expects a report of "tensorface evaluate --fit-scaling", "${path}" has no scaling`);
}
