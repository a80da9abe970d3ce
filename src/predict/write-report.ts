import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { TensorFaceError } from "../core/index.ts";
import { type EvaluationReport, renderHtml, renderMarkdown, renderTerminal } from "../evaluate/index.ts";
import { requireTarget, writeFileAtomically } from "../files/files.node.ts";
import { createStreamSink } from "../files/output.node.ts";
import type { EvaluationOutcome, EvaluationSettings } from "./evaluate.ts";

/** Where a report goes: files by their kind; `out` of "-" is JSON on the terminal's stream instead of the summary. */
export interface ReportTargets {
  readonly out?: string | undefined;
  readonly html?: string | undefined;
  readonly markdown?: string | undefined;
}

/**
 * Asks, before hours of work, whether a report can be written where it shall go.
 * @param beside what an evaluation reads and keeps: no report takes the place of it
 * @throws {TF_INVALID_ARGUMENT} when two of the files are one
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function checkReportTargets(
  { out, html, markdown }: ReportTargets,
  { data, predictions }: Pick<EvaluationSettings, "data" | "predictions">,
): Promise<void> {
  const targets = [out === "-" ? undefined : out, html, markdown].filter((path) => path !== undefined);
  const others = [data, ...(predictions === undefined ? [] : [predictions])];
  const taken = new Set(await Promise.all(others.map(realPathOf)));
  for (const path of targets) {
    const place = await realPathOf(path);
    if (taken.has(place))
      throw new TensorFaceError("TF_INVALID_ARGUMENT", `the report would be written over "${path}", which is used for something else`, {
        hint: "Name another file: the data, --predictions, --out, --html and --markdown are each one of their own.",
      });
    taken.add(place);
    await requireTarget(path);
  }
}

/** A path without links, as far as it is there. */
async function realPathOf(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

/**
 * Writes an evaluation's report, each file whole or not at all, and a summary to `stdout`.
 * @param readPictures the pictures of the surest mistakes, which only the page shows
 * @throws {TF_OUTPUT_FULL} when the disk is full; {TF_OUTPUT_UNWRITABLE} where a file or the stream cannot be written otherwise
 */
export async function writeReport(
  report: EvaluationReport,
  readPictures: EvaluationOutcome["readPictures"],
  { out, html, markdown }: ReportTargets,
  stdout: NodeJS.WriteStream,
): Promise<void> {
  const json = `${JSON.stringify(report, undefined, 2)}\n`;
  if (out !== undefined && out !== "-") await writeFileAtomically(out, json);
  if (html !== undefined) await writeFileAtomically(html, await renderHtml(report, { pictures: await readPictures() }));
  if (markdown !== undefined) await writeFileAtomically(markdown, renderMarkdown(report));
  const sink = createStreamSink(stdout);
  await sink.write(out === "-" ? json : renderTerminal(report));
  await sink.finish();
}
