import { describe, expect, test } from "vitest";
import { evaluateModels, type ModelPredictions, renderHtml, renderMarkdown, renderTerminal } from "../src/evaluate/index.ts";
import { drawPredictions } from "../src/evaluate/testing.ts";

/**
 * One drawn report and its renderings, compared with the copies in `golden/`. When a change of them is meant:
 * `npx vitest run test/evaluation-report.test.ts --update`, and read the difference before it is committed.
 */

const modelOf = (id: string, skill: number): ModelPredictions => ({
  model: {
    id,
    heads: [{ id, title: `${id} <b>`, tasks: ["gender", "age"], sha256: "0".repeat(64), bytes: 1024, licence: "MIT" }],
    detector: "blazeface",
  },
  role: "held out",
  predictions: drawPredictions({ count: 60, notFound: 0.1, skill }).map(
    ({ id, labels, found, probabilities: { age, gender }, attributes }) => ({
      id,
      labels,
      found,
      probabilities: found ? { age: age!, gender: gender! } : {},
      attributes,
    }),
  ),
});

const report = evaluateModels(
  [modelOf("ours", 3), modelOf("theirs", 1)],
  {
    name: "drawn | faces",
    format: "csv",
    split: "test",
    path: "photo",
    rejected: { "missing-picture": 2, "failed-picture": 1 },
    notes: [],
  },
  { created: "2026-11-24T00:00:00.000Z", version: "0.1.0" },
  { replicates: 40, fitTemperature: true },
);

test("the report", async () => {
  // Rounded: the last bits of a float are no one's promise.
  const rounded = JSON.stringify(report, (_, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(9)) : value), 1);
  await expect(rounded).toMatchFileSnapshot("golden/evaluation.json");
});

test("in the terminal", async () => {
  const text = renderTerminal(report);
  // What is no face stands in no split: these two may be of any.
  expect(text).toMatch(/not used, in the whole dataset +missing-picture 2\n/);
  expect(text).toMatch(/could not be read +1 of the split's pictures\n/);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(160);
  await expect(text).toMatchFileSnapshot("golden/evaluation.txt");
});

test("as Markdown, with the numbers that HTML shows in charts", async () => {
  const { age, gender } = report.tasks;
  const bin = gender!.reliability.find(({ n }) => n > 0)!;
  expect(renderMarkdown(report)).toContain(`| 14 | ${(100 * age!.cumulativeScore![14]!.share).toFixed(1)} % |`);
  expect(renderMarkdown(report)).toContain(
    `| ${bin.n} | ${(100 * bin.confidence!).toFixed(1)} % | ${(100 * bin.accuracy!).toFixed(1)} % |`,
  );
  await expect(renderMarkdown(report)).toMatchFileSnapshot("golden/evaluation.md");
});

describe("as HTML", async () => {
  const html = await renderHtml(report);

  test("needs nothing else and runs nothing", () => {
    expect(html).not.toMatch(/<script|<link|src=|href="http/);
  });

  test("shows every kind of chart for both models", () => {
    // Age: confusion, reliability, error by age, cumulative score, slices; gender: confusion, reliability, slices.
    expect(html.match(/<svg /g)).toHaveLength(2 * (5 + 3));
    expect(html.match(/<svg role="img" aria-label="[^"]{20,}"/g)).toHaveLength(2 * (5 + 3));
  });

  test("has no hole: nothing undefined, no NaN", () => {
    expect(html.replaceAll(/<style>.*?<\/style>/gs, "")).not.toMatch(/undefined|NaN|null/);
  });

  test("the numbers of the metrics stand in it", () => {
    expect(html).toContain(`${(100 * report.tasks.gender!.accuracy!).toFixed(1)} %`);
    expect(html).toContain(`${report.tasks.age!.meanAbsoluteError!.toFixed(2)} years`);
  });

  test("names of data are text, not markup", () => {
    const first = modelOf("<img src=x>", 1);
    return expect(
      renderHtml(
        evaluateModels(
          [first],
          { name: "<script>", format: "csv", split: "test", path: "crop", rejected: {}, notes: ["<i>"] },
          { created: "", version: "" },
          { replicates: 2 },
        ),
      ),
    ).resolves.not.toMatch(/<script|<img|<i>/);
  });
});
