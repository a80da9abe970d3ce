import type { BrowserContext, Page } from "playwright-core";
import { choosePhotos } from "../../test/support/page.ts";

export interface FirstResult {
  /** Milliseconds from the end of the page's load to the answers on screen. */
  readonly ms: number;
  /** Milliseconds of processor time of all of the browser's processes, from before the page's load to the answers on screen. */
  readonly processorMs: number;
}

/** Of a new page; the photo is chosen as soon as the page has loaded. */
export async function measureFirstResult(context: BrowserContext, address: string, photo: string): Promise<FirstResult> {
  const page = await context.newPage();
  await page.addInitScript(() => {
    const seen = (): void => {
      if (document.querySelector(".face .bars") === null) return void requestAnimationFrame(seen);
      performance.mark("result");
    };
    requestAnimationFrame(seen);
  });
  const before = await processorMs(context);
  await page.goto(address, { waitUntil: "load" });
  await choosePhotos(page, photo);
  await page.waitForFunction(() => performance.getEntriesByName("result").length > 0, undefined, { timeout: 120_000 });
  const after = await processorMs(context);
  const ms = await page.evaluate(() => {
    const [load] = performance.getEntriesByType("navigation");
    if (!(load instanceof PerformanceNavigationTiming)) throw new Error("the browser does not say when the page had loaded");
    return performance.getEntriesByName("result")[0]!.startTime - load.loadEventEnd;
  });
  await page.close();
  return { ms, processorMs: after - before };
}

/** Of all processes of the browser that run: what one takes that ends between two questions is not known. */
async function processorMs(context: BrowserContext): Promise<number> {
  const session = await context.browser()!.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return 1000 * processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

/** Until the service worker, the networks and the engine are kept. */
export async function warmPage(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByText("Runs on this device").waitFor({ timeout: 240_000 });
  await page.evaluate(async () => navigator.serviceWorker.ready);
  await page.waitForTimeout(2000);
}
