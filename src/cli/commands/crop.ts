import type { ArgsDef, ParsedArgs } from "citty";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  type AnalysisTally,
  beginsIn,
  countInputs,
  createCsvWriter,
  createCutter,
  type CropRendering,
  expandInputs,
  type ExpandOptions,
  type PictureItem,
  preferFiles,
  realPathOf,
  runAnalysis,
  summarizeRun,
  withKeptResults,
} from "../../bulk/index.ts";
import { cropDefaults, cropLimits, type CropOptions, type FaceAnalyzer, type NodeAnalyzerOptions } from "../../analyze/index.ts";
import { TensorFaceError } from "../../core/index.ts";
import { lockFile } from "../../files/file-lock.node.ts";
import { pathKind, writeFailure } from "../../files/files.node.ts";
import { type EncodingFormat, encodingFormats } from "../../image/index.ts";
import { type Command, defineCommand, exitCodes, numberFlag, usageError } from "../command.ts";
import { findingArgs, readFinding } from "../finding-args.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { createFileSink, partOf } from "../../files/output.node.ts";
import { progressOn } from "../../report/progress.node.ts";

/** What the command needs from the other rooms; tests give their own. */
export interface CropDependencies extends CropRendering {
  readonly createAnalyzer: (options: NodeAnalyzerOptions) => Promise<FaceAnalyzer<PictureItem["input"]>>;
  /** How a head cuts its faces. */
  readonly cropOfHead: (name: string) => Promise<CropOptions>;
  /** The bytes behind `-` or a URL. */
  readonly read: ExpandOptions["read"];
  readonly stderr: NodeJS.WriteStream;
}

const tableName = "crops.csv";

const cropArgs = {
  out: { type: "string", alias: "o", valueHint: "DIR", description: `write the crops and ${tableName} into DIR (needed)` },
  size: {
    type: "string",
    valueHint: "N",
    description: `sides of each crop, in pixels (default: ${cropDefaults.size}, with --template those of the head's input)`,
  },
  template: {
    type: "string",
    valueHint: "NAME",
    description: "cut as this head sees faces, by their landmarks: a name of `models list`, a folder or a file (default: by the box)",
  },
  margin: {
    type: "string",
    valueHint: "SHARE",
    description: `what is added to the box at each side, as a share of its longer side (default: ${cropDefaults.margin})`,
  },
  align: { type: "boolean", description: "turn each face upright, so that its eyes stand level" },
  format: { type: "enum", alias: "f", options: [...encodingFormats], default: "png", description: "the kind of picture file" },
  ...findingArgs,
} as const satisfies ArgsDef;

/** The command `tensorface crop`, with its dependencies loaded when it runs. */
export function createCropCommand(loadDependencies: () => Promise<CropDependencies>): Command {
  return defineCommand({
    meta: {
      name: "crop",
      description: "Cut the faces out of pictures: a square picture for each face, and a table of where each came from.",
    },
    args: cropArgs,
    help: {
      operands: "INPUT...",
      examples: [
        ["tensorface crop photos --out faces", "every face of a folder and its subfolders, and faces/crops.csv"],
        ["tensorface crop party.jpg --out faces --align --margin 0.4", "turned upright, with more around them"],
        ["tensorface crop photos --out faces --template mood-5 --size 192", "as a head sees them, twice as large"],
        ["tensorface crop photos --out faces --detector dlib --margin 0", "by the boxes of dlib's face detector"],
      ],
      notes: [
        "INPUT is a file, a folder (with everything below it), a glob in quotes, an http(s) URL, or - for standard input, as for analyze. Folders and globs pass over DIR.",
        "Crops are called NAME-face1.png, NAME-face2.png, the largest face first; subfolders are kept, and of two pictures with one NAME the second becomes NAME-2. No file that is there is ever replaced: a DIR that holds crops.csv already is refused.",
        "Proportions are kept, and small faces are enlarged. Where a crop looks past the picture, its edge pixels are repeated.",
        "A picture that cannot be read becomes a line of crops.csv with its error, and the run goes on. Exit codes: 0 done, 1 some inputs failed, 2 wrong use, 130 stopped by Ctrl-C; what was done until then is kept.",
      ],
    },
    run: async ({ args }) => {
      const settings = await readSettings(args);
      const tally = await crop(settings, await loadDependencies());
      if (tally.failed > 0) process.exitCode ??= exitCodes.failed;
    },
  });
}

export const cropCommand: Command = createCropCommand(async () => {
  const [{ createAnalyzer }, { readPicture }, { cropOfHead, renderCrops }] = await Promise.all([
    import("../../analyze/create-analyzer.node.ts"),
    import("../../bulk/annotated-copy.node.ts"),
    import("../../bulk/face-crops.node.ts"),
  ]);
  const read: CropDependencies["read"] = (location, signal) => readPicture(location, {}, signal);
  return { createAnalyzer, cropOfHead, renderCrops, read, stderr: process.stderr };
});

interface CropSettings {
  readonly inputs: readonly string[];
  readonly out: string;
  readonly format: EncodingFormat;
  readonly template: string | undefined;
  readonly crop: CropOptions;
  readonly analyzer: NodeAnalyzerOptions;
}

async function readSettings(args: ParsedArgs<typeof cropArgs>): Promise<CropSettings> {
  if (args._.length === 0) throw usageError("crop needs at least one INPUT", "For example: tensorface crop photo.jpg --out faces");
  if (args.out === undefined || args.out === "")
    throw usageError("crop needs --out DIR", "DIR is the folder that the crops are written into.");
  const size = numberFlag("size", args.size, { min: 1, max: cropLimits.size, whole: true });
  const margin = numberFlag("margin", args.margin, { min: 0, max: cropLimits.margin });
  if (args.template !== undefined && (margin !== undefined || args.align === true))
    throw usageError("--template says where the face stands: leave --margin and --align out");
  return {
    inputs: await preferFiles(args._),
    out: args.out,
    format: args.format,
    template: args.template,
    crop: { size, margin, align: args.align },
    // No task is told: faces are found, and nothing else.
    analyzer: { tasks: [], ...readFinding(args) },
  };
}

/** Runs the command: everything of it that is not parsing. */
async function crop(settings: CropSettings, dependencies: CropDependencies): Promise<AnalysisTally> {
  const { inputs, out, format } = settings;
  const { stderr } = dependencies;
  const folder = await realPathOf(out);
  await checkFolder(settings, folder);
  const cutting = await cropOptions(settings, dependencies);
  await using analyzer = await dependencies.createAnalyzer(settings.analyzer);
  const table = join(folder, tableName);
  await using _lock = await lockTable(table);
  const sink = await createFileSink(table, { open: dependencies.open });
  const { work, fileOf } = createCutter(folder, { format, crop: cutting }, dependencies);
  const writer = createCsvWriter({ tasks: [], ageGroups: [], more: [{ name: "crop", isText: true as const, value: fileOf }] });
  const expand: ExpandOptions = { read: dependencies.read, readsUrls: true, skipFolder: folder };
  const progress = progressOn(stderr);
  using interrupt = listenForInterrupt(() => {
    progress.clear();
    stderr.write("stopping: finishing the pictures under way (Ctrl-C again stops at once)\n");
  });
  const { stopping, now } = interrupt;
  let total: number | undefined;
  if (stderr.isTTY)
    void countInputs(inputs, expand).then(
      (count) => (total = count),
      () => {},
    );
  const start = performance.now();
  const items = expandInputs(inputs, { ...expand, signal: now });
  try {
    const tally = await runAnalysis({ items, analyzer, writer, sink, progress, total: () => total, work, stage: "crop", stopping, now });
    await sink.finish();
    const seconds = (performance.now() - start) / 1000;
    stderr.write(summarizeRun(tally, seconds, { wasStopped: stopping.aborted, total, written: [`cut into ${out}`] }));
    return tally;
  } catch (error) {
    // As for a table that is printed: no later run goes on from it.
    throw withKeptResults(error, await sink.leave(), "table");
  }
}

/** @throws {TF_INVALID_ARGUMENT} when DIR is no folder, holds crops already, or holds the sources */
async function checkFolder({ inputs, out }: CropSettings, folder: string): Promise<void> {
  const kind = await pathKind(folder);
  if (kind === "file") throw usageError(`--out ${out} is no folder`, "Choose a folder for the crops.");
  // One folder, one table: a second run would leave crops that no table tells of.
  if ((await pathKind(join(folder, tableName))) !== "none")
    throw usageError(`--out ${out} holds the crops of an earlier run (${tableName})`, "Choose another folder, or remove that one.");
  const part = partOf(join(folder, tableName));
  if ((await pathKind(part)) !== "none")
    throw new TensorFaceError("TF_OUTPUT_UNFINISHED", `"${part}" is the table of an earlier run that did not end`, {
      hint: "Choose another folder, or remove that one.",
    });
  for (const input of inputs) {
    if (await beginsIn(folder, input))
      throw usageError(`--out ${out} holds the pictures of "${input}"`, "Choose another folder: crops must not become sources.");
  }
}

async function cropOptions({ template, crop: { size, ...others } }: CropSettings, dependencies: CropDependencies): Promise<CropOptions> {
  if (template === undefined) return { size, ...others };
  const head = await dependencies.cropOfHead(template);
  return { ...head, size: size ?? head.size };
}

/** Makes the folder, which belongs to this run alone until it ends. @throws {TF_FOLDER_BUSY} when another run writes there */
async function lockTable(table: string): Promise<AsyncDisposable> {
  await mkdir(dirname(table), { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, dirname(table));
  });
  return lockFile(table);
}
