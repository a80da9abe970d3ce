import { expect, test } from "vitest";
import { barChart, binValues, histogram } from "./charts.ts";
import { renderChart } from "../../report/index.ts";
import { describeLabels } from "./duplicate-page.node.ts";

test("bins hold every value once, also where all are equal", () => {
  const bins = binValues(Array.from({ length: 1000 }, (_, n) => n));
  expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
  expect(bins[0]!.from).toBe(0);
  expect(bins.at(-1)!.to).toBeCloseTo(999, 9);
  expect(binValues([112, 112])).toEqual([{ from: 112, to: 113, count: 2 }]);
});

test("the bars of a histogram stand on the axis, as high as their counts", async () => {
  // Counts of 3,000 and 1,500 in the first and the last bin.
  const svg = await renderChart(
    histogram({ title: "t", axis: "a", values: [...Array<number>(3000).fill(0), ...Array<number>(1500).fill(30)] }).spec,
  );
  const heights = [...svg.matchAll(/aria-roledescription="bar"[^>]*d="M[-\d.]+,[-\d.]+h[-\d.]+v([\d.]+)/g)].map(([, height]) =>
    Number(height),
  );
  expect(Math.max(...heights)).toBeCloseTo(150, 0);
  expect(heights.some((height) => Math.abs(height - 75) < 1)).toBe(true);
  expect(svg).toContain(">3,000<");
  expect(svg).not.toMatch(/>\de\+\d</);
});

test("what review left over is an outline of the same bins, with its own n and median", async () => {
  const values = [...Array<number>(3000).fill(0), ...Array<number>(1500).fill(30)];
  const { spec, description } = histogram({ title: "t", axis: "a", values, after: values.slice(1500) });
  const svg = await renderChart(spec);
  expect(description).toContain("n = 4,500, median 0.00");
  // Between the two in the middle.
  expect(description).toContain("outline: n = 3,000, median 15 after review");
  const path = /aria-roledescription="line mark"[^>]*d="([^"]+)"/.exec(svg)?.[1] ?? "";
  // Both ends stand at half of the tallest bar, which fills the 150 pixels: y runs downwards.
  const heights = path
    .split(/[MLVH]/)
    .filter((text) => text !== "")
    .map((text) => Number(text.split(",").at(-1)));
  expect(Math.min(...heights)).toBeCloseTo(75, 0);
});

test("a bar chart writes numbers and shares beside its bars", async () => {
  const bars = [
    { label: "female", count: 3000, series: "imported" },
    { label: "male", count: 1000, series: "imported" },
  ];
  const svg = await renderChart(barChart({ title: "t", axis: "gender", bars }).spec);
  expect(svg).toContain("3,000 (75.0 %)");
  expect(svg).not.toMatch(/>\de\+\d</);
});

test("of few faces no number stands twice on an axis of counts", async () => {
  const bars = ["hat", "scarf"].map((label, index) => ({ label, count: 1 + index, series: "imported" }));
  const charts = [barChart({ title: "t", axis: "wears", bars }), histogram({ title: "t", axis: "a", values: [1, 2, 2, 30] })];
  for (const { spec } of charts) {
    const svg = await renderChart(spec);
    const axes = [...svg.matchAll(/aria-label="[XY]-axis titled 'faces'.*?role-axis-title/gs)].map(([axis]) => axis);
    expect(axes).toHaveLength(1);
    const numbers = [...axes[0]!.matchAll(/>(\d+)</g)].map(([, number]) => number);
    expect(numbers.length).toBeGreaterThan(1);
    expect(new Set(numbers).size).toBe(numbers.length);
  }
});

test("a class may be called as a member of objects is", async () => {
  const bars = ["zebra", "toString", "constructor"].map((label, index) => ({ label, count: 10 + index, series: "imported" }));
  const svg = await renderChart(barChart({ title: "t", axis: "animal", bars }).spec);
  const names = [...svg.matchAll(/>(zebra|toString|constructor)</g)].map(([, name]) => name);
  expect(names).toEqual(["zebra", "toString", "constructor"]);
});

test("a pair of copies says all labels of both, those of one's own tasks too", () => {
  const attributes = { glasses: "none", wears: ["hat", "scarf"], rating: 3.25 };
  expect(describeLabels({ age: { low: 20, high: 29 }, mood: "happy", attributes })).toBe(
    "20-29, happy, glasses none, wears hat + scarf, rating 3.25",
  );
});

test("what is drawn is somebody's result, and stays as it is", async () => {
  const values = [{ name: "a", share: 0.5 }];
  const [mark, x, y] = ["bar", { field: "name" }, { field: "share", type: "quantitative" }] as const;
  await renderChart({ data: { values }, mark, encoding: { x, y } });
  expect(Reflect.ownKeys(values[0]!)).toEqual(["name", "share"]);
});
