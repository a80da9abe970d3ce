import { chromium, type Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { barChart, histogram } from "../src/datasets/report/charts.ts";
import { type EvaluatedHead, evaluateModels, renderHtml } from "../src/evaluate/index.ts";
import { drawPredictions } from "../src/evaluate/testing.ts";
import { heading, paragraph, renderBlocks, renderPage, textWidth } from "../src/report/index.ts";
import { trainingConfigSchema } from "../src/train/config.ts";
import { renderTrainingReport } from "../src/train/run/training-report.node.ts";
import type { MetricsLine } from "../src/train/run/run-log.node.ts";
import { browserFlags, browserPatience, findBrowser } from "./support/browser.ts";

/** Every kind of page with charts, as a browser shows it: nothing is cut off, nothing lies on top of something else, in light and dark. */

async function evaluationPage(): Promise<string> {
  const head: EvaluatedHead = {
    id: "ours",
    title: "ours",
    tasks: ["age", "gender", "mood"],
    sha256: "0".repeat(64),
    bytes: 1024,
    licence: "MIT",
  };
  const predictions = drawPredictions({ count: 1500, skill: 3, notFound: 0.03 });
  const origin = { created: "2026-11-28T00:00:00.000Z", version: "0.1.0" };
  return renderHtml(
    evaluateModels(
      [{ model: { id: "ours", heads: [head] }, role: "held out", predictions }],
      { name: "drawn", format: "csv", split: "test", path: "crop", rejected: {}, notes: [] },
      origin,
      { replicates: 20 },
    ),
  );
}

function trainingPage(): Promise<string> {
  const config = trainingConfigSchema.parse({
    name: "drawn",
    description: "Nothing but curves.",
    data: [{ path: "faces" }],
    network: { backbone: [{ layer: "flatten" }], heads: [{ task: "mood", layers: [{ layer: "dense", features: 7 }] }] },
    losses: [{ kind: "crossEntropy", head: "mood", target: { kind: "mood" } }],
    schedule: { kind: "cosine", peak: 0.02 },
    validation: { select: ["mood.accuracy"] },
    epochs: 30,
  });
  const lines = Array.from({ length: 30 }, (_, index): MetricsLine[] => {
    const epoch = index + 1;
    const step = 446 * epoch;
    const loss = 2 / epoch + 0.6;
    const metrics = { "mood.count": 3578, "mood.accuracy": 0.6 - 0.3 / epoch, "mood.balancedAccuracy": 0.55 - 0.3 / epoch };
    return [
      { kind: "step", step, epoch, learningRate: 0.001 / epoch, loss, losses: { "mood from mood": loss }, gradientNorm: 3 / epoch },
      {
        kind: "epoch",
        step,
        epoch,
        learningRate: 0.001 / epoch,
        loss,
        losses: { "mood from mood": loss },
        timing: {
          trainSeconds: 60,
          trainCpuSeconds: 110,
          validationSeconds: 5,
          picturesPerSecond: 471.5 + epoch,
          waitingShare: 0.01,
          augmentationShare: 0.2,
        },
        validation: {
          metrics: { ...metrics, "age.count": 1200, "age.meanAbsoluteError": 5 + 3 / epoch },
          score: 0.5,
          isBest: epoch === 30,
        },
      },
    ];
  }).flat();
  return renderTrainingReport(config, lines);
}

async function datasetPage(): Promise<string> {
  const labels = ["0-2", "20-29", "a class that somebody named at length"];
  const bars = ["imported", "after review"].flatMap((series) => labels.map((label, index) => ({ label, series, count: 12_345 * index })));
  const values = Array.from({ length: 5000 }, (_, index) => (index * 7919) % 1021);
  const unbroken = "longlabel".repeat(11);
  const blocks = [
    heading(3, `Surest mistakes, ${unbroken}`),
    paragraph(`Always saying "${unbroken}" reaches 12.3 %.`),
    barChart({ title: "Faces by class", axis: "class", bars }),
    barChart({ title: "One series", axis: "class", bars: bars.slice(0, 3) }),
    histogram({ title: "Brightness", axis: "mean brightness (0 to 255)", values, after: values.slice(2000) }),
    histogram({ title: "Sharpness", axis: "variance of the Laplacian, logarithmic", values, logarithmic: true }),
  ];
  return renderPage("drawn", await renderBlocks(blocks));
}

const pages = { evaluation: evaluationPage, training: trainingPage, dataset: datasetPage };
const browserPath = findBrowser();

describe.runIf(browserPath !== undefined)("in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: browserPath!, args: [...browserFlags], timeout: browserPatience });
  });
  afterAll(async () => browser.close());

  test.each(Object.entries(pages))("every text of the %s page has its place", async (_, render) => {
    const html = await render();
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [390, 1280]) {
        const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
        await page.setContent(html);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
        expect(await page.evaluate(misplacedTexts)).toEqual([]);
        expect(await page.evaluate(paleTexts)).toEqual([]);
        await page.close();
      }
    }
  });

  test("text is measured as the browser measures it, or a little wider", async () => {
    const texts = ["Accuracy on PublicTest", "0.0001", "MMMM", "illicit", "12,345 (67.8 %)", "Größe, naïve", "jamás – nunca", "表情の分類"];
    const page = await browser.newPage();
    const measured = await page.evaluate((lines) => {
      const context = document.createElement("canvas").getContext("2d")!;
      context.font = "100px system-ui, sans-serif";
      return lines.map((line) => context.measureText(line).width);
    }, texts);
    await page.close();
    for (const [index, text] of texts.entries()) {
      const ratio = textWidth(text, 100) / measured[index]!;
      expect({ text, holds: ratio > 0.97 && ratio < (text < "\u0250" ? 1.35 : 2) }).toEqual({ text, holds: true });
    }
  });
});

test("names and numbers that have room are written whole", async () => {
  const html = await datasetPage();
  expect(html).toContain(">a class that somebody named at length<");
  // Every hundred, not every second one.
  for (const tick of ["0", "200", "400", "600", "800", "1,000"]) expect(html).toContain(`opacity="1">${tick}<`);
});

test("charts are drawn in the theme's colours alone, which a dark page can swap", async () => {
  for (const render of Object.values(pages)) {
    const html = await render();
    const dark = html.slice(html.indexOf("prefers-color-scheme: dark"), html.indexOf("</style>"));
    const drawn = new Set(
      [...html.slice(html.indexOf("<main>")).matchAll(/(?:fill|stroke)="(#\w+|[a-z]+)"/g)].map(([, colour]) => colour!),
    );
    for (const colour of ["none", "transparent"]) drawn.delete(colour);
    expect(drawn.size).toBeGreaterThan(2);
    for (const colour of drawn) expect(dark).toContain(`svg [fill="${colour}"]`);
  }
});

/** Runs in the page: texts of charts that leave their chart or lie on another. */
function misplacedTexts(): string[] {
  return [...document.querySelectorAll("svg")].flatMap((svg) => {
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].filter(
      (text) => text.getAttribute("opacity") !== "0" && text.textContent.trim() !== "",
    );
    const boxes = texts.map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
    const outside = boxes.filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 2);
    const covered = boxes.filter(({ box }, index) =>
      boxes
        .slice(0, index)
        .some(
          ({ box: other }) =>
            Math.min(box.right, other.right) - Math.max(box.left, other.left) > 1 &&
            Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > 3,
        ),
    );
    return [...outside, ...covered].map(({ text }) => text);
  });
}

/** Runs in the page: texts of charts whose contrast with the page is below 4.5. */
function paleTexts(): string[] {
  const luminance = (colour: string): number => {
    const [red, green, blue] = colour.match(/[\d.]+/g)!.map((value) => {
      const share = Number(value) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const ground = luminance(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll("svg text")].flatMap((text) => {
    const own = luminance(getComputedStyle(text).fill);
    return (Math.max(own, ground) + 0.05) / (Math.min(own, ground) + 0.05) < 4.5 ? text.textContent : [];
  });
}
