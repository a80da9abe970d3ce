import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAnalyzer, type FaceAnalysis } from "../src/_entries/node.ts";
import type { PageAnswer, PageOptions } from "./browser/page.ts";
import { browserFlags, browserPatience, findBrowser, serve, softwareAdapter } from "./support/browser.ts";
import { largestDifference } from "./support/difference.ts";
import { portraitHeic } from "./support/heif.ts";
import { crowds, testPictures, writeCrowds, writeTestPictures } from "./support/pictures.ts";

const browserPath = findBrowser();
const isCi = process.env["CI"] !== undefined && process.env["CI"] !== "" && process.env["CI"] !== "false";
if (browserPath === undefined) {
  console.log("browser test: skipped, since neither CHROME_PATH nor the usual places have a Chrome or Chromium");
}

/** The strictest that `docs/guide/in-the-browser.md` says is enough; the page's own icon is a data URL. */
const contentSecurityPolicy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:";
/** The largest difference that the same picture may have in Node and in a browser, in any probability. */
const tolerance = 0.02;
const names = Object.values(testPictures).map(({ name }) => name);
const crowdNames = crowds.map(({ name }) => name);
/** The largest difference of a detector's score; one that stands at a threshold within it may fall to either side. */
const scoreTolerance = 0.002;

test.runIf(isCi)("under CI there is a browser: a skip would hide a failure", () => {
  expect(browserPath).toBeDefined();
});

describe.skipIf(browserPath === undefined)("a real browser", () => {
  let folder = "";
  let pictures = "";
  let inNode: readonly FaceAnalysis[] = [];
  let answer: PageAnswer | undefined;
  let problems: readonly string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tensorface-browser-"));
    pictures = join(folder, "pictures");
    await mkdir(pictures);
    await writeTestPictures(pictures);
    await writeCrowds(pictures);
    const root = fileURLToPath(new URL("./browser", import.meta.url));
    await build({ root, logLevel: "silent", build: { outDir: join(folder, "page"), target: "es2023", emptyOutDir: true } });
    inNode = await analyzeInNode(pictures);
    ({ answer, problems } = await analyzeInBrowser(folder, [...names, ...crowdNames], { device: "wasm" }));
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

  // Copies that differed by a level or two moved scores by up to 0.1, and one face in 250 over a threshold.
  test.each(crowdNames)("%s: the same faces as Node, in the same places", (name) => {
    const index = names.length + crowdNames.indexOf(name);
    const [here, there] = [inNode[index]!.faces, answer!.analyses[index]!.faces];
    console.log(`browser test: ${name}, ${here.length} faces in Node, ${there.length} in the browser`);
    expect(here.length).toBeGreaterThan(4);
    expect(there.length).toBe(here.length);
    for (const [place, face] of here.entries()) {
      expect(Math.abs(face.score - there[place]!.score)).toBeLessThan(scoreTolerance);
      for (const side of ["x", "y", "width", "height"] as const) expect(there[place]!.box[side]).toBeCloseTo(face.box[side], 0);
    }
  });

  test("finds with dlib's detector what Node finds with it", async () => {
    const shown = [testPictures.portrait.name, testPictures.tenFaces.name];
    await using analyzer = await createAnalyzer({ detector: "dlib", tasks: [] });
    const { answer, problems } = await analyzeInBrowser(folder, shown, { device: "wasm", detector: "dlib", tasks: [] });
    for (const [index, name] of shown.entries()) {
      const [here, there] = [(await analyzer.analyze(join(pictures, name))).faces, answer.analyses[index]!.faces];
      expect(there.map(({ box }) => box)).toEqual(here.map(({ box }) => box));
      for (const [place, { score }] of here.entries()) expect(Math.abs(score - there[place]!.score)).toBeLessThan(scoreTolerance);
    }
    expect(answer.analyses.map(({ faces }) => faces.length)).toEqual([1, 10]);
    expect(problems).toEqual([]);
  }, 120_000);

  test("reads HEIC with the package's decoder, and says what is missing without it", async () => {
    await Promise.all([
      copyFile(portraitHeic, join(pictures, "portrait.heic")),
      copyFile(fileURLToPath(import.meta.resolve("libheif-js/libheif-wasm/libheif-bundle.mjs")), join(pictures, "libheif.mjs")),
    ]);
    await using analyzer = await createAnalyzer();
    const here = await analyzer.analyze(join(pictures, "portrait.heic"));
    const { answer, problems } = await analyzeInBrowser(folder, ["portrait.heic"], { device: "wasm", heicUrl: "/pictures/libheif.mjs" });
    expect([here.faces.length, answer.analyses[0]!.faces.length]).toEqual([1, 1]);
    expect(largestDifference(here, answer.analyses[0]!)).toBeLessThanOrEqual(tolerance);
    expect(problems).toEqual([]);
    await expect(analyzeInBrowser(folder, ["portrait.heic"], { device: "wasm" })).rejects.toThrow("this browser does not read");
  }, 120_000);

  test("gives the same on WebGPU, here an adapter in software", async () => {
    const { name } = testPictures.portrait;
    const { answer, problems } = await analyzeInBrowser(folder, [name], { device: "webgpu" });
    expect(answer.device).toBe("webgpu");
    expect(answer.analyses[0]!.faces.length).toBe(1);
    const difference = largestDifference(inNode[names.indexOf(name)]!, answer.analyses[0]!);
    console.log(`browser test: ${name} on WebGPU, largest difference of a probability ${difference.toExponential(1)}`);
    expect(difference).toBeLessThanOrEqual(tolerance);
    expect(problems).toEqual([]);
  }, 120_000);
});

async function analyzeInNode(pictures: string): Promise<FaceAnalysis[]> {
  await using analyzer = await createAnalyzer();
  const analyses: FaceAnalysis[] = [];
  for (const name of [...names, ...crowdNames]) analyses.push(await analyzer.analyze(join(pictures, name)));
  return analyses;
}

async function analyzeInBrowser(
  folder: string,
  pictures: readonly string[],
  options: PageOptions,
): Promise<{ answer: PageAnswer; problems: string[] }> {
  const models = fileURLToPath(new URL("../models", import.meta.url));
  // What else a page loads, libheif or a graphics engine, may ask for more.
  const policy = options.device === "wasm" && options.heicUrl === undefined ? { contentSecurityPolicy } : {};
  await using server = await serve({ "/": join(folder, "page"), "/pictures/": join(folder, "pictures"), "/models/": models }, policy);
  const flags = options.device === "webgpu" ? softwareAdapter : [];
  const browser = await chromium.launch({
    executablePath: browserPath!,
    args: [...browserFlags, ...flags],
    headless: true,
    timeout: browserPatience,
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(browserPatience);
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => void (message.type() === "error" && problems.push(message.text())));
    await page.goto(server.url);
    await page.waitForFunction(() => typeof globalThis.analyzePictures === "function");
    const answer = await page.evaluate(({ pictures, options }) => globalThis.analyzePictures(pictures, options), { pictures, options });
    return { answer, problems: [...problems, ...server.missing] };
  } finally {
    await browser.close();
  }
}
