import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { findProgram, quietJupyterEnvironment } from "../../src/notebook/index.ts";
import { type Running, start } from "../support/command.ts";
import { startBrowser } from "../support/page.ts";

/**
 * `tensorface notebook` as somebody meets it: Jupyter opens the first notebook in a browser, and cells show what they should when they are
 * run one by one. For the front end of Debian's jupyter-notebook, which `.ci/run` does not install.
 */
const jupyter = findProgram("jupyter-notebook");
const isKnown = jupyter !== undefined && execFileSync(jupyter, ["--version"], { encoding: "utf8" }).startsWith("6.");
if (!isKnown) console.warn("jupyter-notebook 6 is not installed: its front end is not tested");

/** One thing of each kind that cells show. */
const cells = [
  `import { createAnalyzer } from "tensorface";
import { chart, exampleData, faceGrid, picture, show, showProgress, table } from "tensorface/notebook";
const { group } = await exampleData({ folder: ".cache/check" });
const analyzer = await createAnalyzer();
const analysis = await analyzer.analyze(group);
await analyzer.dispose();`,
  "await show(picture(group, { faces: analysis, caption: 'boxed' }));",
  "await show(faceGrid(group, analysis, { columns: 6 }));",
  "await show(table([{ mood: 'happy', right: 100 }, { mood: 'sad', right: 47.62 }], { digits: 1 }));",
  `await show(chart({ data: { values: [{ a: "x", b: 3 }] }, mark: "bar", encoding: { x: { field: "b", type: "quantitative" }, y: { field: "a", type: "nominal" } } }));`,
  `const progress = await showProgress("Counting");
for (let done = 1; done <= 15; done++) {
  progress.update({ stage: "count", done, total: 15 });
  await new Promise((resolve) => setTimeout(resolve, 400));
}
await progress.end();`,
];

/** Cells may wait for a busy machine. */
const patience = { timeout: 200_000 };
let folder: string;
let running: Running;
let browser: Browser;
let address: string;
/** The page that Jupyter wanted a browser to open. */
let opened: string;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const found = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof found === "object" && found !== null ? found.port : 0;
}

async function writeNotebook(path: string): Promise<void> {
  const kernelspec = { display_name: "TypeScript (Deno)", language: "typescript", name: "deno" };
  const code = cells.map((source) => ({ cell_type: "code", execution_count: null, metadata: {}, outputs: [], source }));
  await writeFile(path, JSON.stringify({ cells: code, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 4 }));
}

beforeAll(async () => {
  if (!isKnown) return;
  folder = await mkdtemp(join(tmpdir(), "notebook-check-"));
  const [work, record, script] = [join(folder, "work"), join(folder, "opened.txt"), join(folder, "browser.sh")];
  await mkdir(work);
  await writeNotebook(join(work, "shown.ipynb"));
  // Python's webbrowser takes this program in place of a browser.
  await writeFile(script, `#!/bin/sh\necho "$1" > "${record}"\n`);
  await chmod(script, 0o755);
  const port = await freePort();
  const flags = ["--allow-root", `--port=${port}`, "--port-retries=0", "--NotebookApp.token=check"];
  const env = { ...quietJupyterEnvironment(join(folder, "jupyter")), BROWSER: `${script} %s` };
  running = start(["notebook", work, "--", ...flags], { env });
  address = `http://127.0.0.1:${port}`;
  const read = (): Promise<string> => readFile(record, "utf8").catch(() => "");
  opened = (await vi.waitUntil(async () => (await read()).match(/file:\S+/)?.[0], patience))!;
  browser = await startBrowser();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  running?.child.kill("SIGTERM");
  await running?.finished;
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}, 60_000);

async function whenConnected(page: Page): Promise<void> {
  await page.locator("#kernel_indicator .kernel_indicator_name").getByText("TypeScript (Deno)").waitFor(patience);
  await page
    .locator("#notification_kernel")
    .getByText("Kernel ready")
    .waitFor({ state: "attached", ...patience });
  await page.locator(".kernel_idle_icon").waitFor(patience);
}

/** Runs a cell as somebody does; resolves when it is over. @param meanwhile what is looked at while it runs */
async function runCell(page: Page, index: number, meanwhile: (cell: Locator) => Promise<unknown> = async () => {}): Promise<Locator> {
  const cell = page.locator(".cell").nth(index);
  await cell.locator(".input_prompt, .rendered_html").first().click();
  await page.keyboard.press("Shift+Enter");
  if (!(await cell.evaluate((element) => element.classList.contains("code_cell")))) return cell;
  const isOver = async (): Promise<boolean> => {
    await meanwhile(cell);
    return /\[\d+\]/.test(await cell.locator(".input_prompt").innerText());
  };
  await expect.poll(isOver, { interval: 150, ...patience }).toBe(true);
  expect(await cell.locator(".output_error").allInnerTexts()).toEqual([]);
  return cell;
}

/** Widths of pictures, once they are there. */
async function widthsOf(cell: Locator, count: number): Promise<number[]> {
  const widths = (): Promise<number[]> =>
    cell.locator("img").evaluateAll((images) => images.map((image) => (image instanceof HTMLImageElement ? image.naturalWidth : 0)));
  await expect.poll(async () => (await widths()).filter((width) => width > 0).length, patience).toBe(count);
  return widths();
}

describe.skipIf(!isKnown)("Jupyter's own page", () => {
  test("opens on the first notebook, whose cells run one by one and all show something", { timeout: 300_000 }, async () => {
    const page = await browser.newPage();
    await page.goto(opened);
    await page.waitForURL(/1-data-and-charts\.ipynb/, patience);
    await whenConnected(page);
    const count = await page.locator(".cell").count();
    expect(count).toBeGreaterThan(10);
    for (let index = 0; index < count; index++) await runCell(page, index);
    await expect.poll(() => page.locator(".output_subarea").count(), patience).toBe(5);
    expect(await page.locator(".output_subarea table").count()).toBe(2);
    await widthsOf(page.locator("#notebook-container"), 2 + 24);
    await page.close();
  });

  test("shows boxes, faces in rows, tables and charts, and progress that moves in its place", { timeout: 300_000 }, async () => {
    const page = await browser.newPage();
    await page.goto(`${address}/notebooks/shown.ipynb?token=check`);
    await whenConnected(page);
    await runCell(page, 0);
    const boxed = await runCell(page, 1);
    expect(await widthsOf(boxed, 1)).toEqual([900]);
    await boxed.locator("figcaption").getByText("boxed").waitFor(patience);
    const grid = await runCell(page, 2);
    await widthsOf(grid, 6);
    const tops = await grid.locator("figure").evaluateAll((figures) => figures.map((figure) => figure.getBoundingClientRect().top));
    expect(new Set(tops).size).toBe(1);
    const table = await runCell(page, 3);
    const rows = async (): Promise<string[][]> => (await table.locator("tr").allInnerTexts()).map((row) => row.split(/\s+/));
    await expect.poll(rows, patience).toEqual([
      ["mood", "right"],
      ["happy", "100.0"],
      ["sad", "47.6"],
    ]);
    await widthsOf(await runCell(page, 4), 1);

    const states = new Set<string>();
    const progress = await runCell(page, 5, async (cell) => {
      for (const text of await cell.locator(".output_subarea").allInnerTexts()) states.add(text.trim());
    });
    await progress.getByText(/Counting: done in/).waitFor(patience);
    expect(await progress.locator(".output_subarea").count()).toBe(1);
    expect([...states].filter((text) => /count: \d+ of 15/.test(text)).length).toBeGreaterThan(2);
    await page.close();
  });
});
