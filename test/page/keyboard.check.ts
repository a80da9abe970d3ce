import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { writeExamples } from "../support/examples.ts";
import { choosePhotos, untilDone } from "../support/page.ts";
import { openTeach, showExamples } from "../support/teach.ts";
import { useSite, useVisitor } from "./setup.ts";

/** Who has no pointer: what takes itself away leaves the focus where the work goes on, and never at the top of the page. */
const site = useSite();
let examples: Awaited<ReturnType<typeof writeExamples>>;
beforeAll(async () => {
  examples = await writeExamples(`${site().folder}/examples`, 5);
});

/** What has the focus, as a person would call it. */
async function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return "nothing";
    if (element.id === "main") return "main";
    if (element instanceof HTMLInputElement && element.type === "file") return element.labels![0]!.textContent.trim();
    return (element.getAttribute("aria-label") ?? element.getAttribute("title") ?? element.textContent).trim().replaceAll(/\s+/g, " ");
  });
}

/** Where something takes itself away, the focus goes on once the page has drawn what stands there now. */
async function untilFocused(page: Page, name: unknown): Promise<void> {
  await expect.poll(() => focused(page)).toEqual(name);
}

/** All that had the focus from now on. */
async function logFocus(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const log: string[] = [];
    Object.assign(globalThis, { focusLog: log });
    document.addEventListener("focusin", ({ target }) => log.push((target as Element).textContent.trim()));
  });
  return () => page.evaluate(() => (globalThis as unknown as { readonly focusLog: string[] }).focusLog);
}

/** Tab until something has the focus. */
async function tabTo(page: Page, name: RegExp, most = 60): Promise<void> {
  for (let step = 0; step < most; step++) {
    if (name.test(await focused(page))) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${String(name)}`);
}

const visitor = useVisitor(site);

test("teaching goes on from Teach to Stop and back, and the next example follows one that is removed", async () => {
  const { page } = visitor();
  await openTeach(page);
  await page.getByRole("radio", { name: "whole pictures" }).check();
  await showExamples(page, { shades: examples.shades, mask: examples.mask });
  await tabTo(page, /^Teach$/);
  const log = await logFocus(page);
  await page.keyboard.press("Enter");
  await page.locator(".result").waitFor({ timeout: 120_000 });
  await expect.poll(log).toEqual(["Stop", "Teach again"]);
  await untilFocused(page, "Teach again");

  const card = page.getByRole("article", { name: "shades", exact: true });
  await card
    .getByRole("button", { name: /remove/ })
    .nth(1)
    .press("Enter");
  await card.getByText("4 pictures", { exact: true }).waitFor();
  await untilFocused(page, "Remove 3.jpg");
  await card
    .getByRole("button", { name: /remove/ })
    .last()
    .press("Enter");
  await card.getByText("3 pictures", { exact: true }).waitFor();
  await untilFocused(page, "Remove 2.jpg");

  for (const place of [3, 4]) {
    await page.getByRole("button", { name: "Add a class" }).press("Enter");
    await untilFocused(page, `Name of class ${place}`);
  }
  await page.getByRole("button", { name: "Remove class 3" }).press("Enter");
  await page.getByRole("textbox", { name: "Name of class 4" }).waitFor({ state: "detached" });
  await untilFocused(page, "Remove class 3");
  await page.keyboard.press("Enter");
  // Two must be: there is nothing left to remove.
  await untilFocused(page, "Add a class");
  await page.keyboard.press("Shift+Tab");
  await expect.poll(() => focused(page)).not.toMatch(/^(nothing|Add a class)$/);
});

test("a face's box leads to its card", async () => {
  const { page } = visitor();
  await page.getByRole("link", { name: "Photos", exact: true }).click();
  await choosePhotos(page, site().photo("portrait"));
  // What is told of a face comes bit by bit: once it is there, nothing changes under the hand.
  await untilDone(page);
  await page.locator(".box").press("Enter");
  await untilFocused(page, expect.stringMatching(/^Face 1/));
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("SUMMARY");
  await page.getByRole("button", { name: /^Remove \S+\.\w+$/ }).press("Enter");
  await untilFocused(page, "main");
});

test("removing photos one by one ends at the choosers", async () => {
  const { page } = visitor();
  await page.getByRole("link", { name: "Photos", exact: true }).click();
  await choosePhotos(page, site().photo("portrait"), site().photo("noFace"));
  // Whether the networks are there by then is no matter.
  const removal = page.getByRole("button", { name: /^Remove \S+\.\w+$/ });
  await removal.focus();
  await untilFocused(page, expect.stringMatching(/^Remove \S+\.\w+$/));
  const first = await focused(page);
  await page.keyboard.press("Enter");
  const isNext = (name: string): boolean => name !== first && /^Remove \S+\.\w+$/.test(name);
  await expect.poll(async () => isNext(await focused(page))).toBe(true);
  await page.keyboard.press("Enter");
  await untilFocused(page, "main");
  await page.keyboard.press("Tab");
  await untilFocused(page, "Choose photos");
});
