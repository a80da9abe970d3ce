import { expect, test } from "vitest";
import { createRandom } from "../../core/index.ts";
import { evaluateModels } from "../evaluate.ts";
import type { ModelPredictions } from "../evaluate-options.ts";
import { buildOwnSamples } from "../own-sample.ts";
import { type EvaluationReport, evaluationReportSchema } from "../report.ts";
import { facePrediction } from "../testing.ts";
import { renderHtml, renderMarkdown, renderTerminal } from "./render.ts";

/** Heights, told with an error and with an interval that holds few of them. */
function heights(id: string, error: number): ModelPredictions {
  const predictions = Array.from({ length: 60 }, (_, index) => {
    const random = createRandom(index);
    const height = 150 + 50 * random.uniform();
    const told = height + error * random.normal();
    return facePrediction(String(index), {
      labels: { gender: index % 2 === 0 ? "female" : "male", attributes: { height } },
      probabilities: { height: [told, told - 1, told + 1] },
    });
  });
  const head = { id, title: id, tasks: ["height"], sha256: "0".repeat(64), bytes: 1, licence: "MIT" };
  return { model: { id, heads: [head] }, role: "held out", predictions };
}

function reportOf(unit?: string): EvaluationReport {
  return evaluateModels(
    [heights("mine", 4), heights("other", 8)],
    { name: "drawn", format: "csv", split: "test", path: "crop", rejected: {}, notes: [] },
    { created: "2026-11-30", version: "0" },
    { replicates: 50, mistakes: 5, tasks: [{ name: "height", kind: "number", unit }] },
  );
}

test("a number is told in its own unit everywhere, and never as an age", () => {
  const report = reportOf("cm");
  for (const text of [renderMarkdown(report), renderTerminal(report)]) {
    expect(text).toMatch(/height: mean absolute error.* -\d\.\d{3} cm/);
    expect(text).toMatch(/always 1\d\d\.?\d? cm has a mean absolute error of \d+\.\d\d cm/);
    expect(text).toMatch(/The 80 % interval holds fewer true numbers than it promises/);
    expect(text).not.toMatch(/years|\bages?\b/);
  }
  expect(renderMarkdown(report)).toMatch(/gender: female \| 30 \| \d\.\d{3} cm/);
  expect(renderTerminal(reportOf())).not.toMatch(/always \d+\.?\d* {2}/);
});

test("slices are drawn by what a number has", async () => {
  const html = await renderHtml(reportOf("cm"));
  expect(html).toContain("Mean absolute error of height by slice");
  expect(html).toContain("mean absolute error, cm");
  expect(html).not.toMatch(/Infinity|NaN/);
});

test("its mistakes are the largest errors, without a confidence that nobody told", async () => {
  const report = reportOf("cm");
  expect(evaluationReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  const { mistakes } = report.tasks["height"]!;
  expect(mistakes).toHaveLength(5);
  const errors = mistakes!.map(({ annotated, predicted }) => Math.abs(Number.parseFloat(annotated) - Number.parseFloat(predicted)));
  expect(errors).toEqual(errors.toSorted((a, b) => b - a));
  expect(errors[0]).toBeGreaterThan(8);
  expect(mistakes![0]!.annotated).toMatch(/^1\d\d\.\d+ cm$/);
  expect(await renderHtml(report)).toContain("Largest errors, height");
});

test("ranges of numbers that begin alike are told apart", () => {
  const faces = Array.from({ length: 20 }, (_, index) =>
    facePrediction(String(index), { labels: { attributes: { born: 1985 + index / 2 } }, probabilities: { born: [1990, 1985, 1995] } }),
  );
  const [sample] = buildOwnSamples(faces, { name: "born", kind: "number" });
  expect(sample!.classNames).toEqual(["1985 to 1986.9", "1986.9 to 1988.8", "1988.8 to 1990.7", "1990.7 to 1992.6", "1992.6 to 1994.5"]);
});

/** Two kinds of whole pictures, told apart by a head that looks for no face. */
function scenes(id: string): ModelPredictions {
  const predictions = Array.from({ length: 60 }, (_, index) => {
    const isIndoors = index % 2 === 0;
    const right = index % 7 === 0 ? 0.3 : 0.8;
    return facePrediction(String(index), {
      labels: { attributes: { place: isIndoors ? "indoors" : "outdoors" } },
      probabilities: { place: isIndoors ? [right, 1 - right] : [1 - right, right] },
    });
  });
  const head = { id, title: id, tasks: ["place"], sha256: "0".repeat(64), bytes: 1, licence: "MIT", sees: "picture" as const };
  return { model: { id, heads: [head] }, role: "held out", predictions };
}

test("a report on a head for whole pictures speaks of pictures, in charts, tables and words", async () => {
  const report = evaluateModels(
    [scenes("mine"), scenes("other")],
    { name: "drawn", format: "csv", split: "test", path: "crop", rejected: {}, notes: [] },
    { created: "2026-11-30", version: "0" },
    {
      replicates: 20,
      mistakes: 5,
      fitTemperature: true,
      fitScaling: true,
      tasks: [{ name: "place", kind: "classes", labels: ["indoors", "outdoors"] }],
    },
  );
  expect(evaluationReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  for (const text of [renderMarkdown(report), renderTerminal(report), await renderHtml(report, { pictures: new Map([["0", "data:,"]]) })]) {
    expect(text).toContain("pictures");
    const words = text.replace(/<style>.*?<\/style>/s, "").replaceAll('class="faces"', "");
    expect(words.match(/.{0,40}\bfaces?\b.{0,40}/g)).toBeNull();
  }
});
