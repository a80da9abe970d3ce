import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { writeExamples } from "../support/examples.ts";
import { choosePhotos } from "../support/page.ts";
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
  expect(await log()).toEqual(["Stop", "Teach again"]);
  expect(await focused(page)).toBe("Teach again");

  const card = page.getByRole("article", { name: "shades", exact: true });
  await card
    .getByRole("button", { name: /remove/ })
    .nth(1)
    .focus();
  await page.keyboard.press("Enter");
  await card.getByText("4 pictures", { exact: true }).waitFor();
  expect(await focused(page)).toBe("Remove 3.jpg");
  await card
    .getByRole("button", { name: /remove/ })
    .last()
    .focus();
  await page.keyboard.press("Enter");
  await card.getByText("3 pictures", { exact: true }).waitFor();
  expect(await focused(page)).toBe("Remove 2.jpg");

  for (const place of [3, 4]) {
    await page.getByRole("button", { name: "Add a class" }).press("Enter");
    await expect.poll(() => focused(page)).toBe(`Name of class ${place}`);
  }
  await page.getByRole("button", { name: "Remove class 3" }).focus();
  await page.keyboard.press("Enter");
  expect(await focused(page)).toBe("Remove class 3");
  await page.keyboard.press("Enter");
  // Two must be: there is nothing left to remove.
  expect(await focused(page)).toBe("Add a class");
  await page.keyboard.press("Shift+Tab");
  expect(await focused(page)).not.toBe("nothing");
});

test("a face's box leads to its card", async () => {
  const { page } = visitor();
  await page.getByRole("link", { name: "Photos", exact: true }).click();
  await choosePhotos(page, site().photo("portrait"));
  await page.locator(".box").focus({ timeout: 100_000 });
  await page.keyboard.press("Enter");
  expect(await focused(page)).toMatch(/^Face 1/);
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("SUMMARY");
  await page.getByRole("button", { name: /^Remove \S+\.\w+$/ }).press("Enter");
  expect(await focused(page)).toBe("main");
});

test("removing photos one by one ends at the choosers", async () => {
  const { page } = visitor();
  await page.getByRole("link", { name: "Photos", exact: true }).click();
  await choosePhotos(page, site().photo("portrait"), site().photo("noFace"));
  // Whether the networks are there by then is no matter.
  await page.getByRole("button", { name: /^Remove \S+\.\w+$/ }).focus({ timeout: 60_000 });
  const first = await focused(page);
  await page.keyboard.press("Enter");
  expect(await focused(page)).toMatch(/^Remove \S+\.\w+$/);
  expect(await focused(page)).not.toBe(first);
  await page.keyboard.press("Enter");
  expect(await focused(page)).toBe("main");
  await page.keyboard.press("Tab");
  expect(await focused(page)).toBe("Choose photos");
});
