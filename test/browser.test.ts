import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAnalyzer, type FaceAnalysis } from "../src/_entries/node.ts";
import type { PageAnswer } from "./browser/page.ts";
import { browserFlags, findBrowser, serve } from "./support/browser.ts";
import { largestDifference } from "./support/difference.ts";
import { testPictures, writeTestPictures } from "./support/pictures.ts";

const browserPath = findBrowser();
const isCi = process.env["CI"] !== undefined && process.env["CI"] !== "" && process.env["CI"] !== "false";
if (browserPath === undefined) {
  console.log("browser test: skipped, since neither CHROME_PATH nor the usual places have a Chrome or Chromium");
}

/** The largest difference that the same picture may have in Node and in a browser, in any probability. */
const tolerance = 0.02;
const names = Object.values(testPictures).map(({ name }) => name);

test.runIf(isCi)("under CI there is a browser: a skip would hide a failure", () => {
  expect(browserPath).toBeDefined();
});

describe.skipIf(browserPath === undefined)("a real browser", () => {
  let folder = "";
  let inNode: readonly FaceAnalysis[] = [];
  let answer: PageAnswer | undefined;
  let problems: readonly string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tensorface-browser-"));
    await mkdir(join(folder, "pictures"));
    await writeTestPictures(join(folder, "pictures"));
    const root = fileURLToPath(new URL("./browser", import.meta.url));
    await build({ root, logLevel: "silent", build: { outDir: join(folder, "page"), target: "es2023", emptyOutDir: true } });
    inNode = await analyzeInNode(join(folder, "pictures"));
    ({ answer, problems } = await analyzeInBrowser(folder, browserPath!));
  }, 240_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("has what threads need, and nothing went wrong in the page", () => {
    expect(answer).toMatchObject({ device: "wasm", isIsolated: true });
    expect(problems).toEqual([]);
  });

  test.each(Object.values(testPictures))("$name: $faces faces, and the same probabilities as Node", ({ name, faces }) => {
    const index = names.indexOf(name);
    const [here, there] = [inNode[index]!, answer!.analyses[index]!];
    expect([here.faces.length, there.faces.length]).toEqual([faces, faces]);
    expect([there.width, there.height]).toEqual([here.width, here.height]);
    const difference = largestDifference(here, there);
    console.log(`browser test: ${name}, largest difference of a probability ${difference.toExponential(1)}`);
    expect(difference).toBeLessThanOrEqual(tolerance);
  });
});

async function analyzeInNode(pictures: string): Promise<FaceAnalysis[]> {
  await using analyzer = await createAnalyzer();
  const analyses: FaceAnalysis[] = [];
  for (const name of names) analyses.push(await analyzer.analyze(join(pictures, name)));
  return analyses;
}

async function analyzeInBrowser(folder: string, executablePath: string): Promise<{ answer: PageAnswer; problems: string[] }> {
  const models = fileURLToPath(new URL("../models", import.meta.url));
  await using server = await serve({ "/": join(folder, "page"), "/pictures/": join(folder, "pictures"), "/models/": models });
  const browser = await chromium.launch({ executablePath, args: [...browserFlags], headless: true });
  try {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => void (message.type() === "error" && problems.push(message.text())));
    await page.goto(server.url);
    await page.waitForFunction(() => typeof globalThis.analyzePictures === "function");
    const answer = await page.evaluate((pictures) => globalThis.analyzePictures(pictures), names);
    return { answer, problems: [...problems, ...server.missing] };
  } finally {
    await browser.close();
  }
}
