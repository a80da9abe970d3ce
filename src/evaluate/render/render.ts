import { expectOptions, type OptionNames } from "../../core/index.ts";
import { renderBlocks, renderBlocksAsMarkdown, renderBlocksAsText, renderPage } from "../../report/index.ts";
import type { EvaluationReport } from "../report.ts";
import { describeReport } from "./describe.ts";

/** What a report's page may show beside the report. */
export interface RenderHtmlOptions {
  /** Pictures of the report's mistakes as data URLs, by the face's id. They end up inside the page, which says so. */
  readonly pictures?: ReadonlyMap<string, string> | undefined;
}
const renderHtmlOptionNames: OptionNames<RenderHtmlOptions> = { pictures: true };

/** A report as one HTML file that needs nothing else: charts are inline SVG, there is no script. @throws {TF_INVALID_ARGUMENT} when `report` is none */
export async function renderHtml(report: EvaluationReport, options: RenderHtmlOptions = {}): Promise<string> {
  expectOptions(options, renderHtmlOptionNames);
  const blocks = describeReport(report, options);
  const title = blocks.find((block) => block.kind === "heading")?.text ?? "Evaluation";
  return renderPage(title, await renderBlocks(blocks));
}

/** A report as Markdown: everything but the charts, whose numbers stand in tables too. @throws {TF_INVALID_ARGUMENT} when `report` is none */
export function renderMarkdown(report: EvaluationReport): string {
  return renderBlocksAsMarkdown(describeReport(report));
}

/** A report as text for a terminal: the data, metrics and classes; slices and charts are in the other forms. @throws {TF_INVALID_ARGUMENT} when `report` is none */
export function renderTerminal(report: EvaluationReport): string {
  return renderBlocksAsText(describeReport(report, { details: false }));
}
