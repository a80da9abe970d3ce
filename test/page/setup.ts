import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, inject } from "vitest";
import { type PageServer, servePage, startBrowser, type Visit, visit } from "../support/page.ts";
import { testPictures } from "../support/pictures.ts";

/** What a file of this folder works with: the page and the pictures that all of them share, a server, a browser and a folder of its own. */
export interface Site {
  readonly webRoot: string;
  readonly browser: Browser;
  readonly server: PageServer;
  readonly photo: (name: keyof typeof testPictures | "letter") => string;
  readonly crowd: (name: string) => string;
  /** For what the file's tests write; empty at first. */
  readonly folder: string;
}

/** Opens a site before a file's tests and takes it down after them. */
export function useSite(...flags: readonly string[]): () => Site {
  let site: Site | undefined;
  beforeAll(async () => {
    const { webRoot, photos, crowds } = inject("prepared");
    const folder = await mkdtemp(join(tmpdir(), "tensorface-page-"));
    const photo: Site["photo"] = (name) => join(photos, name === "letter" ? "letter.jpg" : testPictures[name].name);
    const crowd: Site["crowd"] = (name) => join(crowds, name);
    site = { folder, webRoot, photo, crowd, browser: await startBrowser(...flags), server: await servePage(webRoot) };
  });
  afterAll(async () => {
    await site?.browser.close();
    await site?.server[Symbol.asyncDispose]();
    if (site !== undefined) await rm(site.folder, { recursive: true, force: true });
  });
  return () => site!;
}

/**
 * One visitor for all tests of a group: the page and its networks are loaded once. After a failure somebody new comes, so that one failure
 * is one.
 * @param prepare what a visitor does before the first test
 */
export function useVisitor(
  site: () => Site,
  prepare: (page: Page) => Promise<void> = async () => {},
  options: BrowserContextOptions = {},
): () => Visit {
  let visitor: Visit | undefined;
  const come = async (): Promise<void> => {
    visitor = await visit(site().browser, site().server.address, options);
    await prepare(visitor.page);
  };
  const leave = async (): Promise<void> => visitor?.[Symbol.asyncDispose]();
  beforeAll(come, 240_000);
  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail") return;
    await leave();
    await come();
  }, 240_000);
  afterAll(leave);
  return () => visitor!;
}
