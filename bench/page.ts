/**
 * How fast the page is on WebAssembly, in a real browser on this machine: the first result after a load with a warm cache, and the
 * frames a second of the camera.
 *
 *   npm run bench -- page [--visits 10 --seconds 10 --write]
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { browserFlags, findBrowser } from "../test/support/browser.ts";
import { cameraFlags, writeFilm } from "../test/support/film.ts";
import { buildPage, choosePhotos, servePage } from "../test/support/page.ts";
import { portrait } from "../test/support/pictures.ts";
import { describeMachine } from "./machine.ts";
import { replaceBetweenMarkers } from "./report.ts";
import { type Spread, spread } from "./statistics.ts";

const { values: flags } = parseArgs({
  options: {
    visits: { type: "string", default: "10" },
    seconds: { type: "string", default: "10" },
    write: { type: "boolean", default: false },
  },
});

/** From the end of the page's load to the answers on screen, in milliseconds; the photo is chosen as soon as the page has loaded. */
async function firstResult(context: BrowserContext, address: string): Promise<number> {
  const page = await context.newPage();
  await page.addInitScript(() => {
    const seen = (): void => {
      if (document.querySelector(".face .bars") === null) return void requestAnimationFrame(seen);
      performance.mark("result");
    };
    requestAnimationFrame(seen);
  });
  await page.goto(address, { waitUntil: "load" });
  await choosePhotos(page, portrait);
  await page.waitForFunction(() => performance.getEntriesByName("result").length > 0, undefined, { timeout: 60_000 });
  const milliseconds = await page.evaluate(() => {
    const [load] = performance.getEntriesByType("navigation");
    if (!(load instanceof PerformanceNavigationTiming)) throw new Error("the browser does not say when the page had loaded");
    return performance.getEntriesByName("result")[0]!.startTime - load.loadEventEnd;
  });
  await page.close();
  return milliseconds;
}

/** Until the service worker, the networks and the engine are kept. */
async function warm(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByText("Runs on this device").waitFor({ timeout: 120_000 });
  await page.evaluate(async () => navigator.serviceWorker.ready);
  await page.waitForTimeout(2000);
}

/** Frames that the page has analysed and shown in a second, counted for a while. */
async function cameraRate(page: Page, seconds: number): Promise<number> {
  const frames = await page.evaluate(async (milliseconds) => {
    const caption = document.querySelector(".boxes")!;
    let count = 0;
    // The face sways: every frame moves its box.
    const observer = new MutationObserver(() => count++);
    observer.observe(caption, { subtree: true, attributes: true, attributeFilter: ["style"] });
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    observer.disconnect();
    return count;
  }, seconds * 1000);
  return frames / seconds;
}

function tell(name: string, { median, lowerQuartile, upperQuartile, n }: Spread, unit: string): string {
  return `| ${name} | ${median.toFixed(unit === "s" ? 2 : 1)} ${unit} | ${lowerQuartile.toFixed(2)} to ${upperQuartile.toFixed(2)} | ${n} |`;
}

const folder = await mkdtemp(join(tmpdir(), "tensorface-bench-page-"));
try {
  const webRoot = await buildPage(folder);
  await using server = await servePage(webRoot);
  const film = await writeFilm(folder);
  const context = await chromium.launchPersistentContext(join(folder, "profile"), {
    executablePath: findBrowser()!,
    args: [...browserFlags, ...cameraFlags(film)],
    permissions: ["camera"],
    viewport: { width: 1280, height: 860 },
  });
  const page = await context.newPage();
  await warm(page, server.address);
  const version = context.browser()?.version() ?? "unknown";
  await page.goto("about:blank");
  const results: number[] = [];
  for (let visit = 0; visit < Number(flags.visits); visit++) results.push((await firstResult(context, server.address)) / 1000);
  console.error(`first result, s: ${results.map((value) => value.toFixed(2)).join(", ")}`);
  await page.goto(`${server.address}#/camera`);
  await page.locator(".face .bars").first().waitFor({ timeout: 60_000 });
  await page.waitForTimeout(2000);
  const rates: number[] = [];
  for (let part = 0; part < 5; part++) rates.push(await cameraRate(page, Number(flags.seconds)));
  console.error(`camera, frames a second: ${rates.map((value) => value.toFixed(1)).join(", ")}`);
  await context.close();

  const machine = describeMachine();
  const text = [
    `${new Date().toISOString().slice(0, 10)}, ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB; Chromium ${version}, headless, WebAssembly with threads; browser, page and`,
    "server share the cores, and so does the film that plays the camera (640 × 480, one face).",
    "",
    "| what | median | quartiles | n |",
    "| --- | ---: | ---: | ---: |",
    tell("first result for a 512 px picture after the load, warm cache", spread(results), "s"),
    tell(`camera, frames a second (parts of ${flags.seconds} s)`, spread(rates), "a second"),
  ].join("\n");
  console.log(text);
  if (flags.write) {
    const path = fileURLToPath(new URL("../docs/guide/web.md", import.meta.url));
    await writeFile(path, replaceBetweenMarkers(await readFile(path, "utf8"), text));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
