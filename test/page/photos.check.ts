import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { adienceAgeGroups, builtInTasks, createAnalyzer, type FaceAnalysis } from "../../src/_entries/node.ts";
import { createOutcomeWriter } from "../../src/bulk/format/outcome-writer.ts";
import { largestDifference } from "../support/difference.ts";
import { choosePhotos, savedFile, savedOutcomes, savedText, untilDone, visit } from "../support/page.ts";
import { portrait, testPictures } from "../support/pictures.ts";
import { useSite, useVisitor } from "./setup.ts";
import { builtInCsvTasks } from "../../src/analyze/outcome-csv.ts";

/** Photos from every side, and what can be done with their faces. */
const site = useSite();

const title = async (page: Page): Promise<string | null> => page.locator("#faces-title").textContent();

describe("Node's answers, upright", () => {
  const names = ["portrait", "mirrored", "sideways", "tenFaces", "noFace"] as const;
  let told: readonly FaceAnalysis[] = [];
  const visitor = useVisitor(site, async (page) => {
    await choosePhotos(page, ...names.map((name) => site().photo(name)));
    const areDone = (count: number): boolean => {
      const told = [...document.querySelectorAll(".filmstrip .count")];
      return told.length === count && told.every(({ textContent }) => textContent !== "…");
    };
    await page.waitForFunction(areDone, names.length, { timeout: 120_000 });
    told = (await savedOutcomes(page)) as FaceAnalysis[];
  });
  let analyzer: Awaited<ReturnType<typeof createAnalyzer>>;
  beforeAll(async () => {
    analyzer = await createAnalyzer();
  });
  afterAll(async () => analyzer?.dispose());

  test.each(names.map((name, index) => ({ name, index })))("$name", async ({ name, index }) => {
    const { page, problems } = visitor();
    const here = await analyzer.analyze(site().photo(name));
    const there = told[index]!;
    expect([there.width, there.height, there.faces.length]).toEqual([here.width, here.height, testPictures[name].faces]);
    const difference = largestDifference(here, there);
    console.log(`page test: ${name}, largest difference of a probability ${difference.toExponential(1)}`);
    expect(difference).toBeLessThanOrEqual(0.02);
    await page.locator(".filmstrip [role=option]").nth(index).click();
    await expect.poll(() => page.locator(".box").count()).toBe(here.faces.length);
    await expect.poll(() => page.locator(".face").count()).toBe(here.faces.length);
    // Boxes stand where the faces are on screen: the browser shows the photo upright too.
    const shown = () => page.locator(".picture img").evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight]);
    await expect.poll(shown).toEqual([here.width, here.height]);
    expect(problems).toEqual([]);
  });
});

test("a photo is pasted from the clipboard", async () => {
  await using visitor = await visit(site().browser, site().server.address, { permissions: ["clipboard-read", "clipboard-write"] });
  const { page } = visitor;
  await page.evaluate(
    async (bytes) => {
      const blob = new Blob([Uint8Array.fromBase64(bytes)], { type: "image/png" });
      await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
    },
    await readFile(portrait, "base64"),
  );
  await page.keyboard.press("Control+V");
  await untilDone(page);
  await expect.poll(() => title(page)).toBe("1 face");
});

test("the sample and a folder, of which only pictures are taken", async () => {
  await using visitor = await visit(site().browser, site().server.address);
  const { page } = visitor;
  await page.getByRole("button", { name: "Try the sample" }).click();
  await untilDone(page);
  await expect.poll(() => title(page)).toBe("1 face");
  await page.locator("input[webkitdirectory]").setInputFiles(dirname(site().photo("letter")));
  const counts = async (): Promise<string[]> => (await page.locator(".filmstrip .count").allTextContents()).toSorted();
  // The sample, the five pictures, and the letter whose name says that it is one.
  await expect.poll(counts, { timeout: 60_000 }).toEqual(["!", "0", "1", "1", "1", "1", "10"]);
});

test("no face: a sentence says what is easily missed", async () => {
  await using visitor = await visit(site().browser, site().server.address);
  const { page } = visitor;
  await choosePhotos(page, site().photo("noFace"));
  await untilDone(page);
  await expect.poll(() => title(page)).toBe("No face");
  await expect.poll(() => page.locator(".note").textContent()).toContain("easily missed");
});

describe("ten faces", () => {
  test("hover and focus tie a face to its row, both ways", async () => {
    await using visitor = await visit(site().browser, site().server.address);
    const { page } = visitor;
    await choosePhotos(page, site().photo("tenFaces"));
    await untilDone(page);
    const marked = async (): Promise<readonly number[]> =>
      Promise.all(
        [".box", ".face"].map(async (kind) =>
          page.locator(kind).evaluateAll((all) => all.findIndex((one) => one.hasAttribute("data-focused"))),
        ),
      );
    await page.locator(".box").nth(3).hover();
    await expect.poll(marked).toEqual([3, 3]);
    await page.locator(".face").nth(6).hover();
    await expect.poll(marked).toEqual([6, 6]);
    await page.mouse.move(0, 0);
    await page.locator(".box").nth(2).focus();
    await expect.poll(marked).toEqual([2, 2]);
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".face").nth(2).locator("details").getAttribute("open")).not.toBeNull();
    await page.locator(".face summary").nth(8).focus();
    await expect.poll(marked).toEqual([8, 8]);
  });

  test("a threshold and heads choose what is shown and saved", async () => {
    await using visitor = await visit(site().browser, site().server.address);
    const { page } = visitor;
    await choosePhotos(page, site().photo("tenFaces"));
    await untilDone(page);
    const scores = ((await savedOutcomes(page)) as FaceAnalysis[])[0]!.faces.map(({ score }) => score);
    const threshold = (Math.floor(Math.min(...scores) * 20) + 1) / 20; // The slider has steps of 0.05.
    await page.locator(".settings summary").click();
    await page.getByRole("slider").fill(String(threshold));
    const left = scores.filter((score) => score >= threshold).length;
    expect(left).toBeLessThan(10);
    await expect.poll(() => page.locator(".box").count()).toBe(left);
    await page.getByRole("slider").fill("0");
    await expect.poll(() => page.locator(".box").count()).toBe(scores.length);
    await page.getByRole("checkbox", { name: "Mood" }).uncheck();
    await expect.poll(() => page.locator(".face").first().textContent()).not.toContain("mood");
    const [outcome] = (await savedOutcomes(page)) as FaceAnalysis[];
    expect(outcome!.faces.map((face) => Object.keys(face))).toEqual(scores.map(() => ["box", "score", "landmarks", "age", "gender"]));
    const read = async (): Promise<string> =>
      [
        await page.locator(".picture img").getAttribute("alt"),
        ...(await page.locator(".box").evaluateAll((all) => all.map((box) => box.getAttribute("aria-label")))),
      ].join(". ");
    expect(await read()).toMatch(/Face 1: about \d+ years, (perhaps )?female/);
    expect(await read()).not.toMatch(/happy|mood/);
  });

  test("the table and the annotated picture that are saved", async () => {
    await using visitor = await visit(site().browser, site().server.address);
    const { page } = visitor;
    await choosePhotos(page, site().photo("tenFaces"), site().photo("noFace"), site().photo("letter"));
    await untilDone(page);
    await expect.poll(() => page.locator(".filmstrip .count").allTextContents()).toEqual(["10", "0", "!"]);
    const writer = createOutcomeWriter("csv", {
      tasks: builtInCsvTasks(builtInTasks),
      ageGroups: adienceAgeGroups,
      isSinglePicture: false,
      width: 80,
      colour: false,
    });
    const onCommandLine = writer.begin() + (await savedOutcomes(page)).map((outcome) => writer.write(outcome)).join("");
    const table = await savedText(page, "CSV");
    expect(table).toBe(onCommandLine);
    expect(table.trim().split("\r\n")).toHaveLength(13);
    const metadata = await sharp(await savedFile(page, "Annotated picture")).metadata();
    expect([metadata.format, metadata.width, metadata.height]).toEqual(["png", 1200, 480]);
  });
});

test("what is no picture has a place while it waits, and nothing is saved before something is known", async () => {
  await using visitor = await visit(site().browser, site().server.address, { serviceWorkers: "block" });
  const { page } = visitor;
  const isLetIn = Promise.withResolvers<void>();
  await page.route("**/models/**", async (route) => {
    await isLetIn.promise;
    await route.continue();
  });
  await page.reload();
  await choosePhotos(page, site().photo("letter"), site().photo("portrait"));
  await expect.poll(() => page.locator(".picture .unshown, .filmstrip .broken").count()).toBe(2);
  expect(await page.locator(".filmstrip img").count()).toBe(1);
  expect(await page.getByRole("img", { name: "letter.jpg" }).count()).toBe(1);
  const save = page.getByRole("button", { name: "JSON", exact: true });
  expect(await save.isDisabled()).toBe(true);
  isLetIn.resolve();
  await expect.poll(() => save.isEnabled(), { timeout: 60_000 }).toBe(true);
});

test("arrows walk through the photos at once, and leave fields alone", async () => {
  await using visitor = await visit(site().browser, site().server.address);
  const { page } = visitor;
  await choosePhotos(page, site().photo("portrait"), site().photo("noFace"), site().photo("mirrored"));
  const shown = async (): Promise<string | null> => page.locator(".filmstrip [aria-selected=true]").getAttribute("title");
  await page.locator(".filmstrip").waitFor();
  await page.keyboard.press("ArrowRight");
  await expect.poll(shown).toBe("no-face.png");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowLeft");
  await expect.poll(shown).toBe("no-face.png");
  await page.locator(".settings summary").click();
  await page.locator(".settings input[type=range]").focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(shown).toBe("no-face.png");
});

test("the filmstrip by keyboard: arrows walk, Delete takes away", async () => {
  await using visitor = await visit(site().browser, site().server.address);
  const { page } = visitor;
  await choosePhotos(page, site().photo("portrait"), site().photo("noFace"), site().photo("mirrored"));
  await untilDone(page);
  const strip = page.getByRole("listbox", { name: "Photos" });
  const current = async (): Promise<string | null> => page.locator('[role=option][aria-selected="true"]').getAttribute("title");
  await strip.focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(current).toBe("no-face.png");
  await page.keyboard.press("End");
  await expect.poll(current).toBe("mirrored.jpg");
  await page.keyboard.press("Delete");
  await expect.poll(current).toBe("no-face.png");
  await expect.poll(() => page.locator("[role=option]").count()).toBe(2);
});

test("the whole way by keyboard alone", async () => {
  await using visitor = await visit(site().browser, site().server.address);
  const { page } = visitor;
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
  await page.keyboard.press("Enter");
  for (let presses = 0; presses < 10; presses++) {
    await page.keyboard.press("Tab");
    if ((await page.evaluate(() => document.activeElement?.textContent)) === "Try the sample") break;
  }
  await page.keyboard.press("Enter");
  await untilDone(page);
  await expect.poll(() => title(page)).toBe("1 face");
  await expect.poll(() => page.getByRole("status").textContent()).toBe("1 face found.");
});
