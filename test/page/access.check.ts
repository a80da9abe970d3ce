import { readFile } from "node:fs/promises";
import { join } from "node:path";
import axeCore from "axe-core";
import type { BrowserContextOptions, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { openModelFolders } from "../../src/models/models.node.ts";
import { choosePhotos, startBrowser, untilDone, visit } from "../support/page.ts";
import { writeExamples } from "../support/examples.ts";
import { scenes } from "../support/clips.ts";
import { writeClip } from "../support/film-files.ts";
import { crowds } from "../support/pictures.ts";
import { openTeach, showExamples, teachModel } from "../support/teach.ts";
import { useSite, useVisitor } from "./setup.ts";

/** The page for everybody: axe finds nothing serious in any view, in light and dark, on desktop and phone. */
const site = useSite();
const axe = axeCore.source;

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

async function findings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: { run(): Promise<{ readonly violations: readonly Finding[] }> } };
    return (await axe.run()).violations;
  });
  return found.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
}

/** A few of each, some of them in the wrong class: there is something to be got wrong. */
let examples: Promise<Readonly<Record<string, readonly string[]>>>;
/** Two people through time. */
let film: Promise<string>;
beforeAll(() => {
  film = writeFilm(join(site().folder, "two.mp4"));
  examples = writeExamples(join(site().folder, "examples"), 6).then(({ shades, mask, neither }) => ({
    shades: [...shades, neither[5]!],
    mask,
    neither: neither.slice(0, 5),
  }));
});

async function writeFilm(path: string): Promise<string> {
  await writeClip(
    path,
    scenes.find(({ name }) => name === "two, apart")!,
  );
  return path;
}

/** Opens all that the models page has folded; that a hand opens it is a test of its own. */
async function unfoldModels(page: Page): Promise<void> {
  await page.locator(".measure").first().waitFor();
  await page.locator(".models details").evaluateAll((all) => {
    for (const one of all) one.setAttribute("open", "");
  });
}

const devices: Readonly<Record<string, BrowserContextOptions>> = {
  desktop: {},
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};
/** The narrowest of today's phones. */
const narrow = { width: 360, height: 740 };
const schemes = ["light", "dark"] as const;

const openTab = async (page: Page, name: string): Promise<void> => page.getByRole("link", { name, exact: true }).click();

/** The tab "Photos", without those of the view before. */
async function openPhotos(page: Page): Promise<void> {
  await openTab(page, "Photos");
  const removal = page.getByRole("button", { name: "Remove all" });
  await page.locator(".welcome").or(removal).first().waitFor();
  if (await removal.isVisible()) await removal.click();
  await page.locator(".welcome").waitFor();
}

/** Every view, as a visitor comes to it from any other. */
const views: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  welcome: openPhotos,
  "filmstrip, error and settings": async (page) => {
    await openPhotos(page);
    await choosePhotos(page, site().photo("letter"), site().photo("noFace"));
    await untilDone(page);
    for (const name of [".settings summary", ".explain summary"]) await page.locator(name).click();
  },
  "a crowd": async (page) => {
    await openPhotos(page);
    await choosePhotos(page, ...crowds.slice(0, 5).map(({ name }) => site().crowd(name)));
    await untilDone(page);
  },
  "ten faces": async (page) => {
    await openPhotos(page);
    await choosePhotos(page, site().photo("tenFaces"));
    await untilDone(page);
    await page.getByRole("button", { name: "Open all" }).click();
  },
  models: async (page) => {
    await openTab(page, "Models");
    await unfoldModels(page);
  },
  films: async (page) => {
    await openTab(page, "Films");
    await page.getByText("Choose films").waitFor();
  },
  "a film that was gone through": async (page) => {
    await openTab(page, "Films");
    await page.getByLabel("Look for faces in").selectOption("25");
    await page.locator("input[type=file]").setInputFiles(await film);
    await page.getByRole("button", { name: "Go through it again" }).waitFor({ timeout: 120_000 });
    await page.locator(".timeline .mood").first().waitFor();
  },
  teach: async (page) => openTeach(page),
  "teach, taught": async (page) => {
    await openTeach(page);
    await showExamples(page, await examples);
    await teachModel(page);
    await page.locator(".try input[type=file]").setInputFiles(site().photo("portrait"));
    await page.locator(".tried .bars").waitFor();
  },
  "no camera": async (page) => {
    await openTab(page, "Camera");
    await page.locator(".failure").waitFor();
  },
};

describe.each(Object.entries(devices))("%s", (device, options) => {
  const visitor = useVisitor(site, undefined, { ...options, reducedMotion: "reduce" });
  // Both colours of one visit: what a view needs before it stands there takes most of the time.
  test.each(Object.entries(views))("%s", async (view, open) => {
    const { page } = visitor();
    const wide = page.viewportSize()!;
    await page.emulateMedia({ colorScheme: "light" });
    await open(page);
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme });
      if (device === "phone" && colorScheme === "dark") await page.setViewportSize(narrow);
      const shots = process.env["SCREENSHOTS"];
      if (shots !== undefined)
        await page.screenshot({ path: join(shots, `${device} ${colorScheme} ${view}.png`.replaceAll(/[ ,]+/g, "-")), fullPage: true });
      const found = await findings(page);
      const overhang = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      // Nothing is wider than the screen.
      expect({ colorScheme, found, isWider: overhang > 0 }).toEqual({ colorScheme, found: [], isWider: false });
    }
    await page.setViewportSize(wide);
  });
});

test("every landmark of the models page has a name of its own", async () => {
  await using visitor = await visit(site().browser, site().server.address);
  const { page } = visitor;
  await views["models"]!(page);
  const names = await page
    .locator("main section[aria-label], main [role=region]")
    .evaluateAll((found) => found.map((element) => element.getAttribute("aria-label")));
  expect(names.length).toBeGreaterThan(4);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test("telephones find icons that are pictures", async () => {
  await using visitor = await visit(site().browser, site().server.address);
  const { page } = visitor;
  const sizes = await page.evaluate(async () => {
    const manifest = await (await fetch(document.querySelector<HTMLLinkElement>("link[rel=manifest]")!.href)).json();
    const listed: { src: string; sizes: string; type: string }[] = manifest.icons;
    const apple = document.querySelector<HTMLLinkElement>("link[rel=apple-touch-icon]")!.href;
    const files = [
      ...listed.filter(({ type }) => type === "image/png").map(({ src, sizes }) => ({ src, sizes })),
      { src: apple, sizes: "180x180" },
    ];
    return Promise.all(
      files.map(async ({ src, sizes }) => {
        const bitmap = await createImageBitmap(await (await fetch(src)).blob());
        return [sizes, `${bitmap.width}x${bitmap.height}`];
      }),
    );
  });
  expect(sizes.length).toBe(4);
  for (const [told, found] of sizes) expect(found).toBe(told);
});

test("on a small phone the header is one line, before the networks are there and after", async () => {
  await using visitor = await visit(site().browser, site().server.address, { ...devices["phone"], viewport: narrow, colorScheme: "dark" });
  const { page } = visitor;
  const height = async (): Promise<number> => page.locator("header").evaluate((header) => header.getBoundingClientRect().height);
  const before = await height();
  expect(before).toBeLessThan(60);
  await page.getByText("Runs on this device (WebAssembly)").waitFor({ state: "attached" });
  expect(await height()).toBe(before);
});

test("whoever asks for less motion gets none", async () => {
  await using visitor = await visit(site().browser, site().server.address, { reducedMotion: "reduce" });
  const { page } = visitor;
  await choosePhotos(page, site().photo("portrait"));
  await untilDone(page);
  const moving = await page.evaluate(() => document.getAnimations().filter((animation) => animation.playState === "running").length);
  expect(moving).toBe(0);
  expect(await page.locator(".box").evaluate((box) => getComputedStyle(box).animationName)).toBe("none");
});

test("letters are as large as the browser is set to, and nothing is wider than a phone", async () => {
  const browser = await startBrowser("--blink-settings=defaultFontSize=24");
  try {
    await using visitor = await visit(browser, site().server.address, { ...devices["phone"], reducedMotion: "reduce" });
    const { page } = visitor;
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe("24px");
    for (const view of ["welcome", "ten faces", "models", "teach"]) {
      await views[view]!(page);
      const overhang = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect({ view, overhang }).toEqual({ view, overhang: 0 });
    }
  } finally {
    await browser.close();
  }
});

test("whoever has colours of their own sees how long bars are, and what is chosen", async () => {
  await using visitor = await visit(site().browser, site().server.address, { forcedColors: "active" });
  const { page } = visitor;
  await choosePhotos(page, site().photo("portrait"), site().photo("noFace"));
  await untilDone(page);
  await page.locator(".fill").first().waitFor();
  const style = async (selector: string, property: string): Promise<string> =>
    page
      .locator(selector)
      .first()
      .evaluate((element, property) => getComputedStyle(element).getPropertyValue(property), property);
  expect(await style(".fill", "background-color")).not.toBe(await style(".track", "background-color"));
  const chosen = await style(".filmstrip [aria-selected=true]", "border-top-color");
  expect(chosen).not.toBe(await style(".filmstrip [aria-selected=false]", "border-top-color"));
  expect(await style("nav [aria-current]", "text-decoration-line")).toBe("underline");
});

test("the models page has a card for each network, with what was measured of it", async () => {
  await using visitor = await visit(site().browser, `${site().server.address}#/models`);
  const { page } = visitor;
  const manifests = await openModelFolders().manifests();
  await page.locator(".badge").first().waitFor();
  // Another card may be there first: those of networks that are in use.
  await expect.poll(() => page.locator(".model").count()).toBe(manifests.length);
  const names = await page.locator(".model > .fold > dl > dd:first-of-type").allTextContents();
  expect(names.toSorted()).toEqual(manifests.map(({ id }) => id).toSorted());
  const reports = JSON.parse(await readFile(join(site().webRoot, "measures.json"), "utf8")) as { sha256: string; n: number }[];
  const shown = reports.filter(({ sha256 }) => manifests.some((manifest) => manifest.sha256 === sha256));
  expect(shown.length).toBeGreaterThan(0);
  expect(await page.locator(".measure").count()).toBe(shown.length);
  expect(await page.getByText("means over the face and its mirror image").count()).toBe(
    manifests.filter((manifest) => manifest.kind === "head" && manifest.flipAveraging === true).length,
  );
  expect(await page.locator(".measure").first().textContent()).toMatch(/\d+\.\d %.*faces of .*Line: 95 % interval/);
});

test("the models page is read at a glance: a sentence a task, and the networks that are not in use folded", async () => {
  for (const [options, screens] of [
    [{}, 3],
    [devices["phone"]!, 5],
  ] as const) {
    await using visitor = await visit(site().browser, `${site().server.address}#/models`, options);
    const { page } = visitor;
    await page.locator(".badge").first().waitFor();
    const sentences = await page.locator(".model:visible .told > p").allTextContents();
    expect(sentences).toHaveLength(3);
    for (const sentence of sentences)
      expect(sentence).toMatch(/ight .*for \d+ to \d+ of 100 faces.* data sets .*Weaker on .+ \(\d+ of 100\)/);
    expect(await page.locator(".others .model").count()).toBeGreaterThan(1);
    expect(await page.locator(".others .badge").count()).toBe(0);
    const tall = await page.evaluate(() => document.documentElement.scrollHeight / innerHeight);
    expect(tall).toBeLessThan(screens);
  }
});

test("a line of the models page is opened by the keyboard, and tells what was measured", async () => {
  await using visitor = await visit(site().browser, `${site().server.address}#/models`);
  const { page } = visitor;
  const line = page.locator(".measure").first();
  await line.locator("summary").focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => line.getByRole("heading", { name: "What is taken for what" }).isVisible()).toBe(true);
  expect(await line.getByRole("heading", { name: "Sharpness" }).count()).toBe(1);
});

test("the models page says what a head's age range takes, for each face or one share for all", async () => {
  await using visitor = await visit(site().browser, site().server.address, { serviceWorkers: "block" });
  const { page } = visitor;
  await page.getByRole("link", { name: "Models" }).click();
  const shipped = page.getByRole("article").filter({ hasText: "apparent age" }).first();
  await expect.poll(() => shipped.textContent()).toContain("Age rangeas wide as the network tells of each picture");
  await page.route("**/models/index.json", async (route) => {
    const text = await (await route.fetch()).text();
    const fitted = text
      .replaceAll(/,"intervalMass":[\d.]+|,"intervalTails":\{[^}]*\}/g, "")
      .replaceAll('"task":"age",', '"task":"age","intervalMass":0.762,');
    await route.fulfill({ body: fitted });
  });
  await page.reload();
  await page.getByRole("link", { name: "Models" }).click();
  const card = page.getByRole("article").filter({ hasText: "apparent age" }).first();
  await expect.poll(() => card.textContent()).toContain("Age rangethe middle 76.2 % of the probabilities");
  const shots = process.env["SCREENSHOTS"];
  if (shots !== undefined) await page.screenshot({ path: join(shots, "models-facts.png"), fullPage: true });
});
