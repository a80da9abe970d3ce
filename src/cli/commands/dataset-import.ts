import type { ArgsDef, ParsedArgs } from "citty";
import { moods } from "../../core/index.ts";
import { importDataset, type ImportOptions } from "../../datasets/import/import.node.ts";
import { inspectHeader } from "../../datasets/import/picture.node.ts";
import { datasetFormats, describeImport, requestKinds, type TaskRequest } from "../../datasets/index.ts";
import { type Command, defineCommand, listFlag, numberFlag, usageError } from "../command.ts";
import { sayNext, withProgress } from "../dataset/terminal.ts";
import { quoted } from "../../report/index.ts";
import { toolVersions } from "../../predict/index.ts";

const importArgs = {
  out: { type: "string", alias: "o", valueHint: "DIR", description: "folder of the imported dataset (required)" },
  labels: {
    type: "enum",
    options: ["strict", "mapped"],
    description: "adience: the eight published groups only, or odd labels put into them (default: strict)",
  },
  pictures: {
    type: "enum",
    options: ["faces", "aligned"],
    description: "adience: which pictures (default: aligned where that folder is there)",
  },
  frontal: { type: "boolean", description: "adience: the frontal subset, from fold_frontal_*" },
  "test-fold": { type: "string", valueHint: "N", description: "adience: the fold that is the test set, 0 to 4 (default: 4)" },
  "fer-plus": { type: "string", valueHint: "FILE", description: "fer2013: FER+ votes (default: fer2013new.csv beside the labels)" },
  columns: {
    type: "string",
    valueHint: "LIST",
    description: "csv, imagefolder, label-studio: which column holds what, as file=path,mood=emotion (default: known names)",
  },
  task: {
    type: "string",
    valueHint: "LIST",
    description: "own data: what the labels tell where they are words or numbers of your own, as glasses or glasses,rating",
  },
  kind: {
    type: "string",
    valueHint: "LIST",
    description: "how each --task is labelled: classes, tags (several at once), ordered (groups), number (default: classes)",
  },
  classes: { type: "string", valueHint: "LIST", description: "the labels of --task, in their order (default: all that occur)" },
  margin: {
    type: "string",
    valueHint: "SHARE",
    description: "how much around a box is cut out with it, as a share of its sides (default: 0; of an analysis 0.4)",
  },
  name: { type: "string", valueHint: "NAME", description: "own data: what the dataset is called in ids (default: the format)" },
  title: { type: "string", valueHint: "TEXT", description: "own data: who made the data, for reports and model cards" },
  licence: { type: "string", valueHint: "TEXT", description: "own data: its licence, for model cards (default: not stated)" },
  "drop-label": { type: "string", valueHint: "LIST", description: "leave out faces of these moods, as disgust" },
  validation: {
    type: "string",
    valueHint: "SHARE",
    description: "share of training data for validation where there is none (default: 0.05)",
  },
  test: { type: "string", valueHint: "SHARE", description: "share for testing of data without official parts (default: 0)" },
  copy: { type: "boolean", description: "copy the pictures into the dataset's folder instead of pointing at them" },
  parquet: { type: "boolean", description: "write manifest.parquet instead of manifest.jsonl" },
  "allow-missing": { type: "boolean", description: "go on when more than a tenth of the pictures is missing" },
  verify: { type: "boolean", default: true, negativeDescription: "read picture headers only; damaged pictures are then not found" },
} as const satisfies ArgsDef;

function readColumns(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  return Object.fromEntries(
    text.split(",").map((pair) => {
      const [field, ...header] = pair.split("=");
      if (field === undefined || header.length === 0)
        throw usageError(`--columns expects field=header pairs with commas between, got "${text}"`);
      return [field.trim(), header.join("=").trim()];
    }),
  );
}

/** The tasks of `--task`, each of its kind; one kind may stand for all. */
function readTasks(args: ParsedArgs<typeof importArgs>): TaskRequest[] | undefined {
  const split = (text: string): string[] => text.split(",").map((part) => part.trim());
  const kinds = args.kind === undefined ? [] : split(args.kind).map((kind) => listFlag("kind", kind, requestKinds)![0]!);
  const labels = args.classes === undefined ? undefined : split(args.classes);
  if (args.task === undefined) {
    if (kinds.length > 0 || labels !== undefined) throw usageError("--kind and --classes say more of a --task, which is missing");
    return undefined;
  }
  const names = split(args.task);
  if (kinds.length > 1 && kinds.length !== names.length)
    throw usageError(`--kind expects one kind, or one for each of ${names.join(", ")}`);
  if (labels !== undefined && names.length > 1) throw usageError("--classes are those of one --task");
  return names.map((name, index) => ({ name, kind: kinds[index] ?? kinds[0], labels }));
}

function readOptions(args: ParsedArgs<typeof importArgs>): ImportOptions {
  return {
    labels: args.labels,
    pictures: args.pictures,
    frontal: args.frontal,
    testFold: numberFlag("test-fold", args["test-fold"], { min: 0, max: 4, whole: true }),
    ferPlus: args["fer-plus"],
    columns: readColumns(args.columns),
    tasks: readTasks(args),
    margin: numberFlag("margin", args.margin, { min: 0, max: 5 }),
    name: args.name,
    title: args.title,
    licence: args.licence,
    dropLabels: listFlag("drop-label", args["drop-label"], moods),
    validation: numberFlag("validation", args.validation, { min: 0, max: 1 }),
    test: numberFlag("test", args.test, { min: 0, max: 1 }),
    copy: args.copy,
    parquet: args.parquet,
    allowMissing: args["allow-missing"],
    ...(args.verify ? {} : { inspect: inspectHeader }),
  };
}

export const datasetImportCommand: Command = defineCommand({
  meta: { name: "import", description: "Read a dataset in its published layout; every row becomes a face or a counted rejection." },
  args: importArgs,
  help: {
    operands: "FORMAT SOURCE --out DIR",
    examples: [
      ["tensorface dataset import fairface fairface --out data/fairface", "the folder with fairface_label_train.csv"],
      ["tensorface dataset import fer2013 fer2013.csv --out data/fer2013 --drop-label disgust", "Kaggle's table, six moods"],
      ["tensorface dataset import adience adience --out data/adience --labels mapped", "odd ages go to the nearest group"],
      ["tensorface dataset import folder photos --out data/mine", "sub-folders by class: happy, female, 25-32, train/sad"],
      ["tensorface dataset import folder photos --task glasses --out data/glasses", "any classes: photos/glasses, photos/none"],
      ["tensorface dataset import csv faces.csv --task rating --kind number --out data/rated", "a column of numbers"],
      ["tensorface dataset import coco export --task helmet --margin 0.3 --out data/helmets", "each box becomes a picture"],
      ["tensorface dataset import csv answers.csv --out data/answers", "what `analyze --format csv` told, corrected perhaps"],
      ["tensorface dataset import label-studio tasks.json --out data/labelled", "labels that people gave in Label Studio"],
      ["tensorface dataset import csv faces.csv --out data/mine --columns file=path,mood=feeling", "a table of your own"],
    ],
    notes: [
      `FORMAT is one of ${datasetFormats.join(", ")}.`,
      "Own data are folder, csv, coco, imagefolder (also Hugging Face's Parquet files, with the pictures inside) and label-studio. What `dataset export` wrote says itself what it tells. A box that is not the whole picture is cut out of it, and written into the dataset's folder.",
      "An import that was stopped goes on where it was when the same command is run again. Pictures stay where they are unless --copy is given; pixels of fer2013.csv are written as PNG files.",
    ],
  },
  run: async ({ args, rawArgs }) => {
    const [formatText, source, ...more] = args._;
    const format = datasetFormats.find((name) => name === formatText);
    if (format === undefined || source === undefined || more.length > 0) {
      const wrong =
        format === undefined && source !== undefined ? `"${formatText}" is not a FORMAT` : "dataset import needs a FORMAT and a SOURCE";
      throw usageError(wrong, `FORMAT is one of ${datasetFormats.join(", ")}.`);
    }
    const { out } = args;
    if (out === undefined) throw usageError("dataset import needs --out DIR", "The imported dataset is written there.");
    const command = ["tensorface", "dataset", "import", ...rawArgs].map(quoted).join(" ");
    const info = await withProgress((onProgress, signal) =>
      importDataset(format, source, out, { ...readOptions(args), command, versions: toolVersions(), onProgress, signal }),
    );
    process.stdout.write(describeImport(info, out));
    if (info.counts.faces > 0) sayNext(["dataset", "clean", out]);
  },
});
