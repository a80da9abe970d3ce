import { readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Download, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createAnalyzer } from "../../src/_entries/node.ts";
import { createRandom } from "../../src/core/index.ts";
import { drawnModel, drawnTasks } from "../../src/models/testing.ts";
import { createRasterImage } from "../../src/image/index.ts";
import { runFilm } from "../../src/video/film-run.node.ts";
import { openFilm as openInNode } from "../../src/video/open-film.node.ts";
import { createFilm } from "../../src/video/write-film.node.ts";
import { clipSize, scenes, type TrueFace } from "../support/clips.ts";
import { writeClip, writeKindOfClip, writeSound } from "../support/film-files.ts";
import { memoryBelow } from "../support/memory.ts";
import { dropPhoto, savedText, servePage, visit } from "../support/page.ts";
import { useSite, useVisitor } from "./setup.ts";

/** Films in the page: played, followed, told and written in a real browser. The clips are made here, their truth is known. */
const site = useSite();
const two = scenes.find(({ name }) => name === "two, apart")!;

let clip = "";
let sound = "";
let truth: readonly (readonly TrueFace[])[] = [];

beforeAll(async () => {
  clip = join(site().folder, "two.mp4");
  sound = join(site().folder, "tone.m4a");
  await writeSound(sound);
  truth = await writeClip(clip, two, sound);
}, 180_000);

async function chooseFilm(page: Page, path: string): Promise<void> {
  await page.getByRole("link", { name: "Films", exact: true }).click();
  await page.locator(".welcome.film, .workspace.film").waitFor();
  const close = page.getByRole("button", { name: /^Close/ });
  if (await close.isVisible()) {
    await close.click();
    await page.locator(".welcome.film").waitFor();
  }
  await page.locator("input[type=file]").first().setInputFiles(path);
}

/** Until the film was gone through, or could not be. */
async function untilThrough(page: Page): Promise<void> {
  await page.locator("main .failure, .film-progress:has(button:text('Go through it again'))").waitFor({ timeout: 180_000 });
}

interface ShownBox {
  readonly track: string;
  readonly isSeen: boolean;
  readonly x: number;
  readonly y: number;
}

/** The boxes on screen, in pixels of the film, with the time of the frame that they belong to. */
async function shown(page: Page): Promise<{ readonly time: number; readonly boxes: readonly ShownBox[] }> {
  return page.locator(".boxes").evaluate((all: HTMLElement, { width, height }) => {
    const place = all.getBoundingClientRect();
    const boxes = [...all.querySelectorAll<HTMLElement>(".box")].map((box) => {
      const rectangle = box.getBoundingClientRect();
      return {
        track: box.dataset["track"]!,
        isSeen: box.dataset["seen"] !== undefined,
        x: ((rectangle.x - place.x) / place.width) * width,
        y: ((rectangle.y - place.y) / place.height) * height,
      };
    });
    return { time: Number(all.dataset["time"]), boxes };
  }, clipSize);
}

const shownTime = async (page: Page): Promise<number> => (await shown(page)).time;

async function untilShown(page: Page, frame: number): Promise<void> {
  await expect.poll(() => shownTime(page)).toBeCloseTo(frame / clipSize.rate, 3);
}

describe("a film of two people", () => {
  const visitor = useVisitor(site, async (page) => {
    await page.getByRole("link", { name: "Films", exact: true }).click();
    await page.getByLabel("Look for faces in").selectOption("5");
    await dropPhoto(page, clip, "video/mp4");
    await untilThrough(page);
  });

  test("is followed, and its boxes stand on the frames in which the faces were found", async () => {
    const { page } = visitor();
    expect(await page.locator("#people-title").textContent()).toBe("2 people");
    for (const frame of [10, 23, 40]) {
      await page.locator("video").evaluate((video: HTMLVideoElement, time) => (video.currentTime = time), frame / clipSize.rate + 0.001);
      await untilShown(page, frame);
      const { boxes } = await shown(page);
      const isLooked = frame % 5 === 0;
      expect(boxes.map(({ isSeen }) => isSeen)).toEqual([isLooked, isLooked]);
      for (const { box } of truth[frame]!) {
        const nearest = Math.min(...boxes.map(({ x, y }) => Math.hypot(x - box.x, y - box.y)));
        expect(nearest).toBeLessThan(0.35 * box.width);
      }
    }
  }, 120_000);

  test("shows a frame in which the face was found where its track is clicked, or walked by keys", async () => {
    const { page } = visitor();
    const strip = page.getByRole("slider", { name: "Person 2 through time" });
    const { width, height } = (await strip.boundingBox())!;
    // In the middle of the film: between the frames 20 and 25 that were looked at, nearer to the later one.
    await strip.click({ position: { x: width * (23.4 / 50), y: height / 2 } });
    await untilShown(page, 25);
    expect((await shown(page)).boxes.find(({ track }) => track === "2")?.isSeen).toBe(true);
    await strip.press("ArrowRight");
    await untilShown(page, 30);
    await strip.press("Home");
    await untilShown(page, 0);
    await strip.press("ArrowLeft");
    await strip.press("End");
    await untilShown(page, 45);
    await expect.poll(() => strip.getAttribute("aria-valuetext")).toMatch(/^0:01, about \d+ years, .*female/);
  }, 120_000);

  test("is told in the forms of the command line, with its numbers", async () => {
    const { page } = visitor();
    await using analyzer = await createAnalyzer();
    const out = join(site().folder, "two.jsonl");
    await runFilm(clip, analyzer, { out, write: async () => {} });
    const [lines, tracks, table] = await Promise.all(
      ["two.jsonl", "two.tracks.json", "two.seconds.csv"].map(async (name) => readFile(join(site().folder, name), "utf8")),
    );
    const here = JSON.parse(tracks!) as { tracks: { age: { years: number }; looks: number }[] };
    const there = JSON.parse(await savedText(page, "People (JSON)")) as typeof here;
    expect({ ...there, source: "", tracks: there.tracks.length }).toEqual({ ...here, source: "", tracks: here.tracks.length });
    for (const [index, track] of there.tracks.entries()) {
      expect(track.looks).toBe(here.tracks[index]!.looks);
      expect(Math.abs(track.age.years - here.tracks[index]!.age.years)).toBeLessThan(1);
    }
    const csv = (await savedText(page, "Seconds (CSV)")).trimEnd().split("\r\n");
    const expected = table!.trimEnd().split("\r\n");
    expect(csv.map((line) => line.split(",").slice(0, 2))).toEqual(expected.map((line) => line.split(",").slice(0, 2)));
    expect(csv[0]).toBe(expected[0]);
    const frames = (await savedText(page, "Frames (JSONL)")).trimEnd().split("\n");
    const seen = (line: string): unknown => {
      const { frame, time, faces } = JSON.parse(line) as { frame: number; time: number; faces: { track: number; isSeen: boolean }[] };
      return [frame, time, faces.map(({ track, isSeen }) => [track, isSeen])];
    };
    expect(frames.map(seen)).toEqual(lines!.trimEnd().split("\n").map(seen));
  }, 240_000);

  test("is written without the face, its sound and times as they were; who shall stay visible stays", async () => {
    const { page } = visitor();
    const save = async (): Promise<string> => {
      const [download] = await Promise.all([
        page.waitForEvent("download", { timeout: 120_000 }),
        page.getByRole("button", { name: "Save film without faces" }).click(),
      ]);
      return keepFile(download);
    };
    expect(await facesIn(await save())).toEqual({ frames: 50, hasSound: true, faces: [0, 0, 0] });
    await page.getByLabel("Hide by").selectOption("fill");
    await page.getByRole("checkbox", { name: "Person 1" }).check();
    expect(await facesIn(await save())).toEqual({ frames: 50, hasSound: true, faces: [1, 1, 1] });
    // A machine that had little time, or somebody in a hurry: between two looks a second apart, and behind the last one, people move on.
    await page.getByLabel("Look for faces in").selectOption("25");
    await page.getByRole("button", { name: "Go through it again" }).click();
    await page.locator(".film-progress progress").waitFor({ state: "detached", timeout: 120_000 });
    await untilThrough(page);
    expect(await facesIn(await save())).toEqual({ frames: 50, hasSound: true, faces: [0, 0, 0] });
    await page.getByLabel("Look for faces in").selectOption("5");
    await page.getByRole("button", { name: "Go through it again" }).click();
    await page.locator(".film-progress progress").waitFor({ state: "detached", timeout: 120_000 });
    await untilThrough(page);
  }, 480_000);

  test("is looked at as often as time allows, unless somebody chooses, and says how often that was", async () => {
    const { page } = visitor();
    await page.getByLabel("Look for faces in").selectOption("");
    await page.getByRole("button", { name: "Go through it again" }).click();
    await page.locator(".film-progress progress").waitFor({ state: "detached", timeout: 120_000 });
    await untilThrough(page);
    const { every, frames } = JSON.parse(await savedText(page, "People (JSON)")) as { every: number; frames: number };
    expect(frames).toBe(50);
    expect(every).toBeGreaterThanOrEqual(50 / 17);
    expect(every).toBeLessThanOrEqual(25);
    const words = /^2 people\. Faces were looked for in about every (\d+)(?:st|nd|rd|th) frame\./.exec(
      (await page.locator(".film-progress").textContent())!,
    );
    expect(Number(words![1])).toBe(Math.round(every));
  }, 240_000);

  test("pauses where it is asked to, and keeps what was found when it is stopped", async () => {
    const { page } = visitor();
    await page.getByLabel("Look for faces in").selectOption("1");
    await page.getByRole("button", { name: "Go through it again" }).click();
    const bar = page.locator(".film-progress progress[max]");
    const done = async (): Promise<number> => bar.evaluate((element: HTMLProgressElement) => element.value);
    await page.locator("#people-title").waitFor({ timeout: 120_000 });
    await page.getByRole("button", { name: "Pause looking for faces" }).click();
    await page.getByRole("button", { name: "Go on looking for faces" }).waitFor();
    let before = -1;
    // Until the frame that is under way is done, however long that takes, and then for four seconds and a half.
    await expect
      .poll(
        async () => {
          const last = before;
          before = await done();
          return before - last;
        },
        { interval: 4500, timeout: 120_000 },
      )
      .toBe(0);
    await page.getByRole("button", { name: "Go on looking for faces" }).click();
    await expect.poll(done, { timeout: 60_000 }).toBeGreaterThan(before);
    await page.getByRole("button", { name: "Stop looking for faces" }).click();
    await untilThrough(page);
    expect(await page.locator(".film-progress").textContent()).toMatch(
      /^\d (person|people), until 0:0\d of 0:02\. Faces were looked for in every frame\./,
    );
    const frames = (await savedText(page, "Frames (JSONL)")).trimEnd().split("\n");
    expect(frames.length).toBeGreaterThan(0);
    expect(frames.length).toBeLessThan(50);
    await expect.poll(() => page.getByRole("button", { name: "Save film without faces" }).isDisabled()).toBe(true);
  }, 240_000);

  test("leaves nothing in the console, and nothing on the server", () => {
    expect(visitor().problems).toEqual([]);
    expect(site().server.uploads()).toBe(0);
  });
});

test("where the browser has no encoder, a sentence says so", async () => {
  await using visitor = await visit(site().browser, site().server.address, { serviceWorkers: "block" });
  const { page } = visitor;
  await page.route("**/analyzer.worker-*.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `delete globalThis.VideoEncoder;${await response.text()}` });
  });
  await page.reload();
  await chooseFilm(page, clip);
  await untilThrough(page);
  await page.getByRole("button", { name: "Save film without faces" }).click();
  await expect
    .poll(() => page.locator("main [role=alert]").textContent())
    .toMatch(/^This browser writes no mp4 films of 640 x 360 pixels\. Another browser may/);
}, 240_000);

async function keepFile(download: Download): Promise<string> {
  const path = join(site().folder, download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

/** How many frames a film has, and how many faces are found in three of them. */
async function facesIn(path: string): Promise<{ frames: number; hasSound: boolean; faces: number[] }> {
  await using analyzer = await createAnalyzer({ tasks: [] });
  await using film = await openInNode(path);
  const faces: number[] = [];
  let frames = 0;
  for await (const { index, time, picture } of film.frames()) {
    frames++;
    expect(time).toBeCloseTo(index / clipSize.rate, 3);
    if (index % 20 !== 5) continue;
    const image = await picture();
    faces.push((await analyzer.analyze(image)).faces.length);
    // The backdrop keeps its colour: it is written with the matrix that it is read with.
    for (const [channel, value] of [143, 163, 181].entries()) expect(Math.abs(image.data[channel]! - value)).toBeLessThanOrEqual(3);
  }
  return { frames, hasSound: film.hasSound, faces };
}

interface ToldFrame {
  readonly time: number;
  readonly faces: readonly { readonly box: { readonly x: number; readonly y: number } }[];
}

/** Chooses a film, and gives its frames as they are saved. */
async function followed(page: Page, path: string): Promise<readonly ToldFrame[]> {
  await chooseFilm(page, path);
  await expect.poll(() => page.locator(".film-stage figcaption").textContent()).toContain(basename(path));
  await untilThrough(page);
  const lines = await savedText(page, "Frames (JSONL)");
  return lines
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as ToldFrame);
}

function expectTruth(frames: readonly ToldFrame[], faces: readonly (readonly TrueFace[])[]): void {
  expect(frames).toHaveLength(faces.length);
  for (const [index, found] of frames.entries()) {
    expect(found.faces).toHaveLength(faces[index]!.length);
    for (const { box } of faces[index]!)
      expect(Math.min(...found.faces.map((face) => Math.hypot(face.box.x - box.x, face.box.y - box.y)))).toBeLessThan(0.35 * box.width);
  }
}

/** One visitor chooses one film after the other. */
describe("films of all kinds", () => {
  const visitor = useVisitor(site);
  const frames = 6;
  const choose = async (path: string) => followed(visitor().page, path);

  test.each(["mov", "webm", "mkv"])(
    "%s: two people, where they are",
    async (ending) => {
      const path = join(site().folder, `kind.${ending}`);
      const faces = await writeKindOfClip(path, two, { frames });
      expectTruth(await choose(path), faces);
      expect(await visitor().page.locator("#people-title").textContent()).toBe("2 people");
    },
    120_000,
  );

  test("several at once: each is gone through in its turn, and keeps what was found in it", async () => {
    const { page } = visitor();
    const [first, second] = [join(site().folder, "kind.mov"), join(site().folder, "kind.webm")];
    const letter = join(site().folder, "no-film.mp4");
    await writeFile(letter, "This is a letter, not a film.");
    await page.getByRole("button", { name: /^Close/ }).click();
    await page.locator("input[type=file]").first().setInputFiles([first, letter, second]);
    const states = page.locator(".film-tab .hint");
    await expect.poll(() => states.allTextContents(), { timeout: 120_000 }).toEqual(["2 people", "could not be read", "2 people"]);
    for (const path of [second, first]) {
      await page
        .getByRole("button", { name: basename(path) })
        .first()
        .click();
      await expect.poll(() => page.locator(".film-stage figcaption").textContent()).toContain(basename(path));
      await expect.poll(() => page.locator("#people-title").textContent()).toBe("2 people");
      const lines = (await savedText(page, "Frames (JSONL)")).trimEnd().split("\n");
      expect([lines.length, (JSON.parse(lines[0]!) as { source: string }).source]).toEqual([frames, basename(path)]);
    }
    for (const left of [2, 1]) {
      await page.getByRole("button", { name: /^Close/ }).click();
      await expect.poll(() => page.locator(".film-tab").count()).toBe(left === 1 ? 0 : left);
    }
  }, 180_000);

  test("as a telephone writes it: turned by the container, with uneven times", async () => {
    const path = join(site().folder, "telephone.mov");
    const times = [0, 0.04, 0.1, 0.3, 0.34, 0.5, 0.7];
    const faces = await writeKindOfClip(path, two, { frames, isTurned: true, timeOf: (frame) => times[frame]! });
    const told = await choose(path);
    expect(told.map(({ time }) => Math.round(time * 1000) / 1000)).toEqual(times.slice(0, frames));
    expectTruth(told, faces);
    await expect.poll(() => visitor().page.locator(".film-stage figcaption").textContent()).toContain("640 × 360");
  }, 120_000);

  test.each(["webm", "mp4"])(
    "%s of which the frames become smaller in the middle: boxes stay in the film's pixels, and it is written without faces",
    async (ending) => {
      const path = join(site().folder, `smaller.${ending}`);
      const truth = await writeKindOfClip(path, two, { frames: 12, shrinkAt: (frame) => (frame < 6 ? 1 : 2), isUntagged: true });
      expectTruth(await choose(path), truth);
      const { page } = visitor();
      const [download] = await Promise.all([
        page.waitForEvent("download", { timeout: 120_000 }),
        page.getByRole("button", { name: "Save film without faces" }).click(),
      ]);
      const { faces, ...rest } = await facesIn(await keepFile(download));
      expect([rest.frames, faces]).toEqual([12, [0]]);
    },
    240_000,
  );

  test("with a model of the visitor's: its answer stands at each person, and in the tables", async () => {
    const { page } = visitor();
    const [glasses] = drawnTasks;
    await page.getByRole("link", { name: "Photos", exact: true }).click();
    const buffer = Buffer.from(await drawnModel(glasses, { id: "drawn" }));
    await page
      .locator(".own-models input[type=file]")
      .setInputFiles([{ name: "drawn.onnx", buffer, mimeType: "application/octet-stream" }]);
    await page.getByRole("checkbox", { name: "keep on this device drawn" }).waitFor();
    await choose(join(site().folder, "kind.webm"));
    const card = page.locator("#person-1").getByRole("region", { name: "glasses" });
    await expect.poll(() => card.textContent()).toMatch(/^glasses (glasses|none)/);
    const { tracks } = JSON.parse(await savedText(page, "People (JSON)")) as {
      tracks: { attributes: { glasses: { confidence: number } } }[];
    };
    for (const { attributes } of tracks) expect(attributes.glasses.confidence).toBeGreaterThanOrEqual(0.5);
    expect((await savedText(page, "Seconds (CSV)")).split("\r\n")[0]).toMatch(/,glasses,glasses_confidence,glasses_glasses,glasses_none$/);
  }, 120_000);

  test.each([
    { what: "sound alone", name: "tone.m4a", words: /tone\.m4a holds sound and no pictures\./ },
    { what: "a film without its table of frames", name: "cut.mp4", words: /missing or cut off\./ },
    { what: "a film of which the end is missing", name: "end.mp4", words: /end\.mp4 (ends after|could not be decoded)/ },
    { what: "a text", name: "letter.mp4", words: /letter\.mp4 is no film that can be read\./ },
    { what: "nothing", name: "empty.mp4", words: /empty\.mp4 is empty \(0 bytes\)\./ },
  ])(
    "$what is told in a sentence",
    async ({ name, words }) => {
      const path = join(site().folder, name);
      if (name === "cut.mp4") await writeFile(path, (await readFile(clip)).subarray(0, 20_000));
      if (name === "end.mp4") await writeEndless(path);
      if (name === "letter.mp4") await writeFile(path, "This is a letter, not a film.");
      if (name === "empty.mp4") await writeFile(path, "");
      const { page } = visitor();
      await chooseFilm(page, path);
      await expect.poll(() => page.locator(".film-stage figcaption").textContent()).toContain(name);
      await untilThrough(page);
      const sentence = page.locator("main .failure p");
      expect(await sentence.textContent()).toMatch(words);
    },
    120_000,
  );

  /** What says where its frames are comes first; some of them are missing. */
  async function writeEndless(path: string): Promise<void> {
    await writeKindOfClip(path, two);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, Math.floor(bytes.length * 0.85)));
  }
});

test.skipIf(process.platform !== "linux")(
  "frames of a long film stream: its memory does not grow with its length",
  async () => {
    const path = join(site().folder, "noise.mp4");
    const frames = 600;
    await writeNoise(path, frames);
    const megabytes = (bytes: number): number => bytes / 2 ** 20;
    expect(megabytes((await stat(path)).size)).toBeGreaterThan(20);
    await using visitor = await visit(site().browser, site().server.address);
    const { page } = visitor;
    await page.getByRole("link", { name: "Films", exact: true }).click();
    await page.getByLabel("Look for faces in").selectOption("25");
    // What a short film takes, with the networks, is there before.
    await chooseFilm(page, clip);
    await untilThrough(page);
    await page.getByRole("button", { name: /^Close/ }).click();
    const before = await memoryBelow();
    await chooseFilm(page, path);
    let most = 0;
    const again = page.getByRole("button", { name: "Go through it again" });
    while (!(await again.isVisible())) {
      most = Math.max(most, await memoryBelow());
      await page.waitForTimeout(250);
    }
    expect(await page.locator(".film-progress").textContent()).toContain("No face");
    const raw = megabytes(frames * clipSize.width * clipSize.height * 1.5);
    console.log(`page test: a film of ${Math.round(raw)} MB of frames took ${Math.round(megabytes(most - before))} MB more`);
    expect(megabytes(most - before)).toBeLessThan(raw);
  },
  480_000,
);

/** Frames that are nothing but noise: many bytes. */
async function writeNoise(path: string, frames: number): Promise<void> {
  const writer = await createFilm(path);
  const random = createRandom(1);
  const noise = Uint8Array.from({ length: clipSize.width * clipSize.height * 3 + 4096 }, () => random.integer(256));
  for (let index = 0; index < frames; index++) {
    const start = (index * 577) % 4096;
    const image = createRasterImage(clipSize.width, clipSize.height, noise.subarray(start, start + noise.length - 4096));
    await writer.write({ time: index / clipSize.rate, duration: 1 / clipSize.rate, image });
  }
  await writer.finish();
}

test("after one visit films open while the server is down", async () => {
  const server = await servePage(site().webRoot);
  await using visitor = await visit(site().browser, server.address);
  const { page } = visitor;
  await page.getByText("Runs on this device").waitFor();
  await page.evaluate(async () => navigator.serviceWorker.ready);
  const kept = async (name: string): Promise<number> =>
    page.evaluate(async (name) => ((await caches.has(name)) ? (await (await caches.open(name)).keys()).length : 0), name);
  for (const name of ["tensorface-page", "tensorface-models", "tensorface-engine"])
    await expect.poll(() => kept(name), { timeout: 60_000 }).toBeGreaterThan(0);
  await server[Symbol.asyncDispose]();
  await page.reload();
  await chooseFilm(page, clip);
  await untilThrough(page);
  await expect.poll(() => page.locator("#people-title").textContent()).toBe("2 people");
}, 240_000);
