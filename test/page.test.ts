import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAnalyzer, type FaceAnalysis } from "../src/_entries/node.ts";
import { findBrowser } from "./support/browser.ts";
import { largestDifference } from "./support/difference.ts";
import {
  buildPage,
  choosePhotos,
  dropPhoto,
  type PageServer,
  savedOutcomes,
  servePage,
  startBrowser,
  untilDone,
  visit,
} from "./support/page.ts";
import { portrait, testPictures, writeTestPictures } from "./support/pictures.ts";

/** The page in short: its weight, and what a first visitor does. `test/page` has the rest. */
let folder = "";
let page_ = "";
let browser: Browser | undefined;
let server: PageServer | undefined;
const hasBrowser = findBrowser() !== undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-page-"));
  page_ = await buildPage(folder);
  await mkdir(join(folder, "photos"));
  await writeTestPictures(join(folder, "photos"));
  if (!hasBrowser) return;
  server = await servePage(page_);
  browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** The page's scripts, without the engine's own and the decoder of HEIC: by name, their text. */
async function readScripts(): Promise<ReadonlyMap<string, string>> {
  const files = (await readdir(page_, { recursive: true })).filter((name) => /\.m?js$/.test(name) && !/\bort\b|^heic\b/.test(name));
  expect(files.length).toBeGreaterThan(3);
  return new Map(await Promise.all(files.map(async (name) => [basename(name), await readFile(join(page_, name), "utf8")] as const)));
}

/** Some scripts and all that they import at once. */
function withImports(scripts: ReadonlyMap<string, string>, ...starts: readonly RegExp[]): ReadonlySet<string> {
  const found = new Set([...scripts.keys()].filter((name) => starts.some((start) => start.test(name))));
  expect(found.size).toBe(starts.length);
  for (const name of found) {
    for (const [, imported] of scripts.get(name)!.matchAll(/(?:\bfrom|\bimport)\s*["'`]\.\/([^"'`]+)["'`]/g))
      if (scripts.has(imported!)) found.add(imported!);
  }
  return found;
}

/** As they travel. */
function kilobytes(scripts: ReadonlyMap<string, string>, names: Iterable<string>): number {
  return [...names].reduce((sum, name) => sum + gzipSync(scripts.get(name)!).length, 0) / 1000;
}

test("scripts keep to their budgets: a first visit, Teach, films with the camera, and all the rest", async () => {
  const scripts = await readScripts();
  const first = withImports(scripts, /^index-/, /^analyzer\.worker-/);
  const teach = withImports(scripts, /^teach-tab-/, /^teacher-/).difference(first);
  const films = withImports(scripts, /^film-tab-/, /^filmer-/, /^camera-tab-/).difference(first);
  const others = [...scripts.keys()].filter((name) => !teach.has(name) && !films.has(name));
  const sizes = {
    first: kilobytes(scripts, first),
    teach: kilobytes(scripts, teach),
    films: kilobytes(scripts, films),
    others: kilobytes(scripts, others),
  };
  console.log(`page test: kB of scripts, gzip: ${JSON.stringify(sizes)}`);
  expect(sizes.first).toBeLessThan(90);
  expect(sizes.teach).toBeLessThan(60);
  expect(sizes.films).toBeLessThan(130);
  expect(sizes.others).toBeLessThan(130);
  // What writes JSON schemas comes with `zod`, not with `zod/mini`; no page writes one.
  expect([...scripts].filter(([, text]) => text.includes("json-schema.org")).map(([name]) => name)).toEqual([]);
});

/** The median of a row of docs/guide/web.md, as `npm run bench -- page --write` left it. */
async function measured(row: string): Promise<number> {
  const text = await readFile(new URL("../docs/guide/web.md", import.meta.url), "utf8");
  const line = text.split("\n").find((candidate) => candidate.startsWith(`| ${row}`));
  return Number(/\|\s+([\d.]+) /.exec(line?.slice(row.length + 2) ?? "")?.[1]);
}

// A clock in a test would say how busy the machine is: what is compared is the measurement that was last written down.
test("the times that were measured stay within their budget", async () => {
  expect(await measured("first result for a 512 px picture")).toBeLessThan(1.5);
  expect(await measured("camera, frames a second")).toBeGreaterThanOrEqual(10);
  expect(await measured("Teach, 3 classes of 40 pictures")).toBeLessThan(2);
});

test("other web spaces are told the headers that the server sends: threads, and nothing from elsewhere", async () => {
  const lines = (await readFile(join(page_, "_headers"), "utf8")).trimEnd().split("\n");
  expect(lines[0]).toBe("/*");
  const given = new Map(lines.slice(1).map((line) => /^ {2}([\w-]+): (.+)$/.exec(line)!.slice(1) as [string, string]));
  expect([given.get("Cross-Origin-Opener-Policy"), given.get("Cross-Origin-Embedder-Policy")]).toEqual(["same-origin", "require-corp"]);
  const headers = new Headers(hasBrowser ? (await fetch(server!.address)).headers : [...given]);
  for (const name of ["Content-Security-Policy", "Permissions-Policy"]) expect(given.get(name)).toBe(headers.get(name));
});

describe.skipIf(!hasBrowser)("a first visit", { timeout: 300_000 }, () => {
  test("a dropped photo is analysed in the browser, with Node's answers, and sent nowhere", async () => {
    await using visitor = await visit(browser!, server!.address);
    const { page, problems } = visitor;
    await dropPhoto(page, portrait, "image/png");
    await untilDone(page);
    expect(await page.locator(".box").count()).toBe(1);
    await using analyzer = await createAnalyzer();
    const here = await analyzer.analyze(portrait);
    const [there] = (await savedOutcomes(page)) as FaceAnalysis[];
    expect(there!.source).toBe("astronaut.png");
    expect(Object.keys(there!.faces[0]!)).toEqual(Object.keys(here.faces[0]!));
    expect(largestDifference(here, there!)).toBeLessThanOrEqual(0.02);
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
    expect([server!.uploads(), problems]).toEqual([0, []]);
  });

  test("text called .jpg is explained in a sentence, and the photo beside it is analysed", async () => {
    const text = join(folder, "photos/letter.jpg");
    await writeFile(text, "This is a letter, not a picture.");
    await using visitor = await visit(browser!, server!.address);
    const { page } = visitor;
    await choosePhotos(page, text, join(folder, "photos", testPictures.mirrored.name));
    await untilDone(page);
    expect(await page.locator(".failure").textContent()).toMatch(/letter\.jpg is not a picture that can be read.*Use JPEG, PNG, WebP/);
    await page.locator(".filmstrip [role=option]").nth(1).click();
    await expect.poll(() => page.locator("#faces-title").textContent(), { timeout: 30_000 }).toBe("1 face");
  });
});
