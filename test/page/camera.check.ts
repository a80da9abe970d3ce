import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { cameraFlags, writeFilm } from "../support/film.ts";
import { startBrowser, visit } from "../support/page.ts";
import { useSite } from "./setup.ts";

/** The live view, with a film of a face that sways, played by the browser as its camera. */
const folder = mkdtempSync(join(tmpdir(), "tensorface-camera-"));
const film = await writeFilm(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const site = useSite(...cameraFlags(film));

describe("the live view", () => {
  test("follows a face, in a mirror, and tells how many frames a second", async () => {
    await using visitor = await visit(site().browser, `${site().server.address}#/camera`, { permissions: ["camera"] });
    const { page, problems } = visitor;
    await page.locator(".face .curve").waitFor({ timeout: 60_000 });
    expect(await page.locator("figcaption").textContent()).toMatch(/^1 face · \d+(\.\d)? frames a second · nothing is recorded$/);
    expect(await page.locator(".face").textContent()).toMatch(/female.*happy/);
    // The portrait's face is left of the middle, so that in a mirror it is right of it; the picture is turned as well.
    const place = await page.locator(".box").evaluate((box) => {
      const [one, all] = [box.getBoundingClientRect(), box.parentElement!.getBoundingClientRect()];
      return (one.x + one.width / 2 - all.x) / all.width;
    });
    expect(place).toBeGreaterThan(0.5);
    expect(await page.locator("video").evaluate((video) => getComputedStyle(video).scale)).toBe("-1 1");
    expect(await page.locator(".status").textContent()).toContain("Runs on this device");
    expect(problems).toEqual([]);
  });

  test("rests while the page is hidden, and goes on", async () => {
    await using visitor = await visit(site().browser, `${site().server.address}#/camera`, { permissions: ["camera"] });
    const { page } = visitor;
    await page.locator(".box").waitFor({ timeout: 60_000 });
    await page.evaluate(() => {
      const moves = Object.assign(globalThis, { moves: 0 });
      new MutationObserver(() => moves.moves++).observe(document.querySelector(".picture")!, { subtree: true, attributes: true });
    });
    const moves = async (): Promise<number> => page.evaluate(() => (globalThis as unknown as { readonly moves: number }).moves);
    const hide = async (hidden: boolean): Promise<void> =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    await expect.poll(moves, { timeout: 20_000 }).toBeGreaterThan(2);
    await hide(true);
    await page.waitForTimeout(1500); // The frame that is under way.
    const before = await moves();
    await page.waitForTimeout(2000);
    expect(await moves()).toBe(before);
    await hide(false);
    await expect.poll(moves, { timeout: 20_000 }).toBeGreaterThan(before + 2);
  });

  test("without a camera a sentence says what to do", async () => {
    const browser = await startBrowser();
    try {
      await using visitor = await visit(browser, site().server.address, { permissions: ["camera"] });
      const { page } = visitor;
      await page.getByRole("link", { name: "Use the camera" }).click();
      expect(await page.locator(".failure").textContent()).toContain("No camera was found. Connect one");
    } finally {
      await browser.close();
    }
  });
});
