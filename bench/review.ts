/**
 * What a review costs: plants errors in a dataset's labels, and lets a script that knows the truth go through the page as a person would, in
 * Chromium: it corrects the marks of each sheet and accepts it, until every planted error in the first tenth of the queue is decided.
 *
 *     npm run bench -- review DIR --task mood
 *
 * DIR is an imported dataset. Every key and every click counts as a press. Nothing is written to the dataset but what is seen of its faces.
 */
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";
import { build } from "vite";
import { classOf, rankSuspicions, splits } from "../src/datasets/index.ts";
import { createReviewSession, type Decision } from "../src/datasets/review/index.ts";
import { judgeLabels } from "../src/predict/doubt/index.ts";
import { buildReviewApp, listen } from "../src/server/index.ts";
import { browserFlags, findBrowser } from "../test/support/browser.ts";
import { plantErrors } from "./cleaning/plant.ts";
import { prepareFaces } from "./cleaning/prepare.ts";
import { anyNumber, anyText, choice, endWithUsage, neededText, readWords, wholeNumber } from "../scripts/words.ts";

const { values, operands, usage } = readWords(
  "npm run bench -- review",
  {
    task: neededText("NAME"),
    count: wholeNumber(3000),
    share: anyNumber(0.05),
    seed: wholeNumber(1),
    split: choice(splits),
    features: anyText(),
    /** Where screenshots of the first sheet are put, 390 and 1280 pixels wide. */
    screenshots: anyText(),
  },
  { operands: ["DIR"] },
);
const directory = operands[0]!;
const { task } = values;
const browserPath = findBrowser();
if (browserPath === undefined) throw new Error("there is no Chrome or Chromium");

const { dataset, records, aspects, unseen } = await prepareFaces(directory, {
  task,
  count: values.count,
  split: values.split,
  features: values.features,
});
const { tasks } = dataset.info;
const truth = new Map(records.map(({ id, labels }) => [id, classOf(labels, task)!]));
const given = plantErrors(records, { task, tasks, share: values.share, mistake: "uniform", seed: values.seed });
const { labels: judged } = await judgeLabels(given.records, task, aspects, { own: tasks, unseen });
const suspicions = rankSuspicions(
  task,
  given.records.map(({ id, labels }, index) => Object.assign({ id, given: classOf(labels, task)!, flags: [] }, judged[index])),
);
const firstTenth = new Set(suspicions.slice(0, Math.ceil(suspicions.length / 10)).map(({ id }) => id));
const sought = [...firstTenth].filter((id) => given.planted.has(id) && truth.get(id) !== suspicions.find((one) => one.id === id)!.given);

const decisions: Decision[] = [];
const session = createReviewSession({
  dataset: "planted",
  task,
  tasks,
  reviewer: "script",
  records: given.records,
  suspicions,
  decisions: [],
  append: async (decision) => void decisions.push(decision),
  now: () => new Date(),
});
const { length: classCount } = session.state().classes;
if (classCount > 9) endWithUsage(`the script presses a digit for each class: ${task} has ${classCount}`, usage);
const root = fileURLToPath(new URL("../web/review", import.meta.url));
await build({ root, logLevel: "silent" });
const webRoot = fileURLToPath(new URL("../dist/review", import.meta.url));
const app = await buildReviewApp({ session, picturePath: (record) => dataset.picturePath(record), webRoot });
const address = await listen(app, { port: 0, hasToken: false });
const browser = await chromium.launch({ executablePath: browserPath, args: [...browserFlags] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${address}/`);
  await page.waitForSelector(".cell.cursor");
  if (values.screenshots !== undefined) await takeScreenshots(page, values.screenshots);
  const started = performance.now();
  const { presses, sheets } = await goThrough(page);
  const seconds = (performance.now() - started) / 1000;
  const said = new Map(decisions.map((decision) => [decision.id, decision.action === "relabel" ? decision.label : undefined]));
  const right = sought.filter((id) => said.get(id) === truth.get(id)).length;
  console.log(
    `${records.length} faces, ${given.planted.size} planted, ${sought.length} of them in the first tenth: ${right} decided rightly with ${presses} presses on ${sheets} sheets, in ${seconds.toFixed(0)} s of the script`,
  );
  if (right < sought.length) process.exitCode = 1;
} finally {
  await browser.close();
  await app.close();
}

async function takeScreenshots(page: Page, folder: string): Promise<void> {
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    await page.waitForFunction(() => [...document.images].slice(0, 8).every((image) => image.complete));
    await page.screenshot({ path: `${folder}/review-sheet-${width}.png` });
  }
}

/** Every class in turn, sheet by sheet, as long as a sheet shows faces of the first tenth. */
async function goThrough(page: Page): Promise<{ readonly presses: number; readonly sheets: number }> {
  let [presses, sheets] = [0, 0];
  const press = async (key: string): Promise<void> => {
    presses++;
    await page.keyboard.press(key);
  };
  const classes = session.state().classes;
  for (let turn = 0; turn < classes.length; turn++) {
    for (;;) {
      const shown = await cellsOf(page);
      if (!shown.some(({ id }) => firstTenth.has(id))) break;
      for (const { id, label, mark, index } of shown) {
        const wanted = truth.get(id)!;
        if ((mark ?? label) === wanted) continue;
        presses++;
        await page.locator(`#face-${index}`).click();
        if (wanted === label || (await markOf(page, index)) === wanted) continue;
        await press(String(classes.findIndex((one) => one.label === wanted) + 1));
      }
      sheets++;
      const { to, isLast } = await rangeOf(page);
      await press("Enter");
      // The sheet shows what was decided before the next one comes.
      await page.waitForFunction(
        ({ end, last }) =>
          last
            ? document.querySelector(".cell.open, .cell.marked") === null
            : !document.querySelector(".range")?.textContent?.includes(` to ${end} of `),
        { end: to, last: isLast },
        { timeout: 30_000 },
      );
      if (isLast) break;
    }
    if (turn + 1 === classes.length) break;
    const before = await page.locator(".tab.current .name").textContent();
    await press("]");
    await page.waitForFunction((old) => document.querySelector(".tab.current .name")?.textContent !== old, before);
  }
  return { presses, sheets };
}

/** Which faces of a class the sheet shows: `happy: 61 to 120 of 512`. */
async function rangeOf(page: Page): Promise<{ readonly to: number; readonly isLast: boolean }> {
  const text = (await page.locator(".range").textContent()) ?? "";
  const [, to = "0", total = "0"] = / to (\d+) of (\d+)\./.exec(text) ?? [];
  return { to: Number(to), isLast: to === total };
}

async function markOf(page: Page, index: number): Promise<string | undefined> {
  const text = await page
    .locator(`#face-${index}.marked .mark`)
    .textContent({ timeout: 2000 })
    .catch(() => null);
  return text?.replace(/\?$/, "");
}

interface ShownFace {
  readonly id: string;
  readonly label: string;
  readonly mark: string | undefined;
  readonly index: number;
}

/** What the sheet shows, as it is written there. */
async function cellsOf(page: Page): Promise<ShownFace[]> {
  const cells = await page.locator(".cell.open, .cell.marked").evaluateAll((all) =>
    all.map((cell) => ({
      index: Number(cell.id.replace("face-", "")),
      title: cell.getAttribute("title") ?? "",
      mark: cell.classList.contains("marked") ? cell.querySelector(".mark")?.textContent?.replace(/\?$/, "") : undefined,
    })),
  );
  return cells.map(({ index, title, mark }) => {
    const [id = "", about = ""] = title.split("\n");
    return { index, id, mark, label: /^label: (.*), \d+ % likely wrong/.exec(about)?.[1] ?? "" };
  });
}
