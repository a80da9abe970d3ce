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
import { browserFlags, findBrowser, serve } from "./support/browser.ts";

const browserPath = findBrowser();
if (browserPath === undefined) {
  console.log("browser training test: skipped, since neither CHROME_PATH nor the usual places have a Chrome or Chromium");
}

/** A software adapter (SwiftShader), so that machines without a graphics card test WebGPU too. */
const softwareAdapter: readonly string[] = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
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
    browser = await chromium.launch({ executablePath: browserPath!, args: flags, headless: true });
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each([["wasm"], ["webgpu"]] as const)(
    "on %s",
    async (device) => {
      await using server = await serve({ "/": folder });
      const page = await browser!.newPage();
      await page.goto(server.url);
      await page.waitForFunction(() => typeof globalThis.trainHere === "function");
      const here = await page.evaluate((device): Promise<TrainingAnswer> => globalThis.trainHere(device), device);
      expect(here.devices).toContain(device);
      expectClose(here.losses, inNode!.losses);
      expectClose(here.gradientNorms, inNode!.gradientNorms);
      expect(Object.keys(here.weights)).toEqual(Object.keys(inNode!.weights));
      for (const [name, values] of Object.entries(here.weights)) expectClose(values, inNode!.weights[name]!, name);
    },
    240_000,
  );
});

/** Within a thousandth of the largest number: kernels add up in other orders, and AdamW divides by small roots. */
function expectClose(actual: readonly number[], expected: readonly number[], name = ""): void {
  const scale = Math.max(...expected.map(Math.abs), 0.1);
  const worst = Math.max(...expected.map((value, index) => Math.abs(value - actual[index]!)));
  expect(worst / scale, name).toBeLessThan(1e-3);
}
