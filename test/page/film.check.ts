import { join } from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createFilm } from "../../src/video/write-film.node.ts";
import { clipSize, drawScene, scenes, type TrueFace } from "../support/clips.ts";
import { visit } from "../support/page.ts";
import { useSite } from "./setup.ts";

/** Films in the page: played, followed, told and written in a real browser. The clips are made here, their truth is known. */
const site = useSite();
const two = scenes.find(({ name }) => name === "two, apart")!;

let clip = "";
let truth: readonly (readonly TrueFace[])[] = [];

beforeAll(async () => {
  clip = join(site().folder, "two.mp4");
  const writer = await createFilm(clip);
  const faces: (readonly TrueFace[])[] = [];
  for await (const frame of drawScene(two)) {
    await writer.write({ time: frame.time, duration: 1 / clipSize.rate, image: frame.image });
    faces.push(frame.faces);
  }
  await writer.finish();
  truth = faces;
}, 120_000);

async function openFilm(page: Page, path: string): Promise<void> {
  await page.getByRole("link", { name: "Films", exact: true }).click();
  await page.locator("input[type=file]").first().setInputFiles(path);
}

/** Until the film was gone through, or could not be. */
async function untilThrough(page: Page): Promise<void> {
  await page.locator("main .failure, .film-progress:has(button:text('Go through it again'))").waitFor({ timeout: 120_000 });
}

interface ShownBox {
  readonly track: string;
  readonly isSeen: boolean;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** The boxes on screen, in pixels of the film, with the time of the frame that they belong to. */
async function shown(page: Page): Promise<{ readonly time: number; readonly boxes: readonly ShownBox[] }> {
  return page.locator(".boxes").evaluate((all, { width, height }) => {
    const place = all.getBoundingClientRect();
    const boxes = [...all.querySelectorAll<HTMLElement>(".box")].map((box) => {
      const rectangle = box.getBoundingClientRect();
      return {
        track: box.dataset["track"]!,
        isSeen: box.dataset["seen"] !== undefined,
        x: ((rectangle.x - place.x) / place.width) * width,
        y: ((rectangle.y - place.y) / place.height) * height,
        width: (rectangle.width / place.width) * width,
      };
    });
    return { time: Number((all as HTMLElement).dataset["time"]), boxes };
  }, clipSize);
}

describe("a film of two people", () => {
  test("is followed, and its boxes stand on the frames in which the faces were found", async () => {
    await using visitor = await visit(site().browser, site().server.address);
    const { page, problems } = visitor;
    await openFilm(page, clip);
    await untilThrough(page);
    expect(await page.locator("#people-title").textContent()).toBe("2 people");
    for (const frame of [10, 25, 40]) {
      await page.locator("video").evaluate((video: HTMLVideoElement, time) => (video.currentTime = time), frame / clipSize.rate + 0.001);
      await expect.poll(async () => (await shown(page)).time, { timeout: 20_000 }).toBeCloseTo(frame / clipSize.rate, 3);
      const { boxes } = await shown(page);
      expect(boxes.map(({ isSeen }) => isSeen)).toEqual([true, true]);
      for (const { box } of truth[frame]!) {
        const nearest = Math.min(...boxes.map(({ x, y }) => Math.hypot(x - box.x, y - box.y)));
        expect(nearest).toBeLessThan(0.35 * box.width);
      }
    }
    expect(site().server.uploads()).toBe(0);
    expect(problems).toEqual([]);
  }, 180_000);
});
