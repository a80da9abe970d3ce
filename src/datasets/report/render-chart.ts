import { Error as vegaErrorLevel, parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/** A chart as SVG, for a page or a notebook. */
export async function renderChart(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: "none", logLevel: vegaErrorLevel });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
