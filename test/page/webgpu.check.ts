import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { createAnalyzer, type FaceAnalysis } from "../../src/_entries/node.ts";
import { softwareAdapter } from "../support/browser.ts";
import { largestDifference } from "../support/difference.ts";
import { choosePhotos, savedOutcomes, untilDone, visit } from "../support/page.ts";
import { useSite } from "./setup.ts";

/** A browser with a graphics adapter, here one in software; that of the other files of this folder has none. */
const site = useSite(...softwareAdapter);

/** In the page's worker the adapter no longer says that it is in software: such ones are passed over. */
async function disguiseAdapter(page: Page): Promise<void> {
  const disguise = 'Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", { get: () => false });\n';
  await page.route("**/analyzer.worker*.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: disguise + (await response.text()) });
  });
  await page.reload();
}

test("where there is a graphics adapter the page takes WebGPU by itself, and gives Node's answers", async () => {
  await using visitor = await visit(site().browser, site().server.address, { serviceWorkers: "block" });
  const { page, problems } = visitor;
  await disguiseAdapter(page);
  await choosePhotos(page, site().photo("portrait"));
  await page.getByText("Runs on this device (WebGPU)").waitFor();
  await untilDone(page, { timeout: 110_000 });
  await using analyzer = await createAnalyzer();
  const here = await analyzer.analyze(site().photo("portrait"));
  const [there] = (await savedOutcomes(page)) as FaceAnalysis[];
  expect(there!.faces).toHaveLength(1);
  expect(largestDifference(here, there!)).toBeLessThanOrEqual(0.02);
  expect([site().server.uploads(), problems]).toEqual([0, []]);
  // Every kernel is compiled for the processor first.
}, 180_000);

test("an adapter in software is slower than WebAssembly, which is taken then", async () => {
  await using visitor = await visit(site().browser, site().server.address, { serviceWorkers: "block" });
  const status = visitor.page.locator(".status");
  await expect.poll(() => status.textContent(), { timeout: 60_000 }).toBe("Runs on this device (WebAssembly)");
});
