import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page, Worker } from "playwright-core";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { openFilm } from "../../src/video/open-film.node.ts";
import { cameraFlags, writeFilm } from "../support/film.ts";
import { savedFile, startBrowser, visit } from "../support/page.ts";
import { openTeach, showExamples, teachModel } from "../support/teach.ts";
import { useSite } from "./setup.ts";

/** The live view, with a film of a face that sways, played by the browser as its camera. */
const folder = mkdtempSync(join(tmpdir(), "tensorface-camera-"));
const film = await writeFilm(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const site = useSite(...cameraFlags(film));

/** Counts the frames that are told of from now on: those after which a box stands elsewhere, as the face sways. */
async function countMoves(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const counts = Object.assign(globalThis, { moves: 0 });
    new MutationObserver(() => counts.moves++).observe(document.querySelector(".picture")!, { subtree: true, attributes: true });
  });
  return async () => page.evaluate(() => (globalThis as unknown as { readonly moves: number }).moves);
}

describe("the live view", () => {
  test("follows a face, in a mirror, and tells how many frames a second", async () => {
    await using visitor = await visit(site().browser, `${site().server.address}#/camera`, { permissions: ["camera"] });
    const { page, problems } = visitor;
    await page.locator(".face .curve").waitFor();
    await expect
      .poll(() => page.locator("figcaption").textContent())
      .toMatch(/^1 face · \d+(\.\d)? frames a second · nothing is recorded$/);
    await expect.poll(() => page.locator(".face").textContent()).toMatch(/female.*happy/);
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
    await page.locator(".box").waitFor();
    const moves = await countMoves(page);
    // How long a frame is looked at depends on the machine; how many are taken of the camera does not.
    await page.evaluate(() => {
      const counts = Object.assign(globalThis, { taken: 0 });
      const take = createImageBitmap;
      globalThis.createImageBitmap = async (...given: readonly unknown[]) => {
        counts.taken++;
        return Reflect.apply(take, globalThis, given) as Promise<ImageBitmap>;
      };
    });
    const taken = async (): Promise<number> => page.evaluate(() => (globalThis as unknown as { readonly taken: number }).taken);
    const hide = async (hidden: boolean): Promise<number> =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
        document.dispatchEvent(new Event("visibilitychange"));
        return (globalThis as unknown as { readonly taken: number }).taken;
      }, hidden);
    await expect.poll(moves, { timeout: 60_000 }).toBeGreaterThan(2);
    const before = await hide(true);
    expect(before).toBeGreaterThan(0);
    await page.waitForTimeout(3000);
    expect(await taken()).toBe(before);
    await hide(false);
    await expect.poll(taken, { timeout: 60_000 }).toBeGreaterThan(before + 2);
    const then = await moves();
    await expect.poll(moves, { timeout: 60_000 }).toBeGreaterThan(then + 2);
  });

  test("says when the camera is gone, with what was recorded, and opens it again", async () => {
    await using visitor = await visit(site().browser, `${site().server.address}#/camera`, { permissions: ["camera"] });
    const { page, problems } = visitor;
    await page.locator(".box").waitFor();
    await page.getByRole("button", { name: "Record" }).click();
    await page.getByRole("button", { name: /^Stop recording, (?!0:00)/ }).waitFor();
    await page.locator("video").evaluate((video: HTMLVideoElement) => {
      const [track] = (video.srcObject as MediaStream).getVideoTracks();
      // What a page ends itself is not told to it: only what is taken away from it.
      track!.stop();
      track!.dispatchEvent(new Event("ended"));
    });
    await expect.poll(() => page.locator(".failure").textContent()).toContain("The camera stopped: it was unplugged");
    await page.getByRole("heading", { name: /^Recorded, (?!0:00)/ }).waitFor();
    await page.getByRole("button", { name: "Open the camera again" }).click();
    await page.locator(".box").waitFor();
    expect(problems).toEqual([]);
  }, 120_000);

  test("goes on with another worker, where the engine's memory was out of order", async () => {
    await using visitor = await visit(site().browser, `${site().server.address}#/camera`, { permissions: ["camera"] });
    const { page } = visitor;
    await page.locator(".box").waitFor();
    const worker = page.workers().find((one) => one.url().includes("analyzer.worker"))!;
    await worker.evaluate(() => {
      OffscreenCanvasRenderingContext2D.prototype.getImageData = () => {
        throw new WebAssembly.RuntimeError("memory access out of bounds");
      };
    });
    await page.getByRole("heading", { name: "The networks do not run" }).waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator(".box").waitFor();
    await expect.poll(() => page.locator(".failure").count()).toBe(0);
  }, 240_000);

  test("a camera that is refused is said so, with where to allow it", async () => {
    const browser = await startBrowser("--use-fake-device-for-media-stream", "--deny-permission-prompts");
    try {
      await using visitor = await visit(browser, `${site().server.address}#/camera`);
      const { page } = visitor;
      await expect
        .poll(() => page.locator(".failure").textContent(), { timeout: 60_000 })
        .toContain("not allowed. Allow it in the browser");
      await page.getByRole("button", { name: "Open the camera again" }).press("Enter");
      await page.locator(".failure").waitFor();
    } finally {
      await browser.close();
    }
  });

  test("while the browser asks whether the camera is allowed, the page says so", async () => {
    await using visitor = await visit(site().browser, site().server.address);
    const { page } = visitor;
    await page.evaluate(() => {
      navigator.permissions.query = async () =>
        Object.assign(new EventTarget(), { name: "camera", state: "prompt" as const, onchange: null });
      navigator.mediaDevices.getUserMedia = async () => new Promise(() => {});
    });
    await page.getByRole("link", { name: "Camera", exact: true }).click();
    await expect.poll(() => page.locator("figcaption").textContent()).toContain("asks whether this page may use the camera");
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

/**
 * Puts a shutter before every camera of a page. While it is shut the camera is open and gives no pictures, as one that another program
 * holds; of one that has given pictures before, browsers say on its track that there are none for the moment.
 */
async function putShutter(page: Page): Promise<(isShut: boolean) => Promise<void>> {
  await page.evaluate(() => {
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    const shutter = Object.assign(globalThis, { isShut: true, tracks: new Set<MediaStreamTrack>() });
    mediaDevices.getUserMedia = async (wanted) => {
      const player = document.createElement("video");
      player.srcObject = await open(wanted);
      await player.play();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [player.videoWidth, player.videoHeight];
      const passed = canvas.captureStream();
      const timer = setInterval(() => {
        if (!shutter.isShut) canvas.getContext("2d")!.drawImage(player, 0, 0);
        if (passed.active) return;
        clearInterval(timer);
        for (const track of (player.srcObject as MediaStream).getTracks()) track.stop();
      }, 30);
      for (const track of passed.getTracks()) shutter.tracks.add(track);
      return passed;
    };
  });
  return async (isShut) =>
    page.evaluate((isShut) => {
      const shutter = globalThis as unknown as { isShut: boolean; readonly tracks: ReadonlySet<MediaStreamTrack> };
      shutter.isShut = isShut;
      for (const track of shutter.tracks) {
        Object.defineProperty(track, "muted", { configurable: true, value: isShut });
        track.dispatchEvent(new Event(isShut ? "mute" : "unmute"));
      }
    }, isShut);
}

describe("a camera that is open and gives no picture", () => {
  test("is told in the live view with what to do, and the view goes on once there are pictures", async () => {
    await using visitor = await visit(site().browser, site().server.address, { permissions: ["camera"] });
    const { page, problems } = visitor;
    const shut = await putShutter(page);
    await page.getByRole("link", { name: "Camera", exact: true }).click();
    const told = page.getByRole("alert");
    await told.waitFor();
    expect(await told.textContent()).toMatch(/open, but gives no picture.*another program.*lid/i);
    expect(await page.locator("figcaption").textContent()).not.toContain("Starting");
    // It may be opened again, and is as dark as before.
    await told.getByRole("button", { name: "Open the camera again" }).press("Enter");
    await expect.poll(() => told.count()).toBe(0);
    await told.waitFor();
    await shut(false);
    await page.locator(".box").waitFor();
    // The page looks whether there are pictures several times a second.
    await expect.poll(() => told.count()).toBe(0);
    // Nobody is told of a frame that stands still as of one that is looked at now.
    await shut(true);
    await told.waitFor();
    expect(await page.locator("figcaption").textContent()).not.toContain("frames a second");
    await shut(false);
    await page.locator("figcaption:has-text('frames a second')").waitFor();
    await expect.poll(() => told.count()).toBe(0);
    expect(problems).toEqual([]);
  }, 240_000);

  test("is told under Teach, which records once there are pictures", async () => {
    await using visitor = await visit(site().browser, `${site().server.address}#/teach`, { permissions: ["camera"] });
    const { page, problems } = visitor;
    const shut = await putShutter(page);
    await page.getByRole("textbox", { name: "Name of class 1" }).fill("she");
    await page.getByRole("button", { name: "Open the camera" }).click();
    const told = page.locator(".camera-panel [role=alert]");
    await told.waitFor();
    expect(await told.textContent()).toMatch(/open, but gives no picture.*another program.*lid/i);
    // Who holds the button already need not press it again.
    await page.getByRole("button", { name: "Hold to record she" }).focus();
    await page.keyboard.down(" ");
    await page.getByRole("button", { name: "Opening the camera… she" }).waitFor();
    await shut(false);
    await expect.poll(() => told.count()).toBe(0);
    await page
      .getByRole("article", { name: "she", exact: true })
      .getByText(/^\d+ pictures?$/)
      .waitFor();
    await page.keyboard.up(" ");
    expect(problems).toEqual([]);
  }, 240_000);
});

test("a camera that does not open is told, once nobody is asked any more", async () => {
  await using visitor = await visit(site().browser, site().server.address, { permissions: ["camera"] });
  const { page } = visitor;
  await page.evaluate(() => {
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async () => {
      mediaDevices.getUserMedia = open;
      return new Promise(() => {});
    };
  });
  await page.getByRole("link", { name: "Camera", exact: true }).click();
  const told = page.getByRole("alert");
  await told.waitFor();
  expect(await told.textContent()).toMatch(/does not open.*another program/i);
  await told.getByRole("button", { name: "Open the camera again" }).click();
  await page.locator(".box").waitFor();
});

describe("a picture and a recording", () => {
  test("a snapshot is saved in the camera's own size, and analysed among the photos", async () => {
    await using visitor = await visit(site().browser, `${site().server.address}#/camera`, { permissions: ["camera"] });
    const { page, problems } = visitor;
    await page.locator(".box").waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Snapshot" }).click()]);
    expect(download.suggestedFilename()).toMatch(/^camera-.*\.jpg$/);
    const { width, height } = await sharp(await download.path()).metadata();
    expect([width, height]).toEqual([640, 480]);
    await page.getByRole("link", { name: "Show the photos" }).click();
    await expect.poll(() => page.locator("#faces-title").textContent(), { timeout: 60_000 }).toBe("1 face");
    expect(problems).toEqual([]);
  }, 180_000);

  test("a recording is a film with a table of its seconds, and opens under Films", async () => {
    await using visitor = await visit(site().browser, `${site().server.address}#/camera`, { permissions: ["camera"] });
    const { page, problems } = visitor;
    await page.locator(".face .curve").waitFor();
    await page.getByRole("button", { name: "Record", exact: true }).click();
    await expect.poll(() => page.locator("figcaption").textContent()).toContain("recorded on this device");
    // Of a slow machine three seconds may hold no frame that was looked at.
    const told = await countMoves(page);
    await expect.poll(told, { timeout: 60_000 }).toBeGreaterThan(3);
    await page.getByRole("button", { name: /^Stop recording, (?!0:0[0-2])/ }).click();
    await page.locator("#recorded-title").waitFor();
    const csv = (await savedFile(page, "Save table (CSV)")).toString().trimEnd().split("\r\n");
    expect(csv[0]).toMatch(/^second,track,age,age_low,age_high,gender,gender_confidence,mood,mood_/);
    expect(csv.length).toBeGreaterThan(2);
    expect(csv.at(-1)).toMatch(/^\d+,1,\d+\.\d,\d+\.\d,\d+\.\d,female,0\.\d+,happy,/);
    const path = join(folder, "recording.film");
    await writeFile(path, await savedFile(page, "Save film"));
    await using film = await openFilm(path);
    expect([film.width, film.height, film.hasSound]).toEqual([640, 480, false]);
    await page.getByRole("button", { name: "Open under Films" }).click();
    await page.locator("button:text('Go through it again')").waitFor({ timeout: 180_000 });
    expect(await page.locator("#people-title").textContent()).toBe("1 person");
    expect(problems).toEqual([]);
  }, 300_000);

  test("a frame that is still being looked at when a recording ends stands in its table", async () => {
    await using visitor = await visit(site().browser, `${site().server.address}#/camera`, { permissions: ["camera"] });
    const { page } = visitor;
    await page.locator(".face .curve").waitFor();
    // Frames are looked at when the test says so.
    await page.evaluate(() => {
      const held = Object.assign(globalThis, { held: [] as (() => void)[] });
      const take = createImageBitmap;
      globalThis.createImageBitmap = async (...given: readonly unknown[]) => {
        await new Promise<void>((resolve) => held.held.push(resolve));
        return Reflect.apply(take, globalThis, given) as Promise<ImageBitmap>;
      };
    });
    const untilHeld = async (): Promise<unknown> =>
      page.waitForFunction(() => (globalThis as unknown as { readonly held: readonly unknown[] }).held.length > 0, undefined, {
        timeout: 60_000,
      });
    const letGo = async (): Promise<void> =>
      page.evaluate(() => (globalThis as unknown as { readonly held: (() => void)[] }).held.pop()!());
    await untilHeld();
    await page.getByRole("button", { name: "Record", exact: true }).click();
    const stop = page.getByRole("button", { name: "Stop recording" });
    await stop.waitFor();
    // The camera saw this one before it was recorded, and the next one while it is.
    await letGo();
    await untilHeld();
    await stop.click();
    await page.locator("#recorded-title").waitFor();
    const rows = async (): Promise<number> => (await savedFile(page, "Save table (CSV)")).toString().trimEnd().split("\r\n").length - 1;
    expect(await rows()).toBe(0);
    await letGo();
    await untilHeld();
    expect(await rows()).toBe(1);
  }, 180_000);

  test("of several cameras one is chosen", async () => {
    const browser = await startBrowser("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=2");
    try {
      await using visitor = await visit(browser, `${site().server.address}#/camera`, { permissions: ["camera"] });
      const { page } = visitor;
      const choice = page.locator(".camera-controls select");
      await choice.waitFor();
      const [first, second] = await choice.locator("option").evaluateAll((all: HTMLOptionElement[]) => all.map(({ value }) => value));
      const inUse = async (): Promise<string | undefined> =>
        page.locator("video").evaluate((video: HTMLVideoElement) => {
          const stream = video.srcObject;
          return stream instanceof MediaStream ? stream.getVideoTracks()[0]?.getSettings().deviceId : undefined;
        });
      await expect.poll(async () => (await inUse()) === (await choice.inputValue())).toBe(true);
      for (const device of [second!, first!]) {
        await choice.selectOption(device);
        await expect.poll(inUse).toBe(device);
      }
      await expect.poll(() => page.locator("video").evaluate((video: HTMLVideoElement) => video.paused)).toBe(false);
      // The chosen one is unplugged while another tab is open.
      await page.getByRole("link", { name: "Photos", exact: true }).click();
      await page.evaluate((gone) => {
        const { mediaDevices } = navigator;
        const open = mediaDevices.getUserMedia.bind(mediaDevices);
        mediaDevices.getUserMedia = async (wanted) => {
          if (JSON.stringify(wanted).includes(gone)) throw new DOMException("", "OverconstrainedError");
          return open(wanted);
        };
      }, first!);
      await page.getByRole("link", { name: "Camera", exact: true }).click();
      await page.locator("figcaption:has-text('frames a second')").waitFor();
    } finally {
      await browser.close();
    }
  }, 120_000);
});

describe("teaching with the camera", () => {
  test("a button that is held records, by pointer and by key; the model answers at once; examples stay", async () => {
    await using visitor = await visit(site().browser, `${site().server.address}#/teach`, { permissions: ["camera"] });
    const { page, problems } = visitor;
    await page.getByRole("textbox", { name: "Name of class 1" }).fill("she");
    await page.getByRole("textbox", { name: "Name of class 2" }).fill("blue");
    const [she, blue] = ["she", "blue"].map((name) => page.getByRole("article", { name, exact: true }));
    await page.getByRole("radio", { name: "whole pictures, of anything" }).check();
    const hold = page.getByRole("button", { name: "Hold to record she" });
    // The first press opens the camera.
    await hold.click();
    await expect.poll(() => page.locator("video").evaluate((video: HTMLVideoElement) => video.videoWidth)).toBeGreaterThan(0);
    const count = async (): Promise<number> => Number(/^(\d+) picture/.exec((await she!.locator("header .hint").textContent()) ?? "")?.[1]);
    // Where it stands once nothing moves any more: the camera's picture has come beside it.
    await hold.hover();
    await page.mouse.down();
    await expect.poll(count, { timeout: 60_000 }).toBeGreaterThan(3);
    await page.mouse.up();
    await page.getByRole("button", { name: "Hold to record she" }).waitFor();
    const before = await count();
    await hold.focus();
    await page.keyboard.down(" ");
    await expect.poll(count, { timeout: 60_000 }).toBeGreaterThan(before + 2);
    await page.keyboard.up(" ");
    await blue!.locator("input[type=file]:not([webkitdirectory])").setInputFiles([site().photo("noFace"), site().photo("noFace")]);
    await blue!.getByText("2 pictures", { exact: true }).waitFor();
    await teachModel(page);
    await page.locator(".camera-panel .bars").waitFor();
    await expect.poll(() => page.locator(".camera-panel .estimates").textContent()).toContain("she");
    const kept = await count();
    await page.getByRole("link", { name: "Models", exact: true }).click();
    await openTeach(page);
    await expect.poll(count).toBe(kept);
    expect(problems).toEqual([]);
  }, 300_000);

  test("when the engine's memory is out of order, another worker goes on with what was taught", async () => {
    await using visitor = await visit(site().browser, `${site().server.address}#/teach`, { permissions: ["camera"] });
    const { page } = visitor;
    await page.getByRole("radio", { name: "whole pictures, of anything" }).check();
    await showExamples(page, {
      she: [site().photo("portrait"), site().photo("mirrored")],
      blue: [site().photo("noFace"), site().photo("tenFaces")],
    });
    await teachModel(page);
    await page.getByRole("button", { name: "Open the camera" }).click();
    const live = page.locator(".camera-panel .estimates");
    await expect.poll(async () => (await live.count()) > 0 && live.textContent(), { timeout: 60_000 }).toContain("she");
    const worker = (): Worker => page.workers().find((one) => one.url().includes("analyzer.worker"))!;
    const first = worker();
    await first.evaluate(() => {
      OffscreenCanvasRenderingContext2D.prototype.getImageData = () => {
        throw new WebAssembly.RuntimeError("memory access out of bounds");
      };
    });
    await page.getByRole("heading", { name: "The networks do not run" }).waitFor();
    // What comes meanwhile is not lost.
    const blue = page.getByRole("article", { name: "blue", exact: true });
    await blue.locator("input[type=file]:not([webkitdirectory])").setInputFiles([site().photo("sideways")]);
    await blue.getByText("the network failed 1").waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await expect.poll(worker, { timeout: 60_000 }).not.toBe(first);
    await expect.poll(async () => (await live.count()) > 0 && live.textContent(), { timeout: 60_000 }).toContain("she");
    await blue.getByText("3 pictures", { exact: true }).waitFor();
    // What the model before said of a picture is not shown beside the next one.
    await page.locator(".try input[type=file]").setInputFiles(site().photo("portrait"));
    await page.locator(".tried .bars").waitFor();
    await teachModel(page);
    await expect.poll(() => page.locator(".tried").count()).toBe(0);
    await expect.poll(async () => (await live.count()) > 0 && live.textContent(), { timeout: 60_000 }).toContain("she");
  }, 300_000);

  test("a camera that is not there is said in words, and nothing is lost", async () => {
    const browser = await startBrowser();
    try {
      await using visitor = await visit(browser, site().server.address);
      const { page } = visitor;
      await openTeach(page);
      await page.getByRole("textbox", { name: "Name of class 1" }).fill("glasses");
      await page.getByRole("button", { name: "Open the camera" }).click();
      await expect.poll(() => page.locator(".camera-panel [role=alert]").textContent()).toContain("camera");
      expect(await page.getByRole("textbox", { name: "Name of class 1" }).inputValue()).toBe("glasses");
    } finally {
      await browser.close();
    }
  });
});
