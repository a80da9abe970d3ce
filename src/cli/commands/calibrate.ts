import type { ArgsDef, ParsedArgs } from "citty";
import { detectorChoices } from "../../analyze/index.ts";
import { datasetFormats } from "../../datasets/index.ts";
import { usualFormat } from "../../datasets/dataset.node.ts";
import { setLevel, smallestConformalGroup } from "../../evaluate/index.ts";
import {
  calibrateSource,
  calibrationAsJson,
  type CalibrationSettings,
  describeCalibration,
  planCalibratedModel,
  writeCalibratedModel,
} from "../../predict/index.ts";
import { progressOn } from "../../report/progress.node.ts";
import { type Command, defineCommand, numberFlag, usageError } from "../command.ts";
import type { EvaluateDependencies } from "./evaluate.ts";
import { reportFailures, stopAfterBatch } from "../dataset/terminal.ts";

const calibrateArgs = {
  data: {
    type: "string",
    valueHint: "DIR",
    description: "labelled faces: an imported dataset, class folders, a table or a published layout",
  },
  format: {
    type: "enum",
    options: [...datasetFormats],
    description: "the layout of what is not imported (default: folder, or csv of a file)",
  },
  split: {
    type: "string",
    valueHint: "NAME",
    description: "which part of the data: train, validation, test, an official name or all (default: all)",
  },
  path: {
    type: "enum",
    options: ["photo", "crop"],
    description:
      "photo: find, align and cut out the face as analyze does; crop: the picture is the crop (default: photo; of whole pictures crop)",
  },
  task: {
    type: "string",
    valueHint: "LIST",
    description: "only these of what the model tells (default: all that the data has labels for)",
  },
  level: {
    type: "string",
    valueHint: "SHARE",
    description: `the share of true answers to hold (default: 0.8 of ranges, ${setLevel} of sets)`,
  },
  out: { type: "string", alias: "o", valueHint: "FILE", description: "the calibrated model, an ONNX file of its own (default: NAME.onnx)" },
  name: { type: "string", valueHint: "NAME", description: "what it is called (default: the model's name and -calibrated)" },
  limit: { type: "string", valueHint: "N", description: "draw N faces at random instead of taking all" },
  seed: { type: "string", valueHint: "N", default: "1", description: "seed of the draw" },
  detector: { type: "enum", options: [...detectorChoices], default: "blazeface", description: "what finds the faces, with --path photo" },
  device: { type: "string", valueHint: "NAME", description: "where the network runs: cpu, webgpu, ... (default: cpu)" },
  predictions: { type: "string", valueHint: "FILE", description: "keep predictions in FILE, and go on from it after a stop" },
  json: { type: "boolean", description: "say what was fitted as one line of JSON" },
} as const satisfies ArgsDef;

type Args = ParsedArgs<typeof calibrateArgs>;

/** The command `tensorface calibrate`, with its dependencies loaded when it runs. */
export function createCalibrateCommand(load: () => Promise<EvaluateDependencies>): Command {
  return defineCommand({
    meta: { name: "calibrate", description: "Fit a model's ranges and sets of labels on labelled faces of your own, as a new model." },
    args: calibrateArgs,
    help: {
      operands: "MODEL --data DIR",
      examples: [
        ["tensorface calibrate age-gender --data staff.csv --out staff.onnx", "ranges that hold the true age of 8 of 10 faces like these"],
        ["tensorface analyze party.jpg --model staff.onnx", "and what it says of a picture"],
        ["tensorface calibrate mood --data data/mine --split validation --level 0.95", "sets such as happy or surprise"],
      ],
      notes: [
        `Of new faces that come as these came, at least the share of the level has its true answer inside, in each group of answers by itself; a group has ${smallestConformalGroup} labelled faces or more. Faces of another kind, and those that the model was trained on, promise nothing.`,
        "MODEL is one of `tensorface models list` or a path, and stays as it is. Probabilities, labels and expected ages do not change.",
        "Exit codes: 0 done, 1 some pictures could not be read, 2 wrong use, 130 stopped by Ctrl-C.",
      ],
    },
    run: async ({ args }) => {
      const [model, ...more] = args._;
      if (model === undefined || more.length > 0)
        throw usageError("calibrate needs one MODEL", "`tensorface models list` shows which there are.");
      if (args.data === undefined)
        throw usageError("calibrate needs --data DIR", "Labelled faces of your own: class folders, a table, an imported dataset.");
      await calibrate(model, args.data, args, await load());
    },
  });
}

async function calibrate(model: string, data: string, args: Args, { openModels, stdout, stderr }: EvaluateDependencies): Promise<void> {
  const asked = await readSettings(data, args);
  const opened = await openModels([model]);
  const plan = await planCalibratedModel(model, opened, args);
  const settings = { ...asked, model: plan.head.id, path: plan.path };
  const progress = progressOn(stderr);
  using interrupt = stopAfterBatch(progress, settings.predictions);
  const { stopping, now } = interrupt;
  const outcome = await calibrateSource(settings, opened.platform, { stopping, now, onProgress: (update) => progress.update(update) });
  progress.clear();
  reportFailures(outcome.failed, stderr);
  if (outcome.manifest === undefined) return;
  const calibrated = await writeCalibratedModel(plan, outcome.manifest, opened);
  const said =
    args.json === true ? `${JSON.stringify(calibrationAsJson(calibrated, outcome, plan.out))}\n` : describeCalibration(outcome, plan.out);
  stdout.write(said);
}

async function readSettings(data: string, args: Args): Promise<Omit<CalibrationSettings, "model" | "path">> {
  return {
    data,
    format: args.format ?? (await usualFormat(data)),
    split: args.split ?? "all",
    tasks: args.task?.split(",").map((name) => name.trim()),
    level: numberFlag("level", args.level, { min: 0.5, max: 0.999 }),
    limit: numberFlag("limit", args.limit, { min: 1, whole: true }),
    seed: numberFlag("seed", args.seed, { min: 0, max: 0xffffffff, whole: true }) ?? 1,
    detector: args.detector,
    device: args.device,
    flipAveraging: undefined,
    predictions: args.predictions,
    formatOptions: {},
  };
}
