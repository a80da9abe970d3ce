import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { type FaceAnalyzer, type NodeAnalyzerOptions, type PictureLimits, spreadsheetText } from "../analyze/index.ts";
import type { AgeGroup } from "../core/index.ts";
import { createStreamSink } from "../files/output.node.ts";
import { progressOn } from "../report/progress.node.ts";
import { type AnalysisTally, runAnalysis, summarizeRun } from "./analysis-run.ts";
import { type AnnotatedCopies, planAnnotation } from "./annotation.ts";
import { resumableFormats } from "./earlier-results.ts";
import { createOutcomeWriter, type OutcomeFormat } from "./format/outcome-writer.ts";
import {
  countBeside,
  expandInputs,
  type ExpandOptions,
  isSinglePicture,
  localPathOf,
  pictureExtensions,
  type PictureItem,
  realPathOf,
} from "./inputs.ts";
import { makingOf } from "./making.ts";
import { openResults, remainingItems, withKeptResults } from "./results.ts";
import { type ListenForStop, wrongUse } from "./run-edge.ts";

/** What a run needs beside; tests give their own. */
export interface AnalyzeDependencies extends AnnotatedCopies {
  readonly createAnalyzer: (options: NodeAnalyzerOptions) => Promise<FaceAnalyzer<PictureItem["input"]>>;
  /** The bytes behind `-` or a URL. */
  readonly read: (location: string, limits: PictureLimits, signal?: AbortSignal) => Promise<Uint8Array>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** What is analysed, and where its results go. */
export interface AnalyzeSettings {
  readonly inputs: readonly string[];
  readonly format: OutcomeFormat | undefined;
  readonly out: string | undefined;
  readonly resume: boolean;
  readonly annotate: string | undefined;
  readonly ageGroups: readonly AgeGroup[];
  readonly limits: PictureLimits;
  readonly analyzer: NodeAnalyzerOptions;
}

/**
 * Analyses pictures as a command line names them, and writes their outcomes to a file or to `stdout`.
 * @param listen hears when to stop, from the moment on when there is something to finish
 * @throws {TF_INVALID_ARGUMENT} when the targets or the format do not fit
 * @throws the codes of {@link openResults} and of the analyzer
 */
export async function analyzePictures(
  settings: AnalyzeSettings,
  dependencies: AnalyzeDependencies,
  listen: ListenForStop,
): Promise<AnalysisTally> {
  const { stdout, stderr } = dependencies;
  const isTerminal = settings.out === undefined && stdout.isTTY;
  await checkTargets(settings);
  const format = settings.format ?? defaultFormat(settings.out, isTerminal);
  checkResume(settings, format);
  const read: ExpandOptions["read"] = (location, signal) => dependencies.read(location, settings.limits, signal);
  const annotation = await planAnnotation(settings.annotate, settings, dependencies);
  const expand: ExpandOptions = { read, ...annotation.expand };
  await using analyzer = await dependencies.createAnalyzer(settings.analyzer);
  const writer = createOutcomeWriter(format, {
    tasks: analyzer.tasks,
    ageGroups: settings.ageGroups,
    isSinglePicture: await isSinglePicture(settings.inputs),
    width: isTerminal ? stdout.columns : 110,
    colour: isTerminal && stdout.hasColors(),
  });
  await using results =
    settings.out === undefined
      ? undefined
      : await openResults(settings.out, {
          format,
          resume: settings.resume,
          open: dependencies.open,
          header: writer.begin(),
          tasks: analyzer.tasks,
          ageGroups: settings.ageGroups,
          making: makingOf(analyzer, settings.analyzer),
          onNote: (note) => void stderr.write(`${note}\n`),
        });
  const sink = results?.sink ?? createStreamSink(stdout);
  const earlier = results?.earlier;
  const progress = progressOn(stderr);
  using interrupt = listen(() => {
    progress.clear();
    stderr.write("stopping: finishing the pictures under way (Ctrl-C again stops at once)\n");
  });
  using counted = stderr.isTTY ? countBeside(settings.inputs, expand) : undefined;
  const start = performance.now();
  try {
    const { stopping, now } = interrupt;
    const given = expandInputs(settings.inputs, { ...expand, signal: now });
    const nameOf = format === "csv" ? spreadsheetText : (source: string): string => source;
    const items = earlier === undefined ? given : remainingItems(given, earlier, { nameOf, onSkip: annotation.skip });
    const before = earlier?.tally;
    const tally = await runAnalysis({
      items,
      analyzer,
      writer,
      sink,
      progress,
      total: () => counted?.total(),
      work: annotation.annotate,
      stopping,
      now,
      before,
    });
    await sink.finish();
    stderr.write(
      summarizeRun(tally, (performance.now() - start) / 1000, {
        wasStopped: stopping.aborted,
        total: counted?.total(),
        before: before?.pictures,
        written: writtenWhere(settings),
      }),
    );
    return tally;
  } catch (error) {
    throw withKeptResults(error, await sink.leave(), format);
  }
}

const formatOfEnding: ReadonlyMap<string, OutcomeFormat> = new Map([
  [".jsonl", "jsonl"],
  [".ndjson", "jsonl"],
  [".json", "json"],
  [".csv", "csv"],
  [".txt", "table"],
  ["", "jsonl"],
]);

/** @throws {TF_INVALID_ARGUMENT} when the name of the file does not tell it */
function defaultFormat(out: string | undefined, isTerminal: boolean): OutcomeFormat {
  if (out === undefined) return isTerminal ? "table" : "jsonl";
  const ending = extname(out).toLowerCase();
  const format = formatOfEnding.get(ending);
  if (format !== undefined) return format;
  throw wrongUse(
    `--out ${out}: the ending ${ending} does not tell the format`,
    `Let it end in ${[...formatOfEnding.keys()].filter((known) => known !== "").join(", ")}; or name the format with --format.`,
  );
}

/** `written to faces.csv`, `annotated in copies`. */
function writtenWhere({ out, annotate }: Pick<AnalyzeSettings, "out" | "annotate">): string[] {
  return [...(out === undefined ? [] : [`written to ${out}`]), ...(annotate === undefined ? [] : [`annotated in ${annotate}`])];
}

/** @throws {TF_INVALID_ARGUMENT} when there is nothing that a run could go on from */
function checkResume({ resume, out }: AnalyzeSettings, format: OutcomeFormat): void {
  if (!resume) return;
  if (out === undefined) throw wrongUse("--resume needs --out FILE", "FILE is where the earlier run wrote its results.");
  if (resumableFormats.some((name) => name === format)) return;
  throw wrongUse(`--resume cannot go on from ${format}`, `Use one of ${resumableFormats.join(", ")} for long runs.`);
}

/** @throws {TF_INVALID_ARGUMENT} when the results would replace a picture or cannot be a file, or the copies have no folder to go to */
async function checkTargets({ inputs, out, annotate }: AnalyzeSettings): Promise<void> {
  const folder = annotate === undefined ? undefined : await stat(annotate).catch(() => undefined);
  if (folder?.isDirectory() === false) throw wrongUse(`--annotate ${annotate} is no folder`, "Choose a folder for the annotated copies.");
  if (out === undefined) return;
  const found = await stat(out).catch(() => undefined);
  if (found?.isFile() === false)
    throw wrongUse(`--out ${out} is no file`, "Choose a file for the results, or leave --out away and redirect with >.");
  const target = await realPathOf(out);
  for (const input of inputs) {
    const path = localPathOf(input);
    if (path !== undefined && (await realPathOf(path)) === target)
      throw wrongUse(`--out ${out} is one of the inputs`, "Choose another file for the results.");
  }
  if (found !== undefined && pictureExtensions.includes(extname(out).toLowerCase()))
    throw wrongUse(`--out ${out} is a picture that is there already`, "Choose another file for the results.");
}
