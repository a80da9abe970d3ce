import { expect, test } from "vitest";
import { renderChart } from "../../report/index.ts";
import { evaluateTasks } from "../evaluate.ts";
import { facePrediction } from "../testing.ts";
import { reliabilityChart, slicesChart } from "./charts.ts";
import { judgedFaces } from "./judged.ts";

const sizes = [20, 50, 60, 100, 200, 210, 300];
const faces = sizes.map((faceSize, id) =>
  facePrediction(String(id), {
    labels: { attributes: { rating: id } },
    probabilities: { rating: [id + 0.5 + id / 10, id - 1, id + 1] },
    attributes: { faceSize },
  }),
);

test("slices stand in their order, also those of one face, whose error has no interval", async () => {
  const { rating } = evaluateTasks(faces, { tasks: [{ name: "rating", kind: "number" }], replicates: 20 });
  const svg = await renderChart(slicesChart("rating", rating!, judgedFaces).spec);
  expect([...svg.matchAll(/>([^<>]+ \(n = \d+\))</g)].map(([, label]) => label!.replaceAll("&lt;", "<"))).toEqual([
    "< 32 (n = 1)",
    "32–64 (n = 2)",
    "64–128 (n = 1)",
    "128–256 (n = 2)",
    "≥ 256 (n = 1)",
  ]);
});

test("few faces are counted in whole numbers", async () => {
  const face = facePrediction("1", { labels: { gender: "female" }, probabilities: { gender: [0.6, 0.4] } });
  const { gender } = evaluateTasks([face], { replicates: 20 });
  const svg = await renderChart(reliabilityChart("gender", gender!, judgedFaces).spec);
  const axis = /aria-label="Y-axis titled 'faces'.*?role-axis-title/s.exec(svg)?.[0] ?? "";
  expect([...axis.matchAll(/>([\d.]+)</g)].map(([, number]) => number)).toEqual(["0", "1"]);
});
