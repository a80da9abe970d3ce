import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import axeCore from "axe-core";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawTasks, drawnTasks } from "../../scripts/tasks/draw.ts";
import type { Decision } from "../../src/datasets/review/decisions.ts";
import { browserPatience } from "../support/browser.ts";
import { run, start } from "../support/command.ts";
import { startBrowser } from "../support/page.ts";

/** The label review of tasks of every kind: their classes, sets of tags and numbers are shown, changed and applied. */
let folder = "";
let browser: Browser | undefined;
/** Pictures of each class. */
const count = 4;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-review-tasks-"));
  // Where the command looks for it in a clone.
  await build({ root: fileURLToPath(new URL("../../web/review", import.meta.url)), logLevel: "silent" });
  await drawTasks(folder, count);
  browser = await startBrowser();
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

async function tensorface(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(words);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeCore.source);
  return page.evaluate(async () => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the script that was just run
    const { axe } = globalThis as unknown as { axe: { run: () => Promise<{ violations: { id: string }[] }> } };
    return (await axe.run()).violations.map(({ id }) => id);
  });
}

/** What the page is to call the classes of a task, in its order. */
const shown: Readonly<Record<string, { readonly classes: readonly string[]; readonly task?: string }>> = {
  moods: { classes: ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"], task: "mood" },
  smile: { classes: ["none", "smile"] },
  "age-group": { classes: ["0-2", "4-6", "8-12", "15-20", "25-32", "38-43", "48-53", "60-100"] },
  mask: { classes: ["mask", "none"] },
  wears: { classes: ["helmet", "helmet + vest", "none", "vest"] },
  rating: { classes: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"] },
};

describe("the review page", () => {
  test.each(drawnTasks)(
    "$name, of kind $kind",
    async ({ name, kind }) => {
      const { classes, task = name } = shown[name]!;
      const data = join(folder, "data", name);
      const asked = kind === undefined ? [] : ["--task", task, "--kind", kind];
      await tensorface("dataset", "import", "folder", join(folder, name), "--out", data, ...asked);
      await tensorface("dataset", "doubt", data, "--task", task, "--features", "gradients");
      const review = start(["dataset", "review", data, "--task", task, "--port", "0", "--reviewer", "ann"]);
      const page = await browser!.newPage({ viewport: { width: 1280, height: 800 } });
      page.setDefaultTimeout(browserPatience);
      try {
        await expect.poll(review.stdout, { timeout: 120_000 }).toMatch(/http\S+\n/);
        await page.goto(review.stdout().trim());
        await page.waitForSelector(".tab");
        expect(await page.locator(".tab .name").allTextContents()).toEqual(classes);
        for (const width of [1280, 390]) {
          await page.setViewportSize({ width, height: 800 });
          await page.locator(".cell.cursor").waitFor();
          await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
          const shots = process.env["SCREENSHOTS"];
          if (shots !== undefined) await page.screenshot({ path: join(shots, `review-${name}-${width}.png`) });
          expect(await violations(page)).toEqual([]);
        }
        const chosen = await page.locator(".cell.cursor").getAttribute("title");
        const from = /label: (.+?), \d+ %/.exec(chosen ?? "")?.[1];
        const next = classes.findLast((label) => label !== from)!;
        await page.getByRole("combobox", { name: "Relabel as" }).selectOption(String(classes.indexOf(next)));
        await expect.poll(() => page.locator(".cell.relabelled .mark").allTextContents()).toEqual([`→ ${next}`]);
        review.child.kill("SIGINT");
        await review.finished;
        const [decision] = (await readFile(join(data, "decisions.jsonl"), "utf8")).trimEnd().split("\n");
        expect(JSON.parse(decision!) as Decision).toMatchObject({ action: "relabel", task, label: next });
        expect(await tensorface("dataset", "apply", data)).toContain("(1 with a new label)");
      } finally {
        review.child.kill("SIGKILL");
        await review.finished;
        await page.close();
      }
    },
    300_000,
  );
});
