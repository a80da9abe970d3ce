import { Error as vegaErrorLevel, logger, parse, textMetrics, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { escapeHtml } from "./escape.ts";
import { textWidth } from "./text-width.ts";
import { chartConfig } from "./theme.ts";

interface MeasuredText {
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
  /** The width at which Vega cuts the text off. */
  readonly limit?: number;
}

declare module "vega" {
  /** How Vega measures text; missing in its types. */
  export const textMetrics: {
    width: (item: MeasuredText, text: string) => number;
    readonly estimateWidth: (item: MeasuredText, text: string) => number;
  };
}

/** A chart's specification in the look of every report. */
export function themedChart(spec: TopLevelSpec): TopLevelSpec {
  return { ...spec, config: chartConfig };
}

/** A chart as SVG text, in the colours of a light page. */
export async function renderChart(spec: TopLevelSpec): Promise<string> {
  measureText();
  // Vega marks the objects that it is given as data: they are somebody's results.
  const own = structuredClone(themedChart(spec));
  const view = new View(parse(compile(own, { logger: logger(vegaErrorLevel) }).spec), {
    renderer: "none",
    logLevel: vegaErrorLevel,
  });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/**
 * Without a canvas Vega takes every letter for 0.8 of its size: labels are cut that have room, and every second number of an axis is
 * left out. Where there is a canvas its own measure stays.
 */
function measureText(): void {
  if (textMetrics.width !== textMetrics.estimateWidth) return;
  textMetrics.width = ({ fontSize = 11, fontWeight, limit = 0 }, text) => {
    const bold = fontWeight === "bold" || Number(fontWeight) >= 600;
    const width = textWidth(text ?? "", fontSize, { bold });
    return limit > 0 ? Math.min(width, limit) : width;
  };
}

/** The smallest scale at which a chart's text can still be read; what then does not fit is scrolled to. */
const leastScale = 0.8;

/** A chart with its title, for a page; `description` says how it is to be read. */
export function renderFigure(svg: string, title: string, description: string = ""): string {
  const label = escapeHtml(description === "" ? title : `${title}. ${description}`);
  const caption = `<b>${escapeHtml(title)}</b>${description === "" ? "" : `<br>${escapeHtml(description)}`}`;
  const width = Number(/ width="([\d.]+)"/.exec(svg)?.[1] ?? 0);
  const labelled = svg.replace("<svg ", `<svg role="img" aria-label="${label}" style="min-width: ${Math.round(leastScale * width)}px" `);
  return `<figure class="chart" style="max-width: ${Math.max(320, Math.round(width))}px"><figcaption>${caption}</figcaption><div class="scroll">${labelled}</div></figure>`;
}
