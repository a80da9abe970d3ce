/** How fast films are gone through in the page: in its worker, in a real browser on this machine. */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { processorBelow } from "../test/support/memory.ts";
import { buildPage, servePage, startBrowser, visit } from "../test/support/page.ts";

export interface PageFilm {
  readonly path: string;
  /** Of the film. */
  readonly seconds: number;
  /** Who is in it: who is not found makes a film look faster than it is. */
  readonly people: number;
}

export interface PageRun {
  /** Seconds of the film in one of the page: 1 is as fast as it plays. */
  readonly rate: number;
  /** Seconds of processor time for a second of the film, of the whole browser: what other work on the machine hardly changes. */
  readonly processor: number;
}

/** Rounds in turns, after one that loads what is needed. */
export async function measureInPage(
  folder: string,
  films: readonly PageFilm[],
  { rounds, every }: { readonly rounds: number; readonly every: number },
): Promise<{ readonly runs: readonly (readonly PageRun[])[]; readonly browser: string }> {
  const webRoot = await buildPage(join(folder, "page"));
  await using server = await servePage(webRoot);
  const browser = await startBrowser();
  try {
    await using visitor = await visit(browser, server.address);
    const { page } = visitor;
    await page.getByRole("link", { name: "Films", exact: true }).click();
    await page.getByLabel("Look in").selectOption(String(every));
    const runs = films.map((): PageRun[] => []);
    for (let round = -1; round < rounds; round++) {
      for (const [index, film] of films.entries()) {
        const before = await processorBelow();
        const rate = film.seconds / (await goThrough(page, film));
        const processor = ((await processorBelow()) - before) / film.seconds;
        console.error(`page, round ${round}, ${film.path}: ${rate.toFixed(2)}, processor ${processor.toFixed(2)}`);
        if (round >= 0) runs[index]!.push({ rate, processor });
      }
    }
    return { runs, browser: browser.version() };
  } finally {
    await browser.close();
  }
}

/** @returns seconds from the open film to its last frame, by the page's clock */
async function goThrough(page: Page, { path, people }: PageFilm): Promise<number> {
  await page.locator("input[type=file]").first().setInputFiles(path);
  const milliseconds = await page.evaluate(async () => {
    const until = async (selector: string): Promise<number> => {
      while (document.querySelector(selector) === null) await new Promise((resolve) => setTimeout(resolve, 5));
      return performance.now();
    };
    const start = await until(".film-progress progress[max]");
    return (await until(".film-progress button.link")) - start;
  });
  const told = await page.locator("#people-title").textContent();
  if (Number.parseInt(told!, 10) < people) throw new Error(`${people} people are there, the page tells of ${told}`);
  await page.getByRole("button", { name: /^Close/ }).click();
  return milliseconds / 1000;
}
