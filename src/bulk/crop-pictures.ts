import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CropOptions, FaceAnalyzer, NodeAnalyzerOptions } from "../analyze/index.ts";
import { TensorFaceError } from "../core/index.ts";
import { lockFile } from "../files/file-lock.node.ts";
import { pathKind, writeFailure } from "../files/files.node.ts";
import { createFileSink, partOf } from "../files/output.node.ts";
import type { EncodingFormat } from "../image/index.ts";
import { progressOn } from "../report/progress.node.ts";
import { type AnalysisTally, runAnalysis, summarizeRun } from "./analysis-run.ts";
import { createCutter, type CropRendering } from "./crop-files.ts";
import { createCsvWriter } from "./format/csv.ts";
import { beginsIn, countBeside, expandInputs, type ExpandOptions, type PictureItem, realPathOf } from "./inputs.ts";
import { withKeptResults } from "./results.ts";
import { type ListenForStop, wrongUse } from "./run-edge.ts";

/** The table of where each crop came from. */
export const cropTableName = "crops.csv";

/** What a run needs beside; tests give their own. */
export interface CropDependencies extends CropRendering {
  readonly createAnalyzer: (options: NodeAnalyzerOptions) => Promise<FaceAnalyzer<PictureItem["input"]>>;
  /** How a head cuts its faces. */
  readonly cropOfHead: (name: string) => Promise<CropOptions>;
  /** The bytes behind `-` or a URL. */
  readonly read: ExpandOptions["read"];
  readonly stderr: NodeJS.WriteStream;
}

/** What is cut out of which pictures, and where it goes. */
export interface CropSettings {
  readonly inputs: readonly string[];
  readonly out: string;
  readonly format: EncodingFormat;
  readonly template: string | undefined;
  readonly crop: CropOptions;
  readonly analyzer: NodeAnalyzerOptions;
}

/**
 * Cuts the faces out of pictures as a command line names them, into a folder with a table of where each came from.
 * @param listen hears when to stop, from the moment on when there is something to finish
 * @throws {TF_INVALID_ARGUMENT | TF_OUTPUT_UNFINISHED} when the folder is none for crops
 * @throws {TF_FOLDER_BUSY} when another run writes there
 */
export async function cropPictures(settings: CropSettings, dependencies: CropDependencies, listen: ListenForStop): Promise<AnalysisTally> {
  const { inputs, out, format } = settings;
  const { stderr } = dependencies;
  const folder = await realPathOf(out);
  await checkFolder(settings, folder);
  const cutting = await cropOptions(settings, dependencies);
  await using analyzer = await dependencies.createAnalyzer(settings.analyzer);
  const table = join(folder, cropTableName);
  await using _lock = await lockTable(table);
  // Another run may have ended while this one loaded its networks.
  await checkFolder(settings, folder);
  const sink = await createFileSink(table, { open: dependencies.open });
  const { work, fileOf } = createCutter(folder, { format, crop: cutting }, dependencies);
  const writer = createCsvWriter({ tasks: [], ageGroups: [], more: [{ name: "crop", isText: true as const, value: fileOf }] });
  const expand: ExpandOptions = { read: dependencies.read, readsUrls: true, skipFolder: folder };
  const progress = progressOn(stderr);
  using interrupt = listen(() => {
    progress.clear();
    stderr.write("stopping: finishing the pictures under way (Ctrl-C again stops at once)\n");
  });
  const { stopping, now } = interrupt;
  using counted = stderr.isTTY ? countBeside(inputs, expand) : undefined;
  const total = (): number | undefined => counted?.total();
  const start = performance.now();
  const items = expandInputs(inputs, { ...expand, signal: now });
  try {
    const tally = await runAnalysis({ items, analyzer, writer, sink, progress, total, work, stage: "crop", stopping, now });
    await sink.finish();
    const seconds = (performance.now() - start) / 1000;
    stderr.write(summarizeRun(tally, seconds, { wasStopped: stopping.aborted, total: total(), written: [`cut into ${out}`] }));
    return tally;
  } catch (error) {
    // As for a table that is printed: no later run goes on from it.
    throw withKeptResults(error, await sink.leave(), "table");
  }
}

/** @throws {TF_INVALID_ARGUMENT} when DIR is no folder, holds crops already, or holds the sources */
async function checkFolder({ inputs, out }: CropSettings, folder: string): Promise<void> {
  const kind = await pathKind(folder);
  if (kind === "file") throw wrongUse(`--out ${out} is no folder`, "Choose a folder for the crops.");
  // One folder, one table: a second run would leave crops that no table tells of.
  if ((await pathKind(join(folder, cropTableName))) !== "none")
    throw wrongUse(`--out ${out} holds the crops of an earlier run (${cropTableName})`, "Choose another folder, or remove that one.");
  const part = partOf(join(folder, cropTableName));
  if ((await pathKind(part)) !== "none")
    throw new TensorFaceError("TF_OUTPUT_UNFINISHED", `"${part}" is the table of an earlier run that did not end`, {
      hint: "Choose another folder, or remove that one.",
    });
  for (const input of inputs) {
    if (await beginsIn(folder, input))
      throw wrongUse(`--out ${out} holds the pictures of "${input}"`, "Choose another folder: crops must not become sources.");
  }
}

async function cropOptions({ template, crop: { size, ...others } }: CropSettings, dependencies: CropDependencies): Promise<CropOptions> {
  if (template === undefined) return { size, ...others };
  const head = await dependencies.cropOfHead(template);
  return { ...head, size: typeof size === "number" ? withLongerSide(head.size, size) : head.size };
}

/** A head's crop in another size: its proportions stay. */
function withLongerSide(size: CropOptions["size"], longer: number): CropOptions["size"] {
  if (typeof size !== "object") return longer;
  const factor = longer / Math.max(size.width, size.height);
  const scaled = (side: number): number => Math.max(1, Math.round(side * factor));
  return { width: scaled(size.width), height: scaled(size.height) };
}

/** Makes the folder, which belongs to this run alone until it ends. @throws {TF_FOLDER_BUSY} when another run writes there */
async function lockTable(table: string): Promise<AsyncDisposable> {
  await mkdir(dirname(table), { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, dirname(table));
  });
  return lockFile(table);
}
