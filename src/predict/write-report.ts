import { type EvaluationReport, renderHtml, renderMarkdown, renderTerminal } from "../evaluate/index.ts";
import { writeFileAtomically } from "../files/files.node.ts";
import { createStreamSink } from "../files/output.node.ts";
import type { EvaluationOutcome } from "./evaluate.ts";

/** Where a report goes: files by their kind; `out` of "-" is JSON on the terminal's stream instead of the summary. */
export interface ReportTargets {
  readonly out?: string | undefined;
  readonly html?: string | undefined;
  readonly markdown?: string | undefined;
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
