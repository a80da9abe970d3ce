import type { TopLevelSpec } from "vega-lite";
import { TensorFaceError } from "../core/index.ts";
import { renderChart, themedChart } from "../report/index.ts";
import { dataUrl, type Display, displayOf } from "./display.ts";

/** What viewers that draw Vega-Lite themselves know it by. */
const vegaLite = "application/vnd.vegalite.v5+json";

/**
 * A chart of a Vega-Lite specification, in the look of TensorFace's reports: as SVG, which every viewer shows, and as Vega-Lite for those
 * that can be pointed at.
 * @param spec a Vega-Lite specification with its data in `data.values`, as plain data
 * @throws {TF_INVALID_ARGUMENT} when it says nowhere what is drawn
 *
 * @example
 * await show(chart({
 *   data: { values: [{ mood: "happy", faces: 120 }, { mood: "sad", faces: 80 }] },
 *   mark: "bar",
 *   encoding: { y: { field: "mood", type: "nominal" }, x: { field: "faces", type: "quantitative" } },
 * }));
 */
export async function chart(spec: Readonly<Record<string, unknown>>): Promise<Display> {
  const given = { background: "white", padding: 8, ...spec };
  if (!isSpec(given)) throw new TensorFaceError("TF_INVALID_ARGUMENT", `a chart needs one of ${drawing.join(", ")}`);
  const title = typeof spec["title"] === "string" ? spec["title"] : "chart";
  const svg = await renderChart(given);
  return displayOf(`${title} (a chart)`, {
    "image/svg+xml": svg,
    [vegaLite]: themedChart(given),
    // nbconvert 6.5 leaves of an SVG its texts alone; JupyterLab takes Vega-Lite before Markdown, and so may be pointed at.
    "text/markdown": `![${title.replaceAll(/[[\]\\]/g, "")}](${dataUrl(Buffer.from(svg), "svg+xml")})`,
  });
}

/** What says in a specification what is drawn. */
const drawing = ["mark", "layer", "facet", "concat", "hconcat", "vconcat", "repeat"] as const;

/** Notebooks write plain objects; the rest Vega-Lite checks itself. */
function isSpec(spec: object): spec is TopLevelSpec {
  return drawing.some((name) => name in spec);
}
