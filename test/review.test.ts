import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import sharp from "sharp";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Decision } from "../src/datasets/review/decisions.ts";
import { browserFlags, browserPatience, findBrowser } from "./support/browser.ts";
import { hasSignals, run, type Running, start } from "./support/command.ts";
import { portrait } from "./support/pictures.ts";

const browserPath = findBrowser();
if (browserPath === undefined) console.log("review test: skipped, there is no Chrome or Chromium");

let folder = "";
let browser: Browser | undefined;
/** The reviews of the running test: one that is left open holds the lock of its decisions, and the next test would fail as well. */
const reviews: Running[] = [];
const data = (): string => join(folder, "data");

/** Twelve heads a class; in one class they are mirrored, so that there is something to learn. */
async function makeDataset(): Promise<void> {
  const head = sharp(await sharp(portrait).extract({ left: 130, top: 20, width: 180, height: 180 }).toBuffer());
  for (const label of ["happy", "sad"]) {
    await mkdir(join(folder, "pictures", label), { recursive: true });
    for (let n = 0; n < 12; n++) {
      const picture = head
        .clone()
        .resize(96, 96)
        .modulate({ brightness: 0.7 + n / 20 })
        .flop(label === "sad");
      await picture.png().toFile(join(folder, "pictures", label, `${n}.png`));
    }
  }
}

async function tensorface(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(words);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

async function startReview(reviewer = "ann", more: readonly string[] = []): Promise<{ readonly review: Running; readonly page: Page }> {
  const review = start(["dataset", "review", data(), "--port", "0", "--reviewer", reviewer, ...more]);
  reviews.push(review);
  await expect.poll(review.stdout, { timeout: 120_000 }).toMatch(/http\S+\n/);
  const page = await browser!.newPage({ viewport: { width: 1100, height: 800 } });
  page.setDefaultTimeout(browserPatience);
  await page.goto(review.stdout().trim());
  await page.waitForSelector(".cell.cursor");
  return { review, page };
}

async function decisions(path = join(data(), "decisions.jsonl")): Promise<Decision[]> {
  const text = await readFile(path, "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Decision);
}

/** What axe finds wrong with the page. It is run as a script of the test's own, which the page's policy does not let in by itself. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8"));
  return page.evaluate(async () => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the script that was just run
    const { axe } = globalThis as unknown as { axe: { run: () => Promise<{ violations: { id: string }[] }> } };
    return (await axe.run()).violations.map(({ id }) => id);
  });
}

async function screenshot(page: Page, name: string): Promise<void> {
  if (process.env["SCREENSHOTS"] !== undefined) await page.screenshot({ path: join(process.env["SCREENSHOTS"], name) });
}

const countOf = (page: Page, mark: string): Promise<number> => page.locator(`.cell.${mark}`).count();

describe.skipIf(browserPath === undefined)("the review page in a real browser", { timeout: 300_000 }, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tensorface-review-"));
    // Where the command looks for it in a clone.
    await build({ root: fileURLToPath(new URL("../web/review", import.meta.url)), logLevel: "silent" });
    await makeDataset();
    await tensorface("dataset", "import", "folder", join(folder, "pictures"), "--out", data());
    await tensorface("dataset", "doubt", data(), "--features", "gradients");
    browser = await chromium.launch({ executablePath: browserPath!, args: [...browserFlags], timeout: browserPatience });
  }, 120_000);
  afterEach(async () => {
    for (const { child, finished } of reviews.splice(0)) {
      child.kill("SIGKILL");
      await finished;
    }
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("keys keep, relabel, drop and undo; what was decided survives kill -9", async () => {
    const { review, page } = await startReview();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    expect(await page.locator(".cell").count()).toBe(12);
    // Moods in order: angry 1, disgust 2, fear 3, happy 4, sad 5.
    for (const key of ["k", "5", "d", "k", "u"]) await page.keyboard.press(key);
    await expect.poll(async () => (await decisions()).map(({ action }) => action)).toEqual(["keep", "relabel", "drop", "keep", "undo"]);
    const marks = async (): Promise<number[]> => Promise.all(["keep", "relabelled", "drop"].map((mark) => countOf(page, mark)));
    await expect.poll(marks).toEqual([1, 1, 1]);
    const happy = page.locator(".tab", { hasText: "happy" });
    await expect.poll(() => happy.locator(".counts").textContent()).toMatch(/12.*10/);
    await screenshot(page, "review-1100.png");
    expect(problems).toEqual([]);

    review.child.kill("SIGKILL");
    expect((await review.finished).signal).toBe("SIGKILL");
    await page.close();

    const again = await startReview();
    await expect.poll(() => countOf(again.page, "keep")).toBe(1);
    await expect.poll(async () => [await countOf(again.page, "relabelled"), await countOf(again.page, "drop")]).toEqual([1, 1]);
    await again.page.keyboard.press("]");
    await expect.poll(() => countOf(again.page, "keep")).toBe(0);
    await again.page.keyboard.press("e");
    await expect.poll(async () => (await decisions()).length).toBe(5 + 12);
    again.review.child.kill("SIGINT");
    expect((await again.review.finished).code).toBe(hasSignals ? 0 : null);
    await again.page.close();
  });

  test("works by fingers on a narrow screen, and axe finds nothing", async () => {
    const { review, page } = await startReview("ann", ["--decisions", join(folder, "fingers.jsonl")]);
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page
        .getByRole("option")
        .nth(width === 390 ? 2 : 5)
        .click();
      await page.getByRole("button", { name: "Drop" }).click();
      await page.getByRole("combobox", { name: "Relabel as" }).selectOption({ label: "5 sad" });
      await expect.poll(() => countOf(page, "relabelled")).toBe(width === 390 ? 1 : 2);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await screenshot(page, `review-${width}.png`);
      expect(await violations(page)).toEqual([]);
    }
    await expect.poll(() => countOf(page, "drop")).toBe(2);
    await page.getByRole("button", { name: "Enlarge" }).click();
    await page.getByRole("dialog").getByRole("img").first().waitFor();
    await screenshot(page, "review-enlarged.png");
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("z");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    // Lower than the list of keys, which is to begin with its title.
    await page.setViewportSize({ width: 390, height: 500 });
    await page.getByRole("button", { name: "All keys" }).click();
    // The dialog opens with the page's next rendering.
    await page.getByRole("dialog").waitFor();
    await screenshot(page, "review-help.png");
    await expect.poll(() => page.locator("#help").evaluate(({ scrollTop }) => scrollTop)).toBe(0);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => countOf(page, "relabelled")).toBe(1);
    review.child.kill("SIGINT");
    await review.finished;
    await page.close();
  });

  test("what the model learnt opens by a key and by a button, in faces, and axe finds nothing", async () => {
    const { review, page } = await startReview("ann", ["--decisions", join(folder, "learnt.jsonl")]);
    const learnt = page.getByRole("dialog", { name: "What the model learnt" });
    await page.keyboard.press("m");
    await learnt.waitFor();
    await expect
      .poll(() => learnt.getByRole("heading", { level: 3 }).allTextContents())
      .toEqual(["Mixed most often", expect.stringMatching(/^happy 12 labels/), expect.stringMatching(/^sad 12 labels/)]);
    // Keys of a review do nothing behind it.
    await page.keyboard.press("d");
    await page.keyboard.press("m");
    await learnt.waitFor({ state: "hidden" });
    expect(await countOf(page, "drop")).toBe(0);
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.getByRole("button", { name: "What the model learnt" }).click();
      await learnt.waitFor();
      await expect.poll(() => learnt.evaluate(({ scrollTop }) => scrollTop)).toBe(0);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await screenshot(page, `review-learnt-${width}.png`);
      expect(await violations(page)).toEqual([]);
      await learnt.getByRole("button", { name: "Close" }).click();
      await learnt.waitFor({ state: "hidden" });
    }
    review.child.kill("SIGINT");
    await review.finished;
    await page.close();
  });

  test("a sheet is marked by clicks, accepted with one key and taken back with another", async () => {
    const { review, page } = await startReview("ann", ["--decisions", join(folder, "sheets.jsonl")]);
    const marked = await countOf(page, "marked");
    const cell = page.locator(".cell").nth(11);
    const wasMarked = (await cell.getAttribute("class"))?.includes("marked") === true;
    await cell.click();
    const now = marked + (wasMarked ? -1 : 1);
    await expect.poll(() => countOf(page, "marked")).toBe(now);
    await page.keyboard.press("Enter");
    await expect.poll(async () => (await countOf(page, "keep")) + (await countOf(page, "relabelled"))).toBe(12);
    expect(await countOf(page, "relabelled")).toBe(now);
    await screenshot(page, "review-accepted.png");
    await page.keyboard.press("u");
    await expect.poll(() => countOf(page, "keep")).toBe(0);
    expect(await countOf(page, "relabelled")).toBe(0);
    review.child.kill("SIGINT");
    await review.finished;
    await page.close();
  });

  test("a key that is held down decides once, also on a button", async () => {
    const { review, page } = await startReview("ann", ["--decisions", join(folder, "held.jsonl")]);
    const written = async (): Promise<readonly string[]> => (await decisions(join(folder, "held.jsonl"))).map(({ action }) => action);
    const hold = async (key: string): Promise<void> => {
      for (let time = 0; time < 4; time++) await page.keyboard.down(key);
      await page.keyboard.up(key);
    };
    await hold("d");
    // The cursor moves for as long as its key is held.
    await hold("ArrowRight");
    await page.getByRole("button", { name: "Keep K" }).focus();
    await hold("Enter");
    await page.keyboard.press("k");
    await expect.poll(written).toEqual(["drop", "keep", "keep"]);
    // The page marks them once the server has written them.
    await expect.poll(() => page.locator(".cell.keep").evaluateAll((cells) => cells.map(({ id }) => id))).toEqual(["face-5", "face-6"]);
    review.child.kill("SIGINT");
    await review.finished;
    await page.close();
  });

  test("a second review of the same file is refused while the first is open", async () => {
    const { review, page } = await startReview("ann", ["--decisions", join(folder, "fingers.jsonl")]);
    const second = await run(["dataset", "review", data(), "--port", "0", "--decisions", join(folder, "fingers.jsonl")]);
    expect([second.code, second.stderr]).toEqual([1, expect.stringContaining("TF_FOLDER_BUSY")]);
    review.child.kill("SIGINT");
    await review.finished;
    await page.close();
  });

  test("the decisions make a cleaned manifest beside the original", async () => {
    const before = await readFile(join(data(), "manifest.jsonl"), "utf8");
    await tensorface("dataset", "apply", data());
    expect(await readFile(join(data(), "manifest.jsonl"), "utf8")).toBe(before);
    const clean = (await readFile(join(data(), "manifest.clean.jsonl"), "utf8")).trimEnd().split("\n");
    const labels = clean.map((line) => (JSON.parse(line) as { labels: { mood: string } }).labels.mood);
    expect([labels.filter((mood) => mood === "happy").length, labels.filter((mood) => mood === "sad").length]).toEqual([10, 13]);
  });

  test("a second reviewer's file merges with the first, and disagreement is listed", async () => {
    const [ann, bob, merged] = [join(data(), "decisions.jsonl"), join(folder, "bob.jsonl"), join(folder, "merged.jsonl")];
    const { review, page } = await startReview("bob", ["--decisions", bob]);
    // Of his own file: nothing of what ann decided is on the page.
    expect(await countOf(page, "keep")).toBe(0);
    for (const key of ["d", "5", "d"]) await page.keyboard.press(key);
    await expect.poll(() => countOf(page, "drop")).toBe(2);
    await page.keyboard.press("?");
    await expect.poll(() => page.locator("#help").textContent()).toContain("merge-decisions");
    review.child.kill("SIGINT");
    expect((await review.finished).code).toBe(hasSignals ? 0 : null);
    await page.close();

    const said = await tensorface("dataset", "merge-decisions", ann, bob, "--out", merged);
    // Ann kept the first face, bob dropped it; both relabelled the second and dropped the third.
    expect(said).toMatch(/20 decisions from 2 files, 1 face on which reviewers disagree/);
    expect(said).toMatch(/ann: keep, bob: drop/);
    expect(await tensorface("dataset", "apply", data(), "--decisions", merged)).toMatch(/22 faces kept \(1 with a new label\), 2 dropped/);
    expect(await tensorface("dataset", "apply", data(), "--undo")).toContain("no longer applied");
  });
});
