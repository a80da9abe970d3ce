import type { ArgsDef, ParsedArgs } from "citty";
import { detectorChoices } from "../../analyze/index.ts";
import { checkReportTargets, evaluateSource, type EvaluationSettings, type OpenedModels, writeReport } from "../../predict/index.ts";
import { datasetFormats } from "../../datasets/index.ts";
import { type Command, defineCommand, modelFlag, numberFlag, usageError } from "../command.ts";
import { reportFailures, stopAfterBatch } from "../dataset/terminal.ts";
import { progressOn } from "../../report/progress.node.ts";

/** What the command needs from the other rooms; tests give their own. */
export interface EvaluateDependencies {
  /** Finds the models by id or by the path of a manifest. */
  readonly openModels: (models: readonly string[]) => Promise<OpenedModels>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

const evaluateArgs = {
  data: {
    type: "string",
    valueHint: "SOURCE",
    description: "an imported dataset, one in its published layout, or class folders or a table of your own",
  },
  format: { type: "enum", options: [...datasetFormats], description: "the published layout; an imported dataset knows its own" },
  split: {
    type: "string",
    valueHint: "NAME",
    description: "train, validation, test, an official name (val, PublicTest, fold-0 ...) or all",
  },
  model: {
    type: "string",
    valueHint: "ID",
    description: "a head by its name or path; repeat it to compare (default: the installed head of each task)",
  },
  out: { type: "string", alias: "o", valueHint: "FILE", description: "write the report as JSON; - for standard output" },
  html: { type: "string", valueHint: "FILE", description: "write the report with charts, as one HTML file" },
  mistakes: {
    type: "string",
    valueHint: "N",
    description: "list the N surest mistakes of each task and the surest few of each kind; the page has their pictures inside",
  },
  markdown: { type: "string", valueHint: "FILE", description: "write the report as Markdown" },
  path: {
    type: "enum",
    options: ["crop", "photo"],
    description:
      "crop: the picture is the crop; photo: find, align and cut out the face as analyze does (default: crop; photo of a model that was taught on photographs)",
  },
  limit: { type: "string", valueHint: "N", description: "draw N faces at random instead of taking all" },
  seed: { type: "string", valueHint: "N", default: "1", description: "seed of the draw and of the intervals" },
  "age-groups": {
    type: "enum",
    options: ["fairface", "adience"],
    description: "the groups in which ages are judged (default: those of the labels)",
  },
  detector: { type: "enum", options: [...detectorChoices], default: "blazeface", description: "what finds the faces, with --path photo" },
  device: { type: "string", valueHint: "NAME", description: "where the networks run: cpu, webgpu, ... (default: cpu)" },
  flip: { type: "boolean", description: "average each head over the face and its mirror image (default: as its manifest says)" },
  "fit-temperature": { type: "boolean", description: "also fit the temperature that this split would choose (validation data only)" },
  "fit-scaling": { type: "boolean", description: "also fit a factor and an offset for each class or tag (validation data only)" },
  replicates: { type: "string", valueHint: "N", description: "bootstrap draws, for errors and differences (default: 1000)" },
  predictions: { type: "string", valueHint: "FILE", description: "keep predictions in FILE, and go on from it after a stop" },
  labels: {
    type: "enum",
    options: ["strict", "mapped"],
    description: "Adience: the eight groups alone, or odd labels put into them (default: strict)",
  },
  cleaned: { type: "boolean", description: "judge by the labels that `dataset apply` cleaned (default: as published)" },
  pictures: { type: "enum", options: ["faces", "aligned"], description: "Adience: which pictures (default: aligned, if there)" },
  frontal: { type: "boolean", description: "Adience: the frontal subset" },
} as const satisfies ArgsDef;

/** The command `tensorface evaluate`, with its dependencies loaded when it runs. */
export function createEvaluateCommand(loadDependencies: () => Promise<EvaluateDependencies>): Command {
  return defineCommand({
    meta: { name: "evaluate", description: "Measure how accurate and how well calibrated heads are on labelled faces." },
    args: evaluateArgs,
    help: {
      operands: "--data SOURCE --split NAME",
      examples: [
        [
          "tensorface evaluate --data FairFace --format fairface --split val --out report.json --html report.html",
          "numbers, intervals, charts",
        ],
        ["tensorface evaluate --data fer2013.csv --format fer2013 --split PublicTest", "a summary in the terminal"],
        ["tensorface evaluate --data UTKFace --format utkface --split all --path photo --limit 2000", "as in use, on a random 2,000"],
        [
          "tensorface evaluate --data faces --split test --model mine --model faceres",
          "two models on the same faces, with paired intervals",
        ],
        ["tensorface evaluate --data more-photos --split all --model photos-model", "a model of yours on class folders"],
        [
          "tensorface evaluate --data UTKFace --format utkface --split validation --html report.html --mistakes 24",
          "the page shows the surest mistakes as pictures",
        ],
        [
          "tensorface evaluate --data Adience --format adience --split all --path photo --labels mapped",
          "five folds: each, mean and standard deviation",
        ],
      ],
      notes: [
        "train, validation and test are TensorFace's own splits, cut by hash from what the makers did not split; any other name is an official part of the dataset.",
        "Heads that tell different tasks are one model in the report; a second head for a task begins a second model.",
        "Choose, tune and calibrate on validation data only: a test set that chose something is no test set any more.",
        "Exit codes: 0 done, 1 some pictures could not be read, 2 wrong use, 130 stopped by Ctrl-C.",
      ],
    },
    run: async ({ args, rawArgs }) => {
      const settings = readSettings(args, await modelFlag(rawArgs));
      await evaluate(settings, args, await loadDependencies());
    },
  });
}

type Args = ParsedArgs<typeof evaluateArgs>;

function readSettings(args: Args, models: readonly string[]): EvaluationSettings {
  const { data, split } = args;
  if (data === undefined)
    throw usageError("evaluate needs --data SOURCE", "For example: evaluate --data fer2013.csv --format fer2013 --split PublicTest");
  if (split === undefined)
    throw usageError("evaluate needs --split NAME", "train, validation, test, an official name such as val or PublicTest, or all.");
  return {
    data,
    split,
    models,
    format: args.format,
    path: args.path,
    limit: numberFlag("limit", args.limit, { min: 1, whole: true }),
    seed: numberFlag("seed", args.seed, { min: 0, max: 0xffffffff, whole: true }) ?? 1,
    replicates: numberFlag("replicates", args.replicates, { min: 2, max: 100_000, whole: true }),
    ageGroups: args["age-groups"],
    detector: args.detector,
    device: args.device,
    flipAveraging: args.flip,
    fitTemperature: args["fit-temperature"] === true,
    fitScaling: args["fit-scaling"] === true,
    predictions: args.predictions,
    mistakes: numberFlag("mistakes", args.mistakes, { min: 1, max: 1000, whole: true }),
    cleaned: args.cleaned,
    formatOptions: { labels: args.labels, pictures: args.pictures, frontal: args.frontal },
  };
}

/** Runs the command: everything of it that is not parsing. */
async function evaluate(asked: EvaluationSettings, args: Args, { openModels, stdout, stderr }: EvaluateDependencies): Promise<void> {
  await checkReportTargets(args, asked);
  const { platform, ids } = await openModels(asked.models);
  const settings = { ...asked, models: ids };
  const progress = progressOn(stderr);
  using interrupt = stopAfterBatch(progress, settings.predictions);
  const { stopping, now } = interrupt;
  const { report, predictions, readPictures } = await evaluateSource(settings, platform, {
    stopping,
    now,
    onProgress: (update) => progress.update(update),
  });
  progress.clear();
  reportFailures(predictions.failed, stderr);
  if (report !== undefined) await writeReport(report, readPictures, args, stdout);
}
