import type { ArgsDef, ParsedArgs } from "citty";
import { stat } from "node:fs/promises";
import { extname } from "node:path";
import type { FaceAnalysis } from "../../analyze/analysis.ts";
import type { FaceAnalyzer } from "../../analyze/face-analyzer.ts";
import type { NodeAnalyzerOptions, PictureLimits } from "../../analyze/options.ts";
import { optionLimits } from "../../analyze/options-check.ts";
import { adienceAgeGroups, type AgeGroup, builtInTasks, fairFaceAgeGroups, isTaskName } from "../../core/index.ts";
import { type AnalysisTally, type AnnotatePicture, describeTally, runAnalysis } from "../analysis-run.ts";
import type { RenderOptions } from "../annotated-copy.ts";
import { annotatedExtension, createAnnotatedNames, isMarkedName } from "../annotated-names.ts";
import { type Command, defineCommand, exitCodes, listFlag, numberFlag, repeatedFlag, usageError } from "../command.ts";
import { createOutcomeWriter, type OutcomeFormat, outcomeFormats } from "../format/outcome-writer.ts";
import {
  countInputs,
  type ExpandOptions,
  expandInputs,
  isSinglePicture,
  localPathOf,
  pictureExtensions,
  type PictureItem,
  preferFiles,
  reachesInto,
  realPathOf,
} from "../inputs.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { createFileSink, createStreamSink, writeNewFile } from "../output.ts";
import { createProgressLine, describeDuration, type ProgressLine, silentProgress } from "../progress.ts";

/** What the command needs from the other rooms; tests give their own. */
export interface AnalyzeDependencies {
  readonly createAnalyzer: (options: NodeAnalyzerOptions) => Promise<FaceAnalyzer<PictureItem["input"]>>;
  /** Whether a file is an annotated copy of an earlier run. */
  readonly isAnnotatedCopy: (path: string) => Promise<boolean>;
  /** The picture with its faces boxed and labelled, as a file of the kind that `extension` (`.png`) names. */
  readonly renderAnnotated: (input: PictureItem["input"], analysis: FaceAnalysis, options: RenderOptions) => Promise<Uint8Array>;
  /** The bytes behind `-` or a URL. */
  readonly read: (location: string, limits: PictureLimits, signal?: AbortSignal) => Promise<Uint8Array>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

const ageGroupings = { adience: adienceAgeGroups, fairface: fairFaceAgeGroups } as const satisfies Record<string, readonly AgeGroup[]>;
const ageGroupingNames = ["adience", "fairface"] as const satisfies (keyof typeof ageGroupings)[];
const detectors = ["blazeface", "ssd"] as const;

const analyzeArgs = {
  format: { type: "enum", alias: "f", options: [...outcomeFormats], description: "how to write the results (default: see below)" },
  out: { type: "string", alias: "o", valueHint: "FILE", description: "write the results to FILE instead of the terminal" },
  annotate: { type: "string", valueHint: "DIR", description: "write each picture with its faces boxed and labelled into DIR" },
  heads: {
    type: "string",
    valueHint: "LIST",
    description: "what to tell: some of age,gender,mood and of what the models tell (default: all)",
  },
  model: {
    type: "string",
    valueHint: "NAME|PATH",
    description: "also use this model: a name of `models list`, a folder or a file; again for another (default: none)",
  },
  "age-groups": {
    type: "enum",
    options: [...ageGroupingNames],
    default: "adience",
    description: "the groups that age probabilities are summed into",
  },
  detector: { type: "enum", options: [...detectors], description: "what finds the faces (default: blazeface)" },
  "min-face": {
    type: "string",
    valueHint: "PX",
    description:
      "longer side of the smallest face box to look for, in pixels (default: 1/64 of the picture's longer side, less for panoramas, at least 20)",
  },
  "min-score": {
    type: "string",
    valueHint: "S",
    description: "leave out faces of which the detector is less sure, 0 to 1 (default: 0, all that are found)",
  },
  "max-faces": { type: "string", valueHint: "N", description: "keep the N largest faces of a picture (default: 256)" },
  "any-rotation": { type: "boolean", description: "also find faces that lie on their side or upside down; about four times slower" },
  device: { type: "string", valueHint: "NAME", description: "where the networks run (default: the first that works)" },
  concurrency: {
    type: "string",
    valueHint: "N",
    description: "pictures in work at the same time (default: two for each processor core and thread)",
  },
  workers: {
    type: "string",
    valueHint: "N",
    description: "threads that help with more than 16 pictures, 250 MB each (default: one less than there are cores, at most 3)",
  },
  "max-megapixels": { type: "string", valueHint: "N", description: "refuse larger pictures before decoding them" },
  "max-megabytes": { type: "string", valueHint: "N", description: "refuse larger files before reading them" },
} as const satisfies ArgsDef;

/** The command `tensorface analyze`, with its dependencies loaded when it runs. */
export function createAnalyzeCommand(loadDependencies: () => Promise<AnalyzeDependencies>): Command {
  return defineCommand({
    meta: { name: "analyze", description: "Find every face in pictures and tell apparent age, gender and mood, with probabilities." },
    args: analyzeArgs,
    help: {
      operands: "INPUT...",
      examples: [
        ["tensorface analyze photo.jpg", "a table in the terminal"],
        ["tensorface analyze photos --format csv --out faces.csv", "a folder and its subfolders, a row for each face"],
        ['tensorface analyze "photos/**/*.jpg" --annotate out', "copies with boxes and labels; subfolders are kept"],
        ["tensorface analyze photos | jq .faces[].mood.label", "one line of JSON for each picture"],
        ["tensorface analyze party.jpg --model photos-model", "a model of your own beside the built-in ones"],
        ["curl -s https://example.org/a.jpg | tensorface analyze -", "a picture from standard input"],
      ],
      notes: [
        "INPUT is a file, a folder (with everything below it), a glob in quotes, an http(s) URL, or - for standard input. Folders and globs take .jpg .jpeg .jfif .png .webp .avif .gif .tif .tiff.",
        "Format: table on a terminal, jsonl (one line of JSON for each picture) into a pipe; with --out by the file's ending: .json, .jsonl, .csv, .txt.",
        "A picture that cannot be read becomes a line with its error, and the run goes on. Exit codes: 0 done, 1 some inputs failed, 2 wrong use, 130 stopped by Ctrl-C; what was done until then is written.",
      ],
    },
    run: async ({ args, rawArgs }) => {
      const settings = await readSettings(args, repeatedFlag("model", rawArgs));
      const tally = await analyze(settings, await loadDependencies());
      if (tally.failed > 0) process.exitCode ??= exitCodes.failed;
    },
  });
}

export const analyzeCommand: Command = createAnalyzeCommand(async () => {
  const [{ createAnalyzer }, { isAnnotatedCopy, readPicture, renderAnnotated }] = await Promise.all([
    import("../../analyze/create-analyzer.node.ts"),
    import("../annotated-copy.ts"),
  ]);
  return { createAnalyzer, isAnnotatedCopy, renderAnnotated, read: readPicture, stdout: process.stdout, stderr: process.stderr };
});

interface AnalyzeSettings {
  readonly inputs: readonly string[];
  readonly format: OutcomeFormat | undefined;
  readonly out: string | undefined;
  readonly annotate: string | undefined;
  readonly ageGroups: readonly AgeGroup[];
  readonly limits: PictureLimits;
  readonly analyzer: NodeAnalyzerOptions;
}

async function readSettings(args: ParsedArgs<typeof analyzeArgs>, models: readonly string[]): Promise<AnalyzeSettings> {
  if (args._.length === 0) throw usageError("analyze needs at least one INPUT", "For example: tensorface analyze photo.jpg");
  const heads = readHeads(args.heads, models);
  const ageGroups = ageGroupings[args["age-groups"]];
  const megapixels = numberFlag("max-megapixels", args["max-megapixels"], { min: 0.001 });
  const megabytes = numberFlag("max-megabytes", args["max-megabytes"], { min: 0.001 });
  const limits = {
    maxPixels: megapixels === undefined ? undefined : Math.round(megapixels * 1e6),
    maxBytes: megabytes === undefined ? undefined : Math.round(megabytes * 1e6),
  };
  const analyzer: NodeAnalyzerOptions = {
    heads,
    models,
    ageGroups,
    limits,
    detector: args.detector,
    minFaceSize: numberFlag("min-face", args["min-face"], { min: 1 }),
    minScore: numberFlag("min-score", args["min-score"], { min: 0, max: 1 }),
    maxFaces: numberFlag("max-faces", args["max-faces"], { min: 1, whole: true }),
    anyRotation: args["any-rotation"],
    device: args.device,
    concurrency: numberFlag("concurrency", args.concurrency, { min: 1, max: optionLimits.concurrency, whole: true }),
    workers: numberFlag("workers", args.workers, { min: 0, max: optionLimits.workers, whole: true }),
  };
  return {
    inputs: await preferFiles(args._),
    format: args.format,
    out: args.out,
    annotate: args.annotate,
    ageGroups,
    limits,
    analyzer,
  };
}

/** What to tell; undefined for all. Which tasks a model tells is only known when it is opened. */
function readHeads(text: string | undefined, models: readonly string[]): string[] | undefined {
  if (models.length === 0) return listFlag("heads", text, builtInTasks);
  const names = text?.split(",").map((name) => name.trim());
  const odd = names?.find((name) => !isTaskName(name));
  if (odd !== undefined) throw usageError(`--heads expects tasks with commas between, got "${text}"`);
  return names;
}

/** Runs the command: everything of it that is not parsing. */
async function analyze(settings: AnalyzeSettings, dependencies: AnalyzeDependencies): Promise<AnalysisTally> {
  const { stdout, stderr } = dependencies;
  await checkTargets(settings);
  const { expand, annotate } = await planAnnotation(settings, dependencies);
  await using analyzer = await dependencies.createAnalyzer(settings.analyzer);
  const isTerminal = settings.out === undefined && stdout.isTTY;
  const format = settings.format ?? defaultFormat(settings.out, isTerminal);
  const writer = createOutcomeWriter(format, {
    tasks: analyzer.tasks,
    ageGroups: settings.ageGroups,
    isSinglePicture: await isSinglePicture(settings.inputs),
    width: isTerminal ? stdout.columns : 110,
    colour: isTerminal && stdout.hasColors(),
  });
  const sink = settings.out === undefined ? createStreamSink(stdout) : await createFileSink(settings.out);
  const progress = progressOn(stderr);
  using interrupt = listenForInterrupt(() => {
    progress.clear();
    stderr.write("stopping: finishing the pictures under way (Ctrl-C again stops at once)\n");
  });
  let total: number | undefined;
  if (stderr.isTTY)
    void countInputs(settings.inputs, expand).then(
      (count) => (total = count),
      () => {},
    );
  const start = performance.now();
  try {
    const { stopping, now } = interrupt;
    const items = expandInputs(settings.inputs, { ...expand, signal: now });
    const tally = await runAnalysis({ items, analyzer, writer, sink, progress, total: () => total, annotate, stopping, now });
    await sink.finish();
    stderr.write(summary(tally, (performance.now() - start) / 1000, { ...settings, wasStopped: stopping.aborted, total }));
    return tally;
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

function defaultFormat(out: string | undefined, isTerminal: boolean): OutcomeFormat {
  if (out === undefined) return isTerminal ? "table" : "jsonl";
  const byExtension: Readonly<Record<string, OutcomeFormat>> = { ".json": "json", ".csv": "csv", ".txt": "table" };
  return byExtension[extname(out).toLowerCase()] ?? "jsonl";
}

function progressOn(stderr: NodeJS.WriteStream): ProgressLine {
  if (!stderr.isTTY) return silentProgress;
  return createProgressLine({ write: (text) => stderr.write(text), width: stderr.columns });
}

interface RunSummary extends Pick<AnalyzeSettings, "out" | "annotate"> {
  readonly wasStopped: boolean;
  readonly total: number | undefined;
}

/** `3 pictures done, 21 faces, 1 failed, in 2.1 s (1.4 pictures a second), written to faces.csv`. */
function summary(tally: AnalysisTally, seconds: number, { wasStopped, total, out, annotate }: RunSummary): string {
  const pictures = tally.pictures === 1 ? "1 picture" : `${tally.pictures} pictures`;
  const of = wasStopped && total !== undefined ? ` of ${total}` : "";
  const rate = tally.pictures > 1 && seconds > 0 ? ` (${(tally.pictures / seconds).toFixed(1)} pictures a second)` : "";
  const written = out === undefined ? "" : `, written to ${out}`;
  const copies = annotate === undefined ? "" : `, annotated in ${annotate}`;
  return `${wasStopped ? "stopped: " : ""}${pictures}${of} done, ${describeTally(tally)}, in ${describeDuration(seconds)}${rate}${written}${copies}\n`;
}

/** @throws {TF_INVALID_ARGUMENT} when the results would replace a picture or cannot be a file, or the copies have no folder to go to */
async function checkTargets({ inputs, out, annotate }: AnalyzeSettings): Promise<void> {
  const folder = annotate === undefined ? undefined : await stat(annotate).catch(() => undefined);
  if (folder?.isDirectory() === false) throw usageError(`--annotate ${annotate} is no folder`, "Choose a folder for the annotated copies.");
  if (out === undefined) return;
  const found = await stat(out).catch(() => undefined);
  if (found?.isFile() === false)
    throw usageError(`--out ${out} is no file`, "Choose a file for the results, or leave --out away and redirect with >.");
  const target = await realPathOf(out);
  for (const input of inputs) {
    const path = localPathOf(input);
    if (path !== undefined && (await realPathOf(path)) === target)
      throw usageError(`--out ${out} is one of the inputs`, "Choose another file for the results.");
  }
  if (found !== undefined && pictureExtensions.includes(extname(out).toLowerCase()))
    throw usageError(`--out ${out} is a picture that is there already`, "Choose another file for the results.");
}

interface AnnotationPlan {
  readonly expand: ExpandOptions;
  readonly annotate: AnnotatePicture | undefined;
}

/**
 * Where annotated copies go, and which files walks must pass over so that a copy never becomes a source: where the target folder can hold
 * sources, now or after this run, copies get marked names.
 */
async function planAnnotation(settings: AnalyzeSettings, dependencies: AnalyzeDependencies): Promise<AnnotationPlan> {
  const read: ExpandOptions["read"] = (location, signal) => dependencies.read(location, settings.limits, signal);
  if (settings.annotate === undefined) return { expand: { read }, annotate: undefined };
  const folder = await realPathOf(settings.annotate);
  const reached = await Promise.all(settings.inputs.map((input) => reachesInto(folder, input)));
  const marked = reached.includes(true);
  const names = createAnnotatedNames({ folder, marked });
  const annotate: AnnotatePicture = async ({ input, place }, analysis) => {
    const extension = annotatedExtension(place);
    const copy = await dependencies.renderAnnotated(input, analysis, { extension, limits: settings.limits });
    await writeNewFile(() => names.next(place), copy, dependencies.isAnnotatedCopy);
  };
  return { expand: { read, readsUrls: true, ...(marked ? { skipName: isMarkedName } : {}) }, annotate };
}
