import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createAnalyzer, type FaceAnalysis } from "../../src/_entries/node.ts";
import sharp from "sharp";
import { largestDifference } from "../support/difference.ts";
import { portraitHeic } from "../support/heif.ts";
import { choosePhotos, savedFile, savedOutcomes, untilDone, visit } from "../support/page.ts";
import { useSite } from "./setup.ts";

/** Photos as telephones write them, in a browser that does not read them. */
const site = useSite();

test("a HEIC photo is shown and analysed, with Node's answers, whatever it is called", async () => {
  const path = join(site().folder, "IMG_0001.HEIC");
  const misnamed = join(site().folder, "misnamed.jpg");
  for (const to of [path, misnamed]) await writeFile(to, await readFile(portraitHeic));
  await using visitor = await visit(site().browser, site().server.address);
  const { page, problems } = visitor;
  await choosePhotos(page, path, misnamed);
  await untilDone(page);
  await expect.poll(() => page.locator(".filmstrip .count").allTextContents(), { timeout: 60_000 }).toEqual(["1", "1"]);
  const shown = () => page.locator(".picture img").evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight]);
  await expect.poll(shown).toEqual([256, 256]);
  await using analyzer = await createAnalyzer();
  const here = await analyzer.analyze(portraitHeic);
  const outcomes = (await savedOutcomes(page)) as FaceAnalysis[];
  expect(outcomes.map(({ source }) => source)).toEqual(["IMG_0001.HEIC", "misnamed.jpg"]);
  for (const there of outcomes) expect(largestDifference(here, there)).toBeLessThanOrEqual(0.02);
  const { width, height } = await sharp(await savedFile(page, "Annotated picture")).metadata();
  expect([width, height >= 256]).toEqual([256, true]);
  expect(site().server.uploads()).toBe(0);
  expect(problems).toEqual([]);
}, 240_000);

test("without the decoder beside the page a sentence says what to do", async () => {
  await using visitor = await visit(site().browser, site().server.address, { serviceWorkers: "block" });
  const { page } = visitor;
  await page.route("**/heic/**", async (route) => route.fulfill({ status: 404 }));
  await choosePhotos(page, portraitHeic);
  await untilDone(page);
  expect(await page.locator("main .failure").textContent()).toMatch(
    /libheif-js, which could not be loaded\. Use JPEG, PNG, WebP, AVIF or GIF\./,
  );
}, 120_000);

test("the decoder is fetched with the first such photo, and comes with its licence", async () => {
  await using visitor = await visit(site().browser, site().server.address, { serviceWorkers: "block" });
  const { page } = visitor;
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await choosePhotos(page, site().photo("portrait"));
  await untilDone(page);
  expect(asked.filter((path) => path.includes("heic"))).toEqual([]);
  const text = await (await fetch(new URL("heic/licence.txt", site().server.address))).text();
  expect(text).toContain("https://github.com/strukturag/libheif");
  expect(text).toContain("GNU LESSER GENERAL PUBLIC LICENSE");
}, 120_000);
