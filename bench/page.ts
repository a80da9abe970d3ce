/**
 * How fast the page is on WebAssembly, in a real browser on this machine: the first result after a load with a warm cache, the
 * frames a second of the camera, and a lesson of Teach.
 *
 *   npm run bench -- page [--visits 10 --seconds 10 --lessons 10 --write]
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";
import { browserFlags, findBrowser } from "../test/support/browser.ts";
import { cameraFlags, writeFilm } from "../test/support/film.ts";
import { buildPage, servePage } from "../test/support/page.ts";
import { writeExamples } from "../test/support/examples.ts";
import { portrait } from "../test/support/pictures.ts";
import { openTeach, showExamples, teachModel } from "../test/support/teach.ts";
import { machineText, today } from "./machine.ts";
import { measureFirstResult, warmPage } from "./page/first-result.ts";
import { replaceBetweenMarkers } from "./report.ts";
import { type Spread, spread } from "./statistics.ts";
import { flag, readWords, wholeNumber } from "../scripts/words.ts";

const { values: flags } = readWords("npm run bench -- page", {
  visits: wholeNumber(10),
  seconds: wholeNumber(10),
  lessons: wholeNumber(10),
  write: flag,
});

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

interface Lessons {
  /** Seconds from features to a head that is chosen, fitted, calibrated and measured, by the page's own clock. */
  readonly taught: readonly number[];
  /** Seconds from a picture's file to its features, on average over all. */
  readonly seen: number;
}

/** Teaches three classes of 40 pictures several times. */
async function teachOften(page: Page, address: string, count: number): Promise<Lessons> {
  const examples = await writeExamples(join(folder, "examples"), 40);
  await page.goto(`${address}#/teach`);
  await openTeach(page);
  const begun = performance.now();
  await showExamples(page, examples);
  const seen = (performance.now() - begun) / 1000 / (3 * 40);
  const taught: number[] = [];
  for (let lesson = 0; lesson < count; lesson++) {
    await teachModel(page);
    taught.push(Number(await page.locator(".result").getAttribute("data-took")) / 1000);
    // Something has to change, or there is nothing to teach again.
    await page.getByRole("textbox", { name: "What it tells" }).fill(`lesson ${lesson + 1}`);
    await page.getByText("Changed since it was taught").waitFor();
  }
  return { taught, seen };
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
  await warmPage(page, server.address);
  const version = context.browser()?.version() ?? "unknown";
  await page.goto("about:blank");
  const results: number[] = [];
  for (let visit = 0; visit < flags.visits; visit++) results.push((await measureFirstResult(context, server.address, portrait)).ms / 1000);
  console.error(`first result, s: ${results.map((value) => value.toFixed(2)).join(", ")}`);
  await page.goto(`${server.address}#/camera`);
  await page.locator(".face .bars").first().waitFor({ timeout: 60_000 });
  await page.waitForTimeout(2000);
  const rates: number[] = [];
  for (let part = 0; part < 5; part++) rates.push(await cameraRate(page, flags.seconds));
  console.error(`camera, frames a second: ${rates.map((value) => value.toFixed(1)).join(", ")}`);
  const lessons = await teachOften(page, server.address, flags.lessons);
  console.error(
    `lessons, s: ${lessons.taught.map((value) => value.toFixed(2)).join(", ")}; a picture is seen in ${lessons.seen.toFixed(3)} s`,
  );
  await context.close();

  const text = [
    `${today()}, ${machineText()}; Chromium ${version}, headless, WebAssembly with threads; browser, page and`,
    "server share the cores, and so does the film that plays the camera (640 × 480, one face).",
    "",
    "| what | median | quartiles | n |",
    "| --- | ---: | ---: | ---: |",
    tell("first result for a 512 px picture after the load, warm cache", spread(results), "s"),
    tell(`camera, frames a second (parts of ${flags.seconds} s)`, spread(rates), "a second"),
    tell("Teach, 3 classes of 40 pictures, from features to a measured model", spread(lessons.taught), "s"),
  ].join("\n");
  console.log(text);
  if (flags.write) {
    const path = fileURLToPath(new URL("../docs/guide/web.md", import.meta.url));
    await writeFile(path, replaceBetweenMarkers(await readFile(path, "utf8"), text));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
