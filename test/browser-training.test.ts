import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNodeRuntime } from "../src/runtime/runtime.node.ts";
import type { TrainingAnswer } from "./browser-training/page.ts";
import { type StepsAnswer, takeSteps } from "./browser-training/steps.ts";
import { browserFlags, browserPatience, findBrowser, serve, softwareAdapter } from "./support/browser.ts";

const browserPath = findBrowser();
if (browserPath === undefined) {
  console.log("browser training test: skipped, since neither CHROME_PATH nor the usual places have a Chrome or Chromium");
}

const flags = [...browserFlags.filter((flag) => flag !== "--disable-gpu"), ...softwareAdapter];

describe.skipIf(browserPath === undefined)("the same training steps as Node's, in a real browser", () => {
  let folder = "";
  let browser: Browser | undefined;
  let inNode: StepsAnswer | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tensorface-browser-training-"));
    const root = fileURLToPath(new URL("./browser-training", import.meta.url));
    // The engine's threads load the page's script again, and have no document that preloading could write to.
    const output = { outDir: folder, target: "es2023", emptyOutDir: true, modulePreload: false } as const;
    await build({ root, logLevel: "silent", build: output });
    inNode = await takeSteps(createNodeRuntime(), "cpu");
    browser = await chromium.launch({ executablePath: browserPath!, args: flags, headless: true, timeout: browserPatience });
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function trainOn(device: "wasm" | "webgpu"): Promise<TrainingAnswer> {
    await using server = await serve({ "/": folder });
    const page = await browser!.newPage();
    page.setDefaultTimeout(browserPatience);
    await page.goto(server.url);
    await page.waitForFunction(() => typeof globalThis.trainHere === "function");
    const answer = await page.evaluate((device): Promise<TrainingAnswer> => globalThis.trainHere(device), device);
    await page.close();
    return answer;
  }

  test("on WebAssembly: losses, gradients and weights", async () => {
    const here = await trainOn("wasm");
    expect(here.devices).toContain("wasm");
    expect(Object.keys(here.weights)).toEqual(Object.keys(inNode!.weights));
    expect(difference(here.losses, inNode!.losses)).toBeLessThan(tolerance);
    expect(difference(here.gradientNorms, inNode!.gradientNorms)).toBeLessThan(tolerance);
    expect(namesThatDiffer(here.gradients, inNode!.gradients)).toEqual([]);
    // AdamW divides by small roots: what is tiny may differ by more than a thousandth of itself.
    expect(namesThatDiffer(here.weights, inNode!.weights, 0.1)).toEqual([]);
  }, 240_000);

  // SwiftShader compiles every kernel on the processor, which takes a minute or two: not in every run.
  describe.runIf(process.env["TENSORFACE_WEBGPU"] === "1")("on WebGPU with a software adapter", () => {
    let here: TrainingAnswer | undefined;
    beforeAll(async () => {
      here = await trainOn("webgpu");
    }, 600_000);

    test("the first loss and its gradients", () => {
      expect(here!.devices).toContain("webgpu");
      expect(difference(here!.losses.slice(0, 1), inNode!.losses.slice(0, 1))).toBeLessThan(tolerance);
      expect(difference(here!.gradientNorms.slice(0, 1), inNode!.gradientNorms.slice(0, 1))).toBeLessThan(tolerance);
      expect(namesThatDiffer(here!.gradients, inNode!.gradients)).toEqual([]);
    });

    test("all losses, and the weights after the last step", () => {
      expect(difference(here!.losses, inNode!.losses)).toBeLessThan(tolerance);
      expect(difference(here!.gradientNorms, inNode!.gradientNorms)).toBeLessThan(tolerance);
      expect(namesThatDiffer(here!.weights, inNode!.weights, 0.1)).toEqual([]);
    });
  });
});

/** Kernels add up in other orders. */
const tolerance = 1e-3;

/** The largest difference, relative to the largest number or to `floor` where all are smaller. */
function difference(actual: readonly number[], expected: readonly number[], floor = 1e-6): number {
  const scale = Math.max(...expected.map(Math.abs), floor);
  return Math.max(...expected.map((value, index) => Math.abs(value - actual[index]!))) / scale;
}

type Named = Readonly<Record<string, readonly number[]>>;

function namesThatDiffer(actual: Named, expected: Named, floor?: number): string[] {
  return Object.keys(expected).filter((name) => !(difference(actual[name]!, expected[name]!, floor) < tolerance));
}
