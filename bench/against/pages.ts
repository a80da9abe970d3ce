import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BrowserContext, chromium } from "playwright-core";
import { writeModelIndex } from "../../scripts/convert/model-index.ts";
import { browserFlags, findBrowser } from "../../test/support/browser.ts";
import type * as PageSupport from "../../test/support/page.ts";
import { turnOrder } from "../contest.ts";
import { type FirstResult, measureFirstResult, warmPage } from "../page/first-result.ts";
import { type AgainstRow, rowOf, type Side } from "./compare.ts";

const sides = ["before", "now"] as const satisfies readonly Side[];

/** A clone's page, served by the clone's server and opened by a browser of its own, which has kept its engine and networks. */
interface OpenPage extends AsyncDisposable {
  readonly context: BrowserContext;
  readonly address: string;
}

/**
 * The first result of both builds' pages on WebAssembly with a warm cache, visit by visit in turns.
 * @throws {Error} where there is no Chromium
 */
export async function comparePages(rounds: number, clones: Readonly<Record<Side, string>>, photo: string): Promise<AgainstRow> {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-against-pages-"));
  try {
    await using before = await openPage(clones.before, join(folder, "before"));
    await using now = await openPage(clones.now, join(folder, "now"));
    const pages = { before, now };
    const measured: Record<Side, FirstResult[]> = { before: [], now: [] };
    // What the browser has compiled and kept at the first visit serves the later ones.
    for (let round = -1; round < rounds; round++) {
      for (const side of turnOrder(round, sides)) {
        const { context, address } = pages[side];
        const result = await measureFirstResult(context, address, photo);
        if (round >= 0) measured[side].push(result);
      }
    }
    return rowOf("page: first result, WebAssembly", measured.before, measured.now);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function openPage(clone: string, folder: string): Promise<OpenPage> {
  const path = pathToFileURL(join(clone, "test/support/page.ts")).href;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what both commits have
  const { buildPage, servePage } = (await import(path)) as Pick<typeof PageSupport, "buildPage" | "servePage">;
  writeModelIndex(join(clone, "models"), ["", "converted/"]);
  const server = await servePage(await buildPage(folder));
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error("no Chromium was found: set CHROME_PATH");
  const context = await chromium.launchPersistentContext(join(folder, "profile"), { executablePath, args: [...browserFlags] });
  await warmPage(await context.newPage(), server.address);
  return {
    context,
    address: server.address,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
