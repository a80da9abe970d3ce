import type { AnalysisOutcome, FaceAnalysis, FaceAnalyzer } from "../analyze/index.ts";
import { counted, type ErrorReport, isTensorFaceError, TensorFaceError } from "../core/index.ts";
import { isFailed, type OutcomeWriter } from "./format/writer.ts";
import { type FailedItem, type InputItem, isFailedItem, type PictureItem } from "./inputs.ts";
import type { TextSink } from "../files/output.node.ts";
import { describeDuration, type ProgressLine } from "../report/progress.node.ts";

/** What is made of a picture beside its outcome: its annotated copy, the crops of its faces. */
export type PictureWork = (item: PictureItem, analysis: FaceAnalysis) => Promise<void>;

export interface AnalysisRun {
  readonly items: AsyncIterable<InputItem>;
  readonly analyzer: Pick<FaceAnalyzer<PictureItem["input"]>, "analyzeAll">;
  readonly writer: OutcomeWriter;
  readonly sink: TextSink;
  readonly progress: ProgressLine;
  /** How many pictures there are, once known. */
  readonly total: () => number | undefined;
  /** Done before the outcome is written. */
  readonly work?: PictureWork | undefined;
  /** What the progress calls the run. @default "analyze" */
  readonly stage?: string | undefined;
  /** No further picture is begun once aborted; those under way are finished. */
  readonly stopping: AbortSignal;
  /** Everything stops once aborted. */
  readonly now: AbortSignal;
  /** What an earlier run has found: the results go on behind it. @default nothing */
  readonly before?: AnalysisTally | undefined;
}

export interface AnalysisTally {
  readonly pictures: number;
  readonly faces: number;
  readonly failed: number;
}

/** Analyses the items one after the other, in their order, and writes each outcome as soon as it is known. */
export async function runAnalysis(run: AnalysisRun): Promise<AnalysisTally> {
  let tally = run.before ?? { pictures: 0, faces: 0, failed: 0 };
  // With the first result: a run that finds nothing before it fails leaves nothing behind.
  let heading = run.before === undefined ? run.writer.begin() : "";
  for await (const { item, outcome } of outcomesOf(run)) {
    const final = await worked(run, item, outcome);
    tally = count(tally, final);
    run.progress.clear();
    await run.sink.write(heading + run.writer.write(final));
    heading = "";
    run.progress.update({ stage: run.stage ?? "analyze", done: tally.pictures, ...known(run.total()) }, describeTally(tally));
  }
  run.progress.clear();
  await run.sink.write(heading + run.writer.end());
  return tally;
}

interface ItemOutcome {
  readonly item: InputItem;
  readonly outcome: AnalysisOutcome;
}

/**
 * Every item with its outcome, in order. Items that failed before they could be opened do not go through the analyzer:
 * they wait in the queue until their turn comes.
 */
export async function* outcomesOf({
  items,
  analyzer,
  stopping,
  now,
}: Pick<AnalysisRun, "items" | "analyzer" | "stopping" | "now">): AsyncGenerator<ItemOutcome, void, undefined> {
  const queue: InputItem[] = [];
  async function* pictures(): AsyncGenerator<{ input: PictureItem["input"]; source: string }> {
    for await (const item of items) {
      if (stopping.aborted) return;
      queue.push(item);
      if (!isFailedItem(item)) yield { input: item.input, source: item.source };
    }
  }
  try {
    for await (const outcome of analyzer.analyzeAll(pictures(), { signal: now })) {
      yield* failedFirst(queue);
      yield { item: queue.shift()!, outcome };
    }
    yield* failedFirst(queue);
  } catch (error) {
    if (!(now.aborted && isTensorFaceError(error, "TF_ABORTED"))) throw error;
  }
}

function* failedFirst(queue: InputItem[]): Generator<ItemOutcome, void, undefined> {
  for (let item = queue[0]; item !== undefined && isFailedItem(item); item = queue[0]) {
    queue.shift();
    yield { item, outcome: failedOutcome(item) };
  }
}

function failedOutcome({ source, error }: FailedItem): AnalysisOutcome {
  return { schema: "tensorface.analysis/1", source, error };
}

/**
 * The outcome after the work on its picture: what cannot be written is a failure of that picture.
 * @throws {TF_OUTPUT_FULL} a full disk is none of the picture's: the run ends, and goes on from there
 */
async function worked(run: AnalysisRun, item: InputItem, outcome: AnalysisOutcome): Promise<AnalysisOutcome> {
  if (run.work === undefined || isFailed(outcome) || isFailedItem(item)) return outcome;
  try {
    await run.work(item, outcome);
    return outcome;
  } catch (error) {
    if (isTensorFaceError(error, "TF_OUTPUT_FULL")) throw error;
    return failedOutcome({ source: outcome.source, error: reportOf(error) });
  }
}

function reportOf(error: unknown): ErrorReport {
  if (isTensorFaceError(error)) return error.toJSON();
  throw error instanceof Error ? error : new TensorFaceError("TF_RUNTIME_FAILED", String(error));
}

function count(tally: AnalysisTally, outcome: AnalysisOutcome): AnalysisTally {
  const faces = isFailed(outcome) ? 0 : outcome.faces.length;
  return { pictures: tally.pictures + 1, faces: tally.faces + faces, failed: tally.failed + (isFailed(outcome) ? 1 : 0) };
}

const known = (total: number | undefined): { total?: number } => (total === undefined ? {} : { total });

/** `14 faces, 1 failed`. */
export function describeTally({ faces, failed }: AnalysisTally): string {
  const found = counted(faces, "face");
  return failed === 0 ? found : `${found}, ${failed} failed`;
}

export interface RunSummary {
  readonly wasStopped: boolean;
  readonly total: number | undefined;
  /** Pictures of an earlier run. @default 0 */
  readonly before?: number | undefined;
  /** Where what was made stands: `written to faces.csv`. */
  readonly written: readonly string[];
}

/** `3 pictures done, 21 faces, 1 failed, in 2.1 s (1.4 pictures a second), written to faces.csv`. */
export function summarizeRun(tally: AnalysisTally, seconds: number, { wasStopped, total, before = 0, written }: RunSummary): string {
  const pictures = counted(tally.pictures, "picture");
  const of = wasStopped && total !== undefined ? ` of ${total}` : "";
  const now = tally.pictures - before;
  const rate = now > 1 && seconds > 0 ? ` (${(now / seconds).toFixed(1)} pictures a second)` : "";
  const earlier = before === 0 ? "" : `, ${before} of them by an earlier run`;
  const where = written.map((text) => `, ${text}`).join("");
  return `${wasStopped ? "stopped: " : ""}${pictures}${of} done${earlier}, ${describeTally(tally)}, in ${describeDuration(seconds)}${rate}${where}\n`;
}
