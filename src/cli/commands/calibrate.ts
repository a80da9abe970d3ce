import { stat } from "node:fs/promises";
import type { ArgsDef, ParsedArgs } from "citty";
import { detectorChoices } from "../../analyze/index.ts";
import { type Conformal, TensorFaceError } from "../../core/index.ts";
import { type DatasetFormat, datasetFormats } from "../../datasets/index.ts";
import { isDataset } from "../../datasets/dataset.node.ts";
import { setLevel, smallestConformalGroup } from "../../evaluate/index.ts";
import { pathKind, writeFileAtomically } from "../../files/files.node.ts";
import { type HeadManifest, makeModelFile } from "../../models/index.ts";
import {
  calibrateSource,
  type CalibrationOutcome,
  type CalibrationSettings,
  type OpenedModels,
  type TaskCalibration,
} from "../../predict/index.ts";
import { progressOn } from "../../report/progress.node.ts";
import { type Command, defineCommand, exitCodes, numberFlag, usageError } from "../command.ts";
import { listenForInterrupt } from "../interrupt.ts";

/** What the command needs from the other rooms; tests give their own. */
export interface CalibrateDependencies {
  /** Finds the model by id or by path. */
  readonly openModels: (models: readonly string[]) => Promise<OpenedModels>;
  readonly stdout: Pick<NodeJS.WriteStream, "write">;
  readonly stderr: NodeJS.WriteStream;
}

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
  device: { type: "string", valueHint: "NAME", description: "where the network runs (default: the first that works)" },
  predictions: { type: "string", valueHint: "FILE", description: "keep predictions in FILE, and go on from it after a stop" },
  json: { type: "boolean", description: "say what was fitted as one line of JSON" },
} as const satisfies ArgsDef;

type Args = ParsedArgs<typeof calibrateArgs>;

/** The command `tensorface calibrate`, with its dependencies loaded when it runs. */
export function createCalibrateCommand(load: () => Promise<CalibrateDependencies>): Command {
  return defineCommand({
    meta: { name: "calibrate", description: "Fit a model's ranges and sets of labels on labelled faces of your own, as a new model." },
    args: calibrateArgs,
    help: {
      operands: "MODEL",
      examples: [
        [
          "tensorface calibrate age-gender-5 --data staff.csv --out staff.onnx",
          "ranges that hold the true age of 8 of 10 faces like these",
        ],
        ["tensorface analyze party.jpg --model staff.onnx", "and what it says of a picture"],
        ["tensorface calibrate mood-5 --data data/mine --split validation --level 0.95", "sets such as happy or surprise"],
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

async function calibrate(model: string, data: string, args: Args, { openModels, stdout, stderr }: CalibrateDependencies): Promise<void> {
  const asked = await readSettings(data, args);
  const { platform, ids } = await openModels([model]);
  const head = (await platform.models.manifests()).find(({ id }) => id === ids[0]);
  if (head?.kind !== "head")
    throw usageError(`"${model}" tells nothing: it finds faces`, "`tensorface models list` shows what each model is for.");
  const id = args.name ?? `${head.id}-calibrated`;
  const out = args.out ?? `${id}.onnx`;
  if ((await pathKind(out)) !== "none") {
    throw new TensorFaceError("TF_MODEL_EXISTS", `"${out}" is there already`, {
      hint: "Choose another file with --out, or remove that one.",
    });
  }
  const settings = { ...asked, model: head.id, path: args.path ?? (head.sees === "picture" ? ("crop" as const) : ("photo" as const)) };
  const progress = progressOn(stderr);
  using interrupt = listenForInterrupt(() => {
    progress.clear();
    stderr.write("stopping after this batch (Ctrl-C again stops at once)\n");
  });
  const { stopping, now } = interrupt;
  const outcome = await calibrateSource(settings, platform, { stopping, now, onProgress: (update) => progress.update(update) });
  progress.clear();
  for (const { id: face, message } of outcome.failed) stderr.write(`${face}: ${message}\n`);
  if (outcome.manifest === undefined) {
    const kept = settings.predictions === undefined ? "nothing is kept without --predictions" : `kept in ${settings.predictions}`;
    stderr.write(`stopped; ${kept}, and no model is written\n`);
    return;
  }
  const calibrated = { ...outcome.manifest, id, title: `${head.title}, calibrated` };
  await writeFileAtomically(out, await makeModelFile(await platform.models.read(head), calibrated));
  stdout.write(args.json === true ? `${JSON.stringify(asJson(calibrated, outcome, out))}\n` : inWords(outcome, out));
  if (outcome.failed.length > 0) process.exitCode ??= exitCodes.failed;
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

/** What somebody's own data usually are; an imported dataset knows its layout. */
async function usualFormat(data: string): Promise<DatasetFormat | undefined> {
  if (await isDataset(data)) return undefined;
  const found = await stat(data).catch(() => undefined);
  return found?.isFile() === true ? "csv" : "folder";
}

function asJson(manifest: HeadManifest, { tasks, faces, found, notes }: CalibrationOutcome, file: string): object {
  const fitted = tasks.map(({ task, conformal, faces: used, size, before }) => ({ task: task.name, faces: used, size, before, conformal }));
  return { schema: "tensorface.calibration/1", id: manifest.id, file, faces, found, tasks: fitted, notes };
}

function inWords({ tasks, notes, found, faces }: CalibrationOutcome, out: string): string {
  const lines = [
    `${found} of ${faces} faces found`,
    ...tasks.flatMap(taskInWords),
    ...notes.map((note) => `note: ${note}`),
    `written to ${out}`,
  ];
  return `${lines.join("\n")}\n`;
}

function taskInWords({ task, conformal, faces, size, before }: TaskCalibration): string[] {
  const unit = task.kind === "age" ? " years" : task.kind === "number" ? ` ${task.unit ?? ""}`.trimEnd() : " labels";
  const was = before === undefined ? "" : `; before ${share(before.held)} were held, with ${before.size.toFixed(1)}${unit} on average`;
  const what = task.kind === "age" || task.kind === "number" ? "ranges" : "sets";
  const head = `${task.name}: ${what} for ${share(conformal.level)} of ${faces} faces, ${size.toFixed(1)}${unit} on average${was}`;
  return [head, ...groupsInWords(conformal).map((line) => `  ${line}`)];
}

function groupsInWords(conformal: Conformal): string[] {
  switch (conformal.kind) {
    case "age":
      return withRanges(conformal.groups).map(
        ({ range, mass, faces }) => `${range}: ${share(mass)} of the distribution, from ${faces} faces`,
      );
    case "number":
      return withRanges(conformal.groups).map(
        ({ range, low, high, faces }) => `${range}: ${signed(low)} to ${signed(high)}, from ${faces} faces`,
      );
    case "ordered":
      return conformal.groups.map(
        ({ labels, mass, faces }) => `told ${labels.join(", ")}: ${share(mass)} of the probability, from ${faces} faces`,
      );
    case "classes":
      return conformal.groups.map(
        ({ labels, probability, faces }) => `told ${labels.join(", ")}: labels from ${share(probability)} on, from ${faces} faces`,
      );
    default:
      return conformal satisfies never;
  }
}

/** Each group with where it begins and ends: `told under 10`, `told 10 to 30`, `told 30 or more`. */
function withRanges<Group extends { readonly from?: number | undefined }>(
  groups: readonly Group[],
): (Group & { readonly range: string })[] {
  return groups.map((group, index) => ({ ...group, range: rangeInWords(group.from, groups[index + 1]?.from) }));
}

function rangeInWords(from: number | undefined, next: number | undefined): string {
  if (from === undefined) return next === undefined ? "all" : `told under ${short(next)}`;
  return next === undefined ? `told ${short(from)} or more` : `told ${short(from)} to ${short(next)}`;
}

function signed(value: number): string {
  return value < 0 ? short(value) : `+${short(value)}`;
}

function share(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
