import type { Page } from "playwright-core";

/** What visitors do in the page's tab "Teach". */

export async function openTeach(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Teach", exact: true }).click();
  await page.getByRole("heading", { name: "Teach it" }).waitFor();
}

/** Names classes and gives them their files. */
export async function showExamples(page: Page, classes: Readonly<Record<string, readonly string[]>>): Promise<void> {
  for (const [index, [name, files]] of Object.entries(classes).entries()) {
    if (index > 1) await page.getByRole("button", { name: "Add a class" }).click();
    await page.getByRole("textbox", { name: `Name of class ${index + 1}` }).fill(name);
    await page
      .getByRole("article", { name, exact: true })
      .locator("input[type=file]:not([webkitdirectory])")
      .setInputFiles([...files]);
  }
  for (const [name, files] of Object.entries(classes)) {
    const count = page.getByRole("article", { name, exact: true }).getByText(`${files.length} pictures`, { exact: true });
    await count.waitFor({ timeout: 120_000 });
  }
}

/** What tells a lesson's result from the one before. */
function lessonOf(): string | undefined {
  return document.querySelector<HTMLElement>(".result")?.dataset["took"];
}

/** Presses the button and waits for what came out. */
export async function teachModel(page: Page): Promise<void> {
  const before = await page.evaluate(lessonOf);
  await page.getByRole("button", { name: /^Teach( again)?$/ }).click();
  const isAnother = (before: string | undefined): boolean => {
    const now = document.querySelector<HTMLElement>(".result")?.dataset["took"];
    return now !== undefined && now !== before;
  };
  await page.waitForFunction(isAnother, before, { timeout: 120_000 });
}
