/** How fast films are gone through in the page: in its worker, in a real browser on this machine. */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { z } from "zod";
import { processorBelow } from "../test/support/memory.ts";
import { buildPage, savedText, servePage, startBrowser, visit } from "../test/support/page.ts";

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
  /** Faces were looked for in every so-manieth frame, on average. */
  readonly every: number;
}

/** How a film is gone through. */
export interface PageWork extends PageFilm {
  /** Faces are looked for in every so-manieth frame; undefined: as often as the page finds time for. */
  readonly every: number | undefined;
}

/** Rounds in turns, after one that loads what is needed. */
export async function measureInPage(
  folder: string,
  works: readonly PageWork[],
  { rounds }: { readonly rounds: number },
): Promise<{ readonly runs: readonly (readonly PageRun[])[]; readonly browser: string }> {
  const webRoot = await buildPage(join(folder, "page"));
  await using server = await servePage(webRoot);
  const browser = await startBrowser();
  try {
    await using visitor = await visit(browser, server.address);
    const { page } = visitor;
    await page.getByRole("link", { name: "Films", exact: true }).click();
    const runs = works.map((): PageRun[] => []);
    for (let round = -1; round < rounds; round++) {
      for (const [index, work] of works.entries()) {
        const run = await goThrough(page, work);
        const told = `${run.rate.toFixed(2)}, every ${run.every.toFixed(1)}, processor ${run.processor.toFixed(2)}`;
        console.error(`page, round ${round}, ${work.path}: ${told}`);
        if (round >= 0) runs[index]!.push(run);
      }
    }
    return { runs, browser: browser.version() };
  } finally {
    await browser.close();
  }
}

const tracksSchema = z.object({ every: z.number() });

/** From the open film to its last frame, by the page's clock; it plays meanwhile, as it does for a visitor. */
async function goThrough(page: Page, { path, people, seconds, every }: PageWork): Promise<PageRun> {
  await page.getByLabel("Look for faces in").selectOption(String(every ?? ""));
  const before = await processorBelow();
  await page.locator("input[type=file]").first().setInputFiles(path);
  const milliseconds = await page.evaluate(async () => {
    const until = async (selector: string): Promise<number> => {
      while (document.querySelector(selector) === null) await new Promise((resolve) => setTimeout(resolve, 5));
      return performance.now();
    };
    const start = await until(".film-progress progress[max]");
    const video = document.querySelector("video")!;
    video.muted = true;
    void video.play();
    return (await until(".film-progress button.link")) - start;
  });
  const told = await page.locator("#people-title").textContent();
  if (Number.parseInt(told!, 10) < people) throw new Error(`${people} people are there, the page tells of ${told}`);
  const processor = ((await processorBelow()) - before) / seconds;
  const { every: mean } = tracksSchema.parse(JSON.parse(await savedText(page, "People (JSON)")));
  await page.getByRole("button", { name: /^Close/ }).click();
  return { rate: (1000 * seconds) / milliseconds, processor, every: mean };
}
