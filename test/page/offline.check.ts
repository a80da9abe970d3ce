import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { FaceAnalysis } from "../../src/_entries/node.ts";
import { serve } from "../support/browser.ts";
import { writeExamples } from "../support/examples.ts";
import { openTeach, showExamples, teachModel } from "../support/teach.ts";
import { choosePhotos, savedOutcomes, servePage, untilDone, visit } from "../support/page.ts";
import { useSite } from "./setup.ts";

/** Without a connection, without a server, without networks, and on a web space that is nothing but files. */
const site = useSite();

/** Until everything is kept that a visit without a connection needs. */
async function untilKept(page: Page): Promise<void> {
  await page.getByText("Runs on this device").waitFor();
  await page.evaluate(async () => navigator.serviceWorker.ready);
  const kept = async (name: string): Promise<number> =>
    page.evaluate(async (name) => ((await caches.has(name)) ? (await (await caches.open(name)).keys()).length : 0), name);
  for (const name of ["tensorface-page", "tensorface-models", "tensorface-engine"]) await expect.poll(() => kept(name)).toBeGreaterThan(0);
}

describe("after one visit", () => {
  test("the page opens and analyses while its server is down", async () => {
    const server = await servePage(site().webRoot);
    await using visitor = await visit(site().browser, server.address);
    const { page } = visitor;
    await untilKept(page);
    await server[Symbol.asyncDispose]();
    await expect(fetch(server.address)).rejects.toThrow("fetch failed");
    await page.reload();
    expect(await page.locator("h1").textContent()).toContain("Every face in a photo");
    await choosePhotos(page, site().photo("sideways"));
    await untilDone(page);
    await expect.poll(() => page.locator("#faces-title").textContent()).toBe("1 face");
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
    await page.goto(`${server.address}#/models`);
    await page.locator(".measure").first().waitFor();
    const { shades, neither } = await writeExamples(join(site().folder, "examples"), 3);
    await openTeach(page);
    await showExamples(page, { shades, neither });
    await teachModel(page);
  });

  test("the API's own page is still the server's", async () => {
    await using visitor = await visit(site().browser, site().server.address);
    const { page } = visitor;
    await untilKept(page);
    await page.goto(`${site().server.address}/docs/`);
    expect(await page.title()).not.toContain("TensorFace:");
    await page.locator("#swagger-ui").waitFor();
  });
});

describe("without networks", () => {
  test("a sentence, and the photo is analysed once they come", async () => {
    await using visitor = await visit(site().browser, site().server.address, { serviceWorkers: "block" });
    const { page } = visitor;
    await page.route("**/models/**", async (route) => route.abort());
    await page.reload();
    await choosePhotos(page, site().photo("portrait"));
    const failure = page.getByRole("alert");
    await expect.poll(() => failure.textContent()).toContain("The networks could not be fetched. Check the connection, and try again.");
    expect(await page.locator(".failure").count()).toBe(1);
    await page.unroute("**/models/**");
    await page.getByRole("button", { name: "Try again" }).click();
    await untilDone(page);
    await expect.poll(() => page.locator("#faces-title").textContent()).toBe("1 face");
  });

  test.each([
    ["networks that cannot be fetched", "**/models/**"],
    ["a worker that cannot be started", "**/analyzer.worker-*"],
  ])("the page of the networks says that there is no list: %s", async (_name, missing) => {
    await using visitor = await visit(site().browser, site().server.address, { serviceWorkers: "block" });
    const { page } = visitor;
    await page.route(missing, async (route) => route.abort());
    await page.reload();
    await page.getByRole("link", { name: "Models", exact: true }).click();
    await page.getByText("The list of networks could not be loaded.").waitFor();
    expect(await page.locator(".model").count()).toBe(0);
  });

  test("once photos go to the server, the empty page says so too; settings choose from its answer and send nothing again", async () => {
    await using server = await servePage(site().webRoot);
    await using visitor = await visit(site().browser, server.address, { serviceWorkers: "block" });
    const { page } = visitor;
    await page.route("**/models/**", async (route) => route.abort());
    await page.reload();
    expect(await page.locator(".lead").textContent()).toContain("They never leave your device");
    await choosePhotos(page, site().photo("tenFaces"));
    await page.getByRole("button", { name: "Send photos to this page's server instead" }).click();
    await expect.poll(() => page.locator(".box").count()).toBe(10);
    const [outcome] = (await savedOutcomes(page)) as FaceAnalysis[];
    const sides = outcome!.faces.map(({ box }) => Math.max(box.width, box.height));
    const smallest = Math.ceil(sides.toSorted((a, b) => a - b)[4]!);
    const left = sides.filter((side) => side >= smallest).length;
    expect(left).toBeLessThan(10);
    await page.locator(".settings summary").click();
    const field = page.getByRole("spinbutton", { name: "Smallest face to show" });
    await field.fill(String(smallest));
    await field.press("Enter");
    await expect.poll(() => page.locator(".box").count()).toBe(left);
    const shots = process.env["SCREENSHOTS"];
    if (shots !== undefined) await page.screenshot({ path: join(shots, "server-settings.png") });
    await field.fill("2000");
    await field.press("Enter");
    await expect.poll(() => page.locator("#faces-title").textContent()).toBe("No face");
    expect(await page.locator(".right .note").textContent()).toBe("No face passes the limits that you set; 10 stay below them.");
    await page.getByRole("checkbox", { name: "Mood" }).uncheck();
    await page.getByRole("checkbox", { name: "Mood" }).check();
    await page.getByRole("button", { name: "Remove" }).click();
    expect(await page.locator(".lead").textContent()).toBe(
      "Your photos are sent to this page's server, as you agreed. It analyses them and keeps none.",
    );
    if (shots !== undefined) await page.screenshot({ path: join(shots, "server-welcome.png") });
    expect(server.uploads()).toBe(1);
  });

  test("the server analyses, once the visitor agrees; when it is gone too, a sentence says so", async () => {
    const server = await servePage(site().webRoot);
    await using visitor = await visit(site().browser, server.address, { serviceWorkers: "block" });
    const { page } = visitor;
    await page.route("**/models/**", async (route) => route.abort());
    await page.reload();
    await choosePhotos(page, site().photo("tenFaces"));
    expect(server.uploads()).toBe(0);
    await page.getByRole("button", { name: "Send photos to this page's server instead" }).click();
    await expect.poll(() => page.locator(".box").count()).toBe(10);
    expect(server.uploads()).toBe(1);
    expect(await page.locator("footer").textContent()).toContain("sent to this page's server, which keeps none");
    await choosePhotos(page, site().photo("letter"));
    await expect.poll(() => page.locator(".failure").textContent()).toContain("is not a picture that can be read");
    await server[Symbol.asyncDispose]();
    await choosePhotos(page, site().photo("portrait"));
    await expect.poll(() => page.locator(".failure").textContent()).toContain("The server does not answer");
  });
});

test("a server that asks for a token gets it from the visitor", async () => {
  await using server = await servePage(site().webRoot, { token: "open sesame" });
  await using visitor = await visit(site().browser, server.address, { serviceWorkers: "block" });
  const { page } = visitor;
  await page.route("**/models/**", async (route) => route.abort());
  await page.reload();
  await choosePhotos(page, site().photo("tenFaces"), site().photo("portrait"));
  await page.getByRole("button", { name: "Send photos to this page's server instead" }).click();
  const title = page.locator("#token-title");
  await expect.poll(() => title.textContent()).toBe("The server asks for a token");
  expect(await page.locator(".note").textContent()).toContain("waits until the server has its token");
  const shots = process.env["SCREENSHOTS"];
  if (shots !== undefined) await page.screenshot({ path: join(shots, "token.png") });
  const answer = async (token: string): Promise<void> => {
    await page.getByRole("textbox", { name: "Token" }).fill(token);
    await page.keyboard.press("Enter");
  };
  await answer("open barley");
  await expect.poll(() => title.textContent()).toBe("The server does not accept this token");
  expect(server.uploads()).toBe(0);
  await answer("open sesame");
  await expect.poll(() => page.locator(".box").count()).toBe(10);
  await expect.poll(() => server.uploads()).toBe(2);
  expect(await title.count()).toBe(0);
  // Nothing of it outlives the page.
  expect(await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length)).toBe(0);
});

test("as files on a web space that sets no headers: works at once, and has threads from the second visit", async () => {
  await using files = await serve({ "/": site().webRoot }, { isolated: false });
  await using visitor = await visit(site().browser, files.url);
  const { page } = visitor;
  const isIsolated = async (): Promise<boolean> => page.evaluate(() => globalThis.crossOriginIsolated);
  expect(await isIsolated()).toBe(false);
  await untilKept(page);
  await page.reload();
  expect(await isIsolated()).toBe(true);
  await choosePhotos(page, site().photo("mirrored"));
  await untilDone(page);
  await expect.poll(() => page.locator("#faces-title").textContent()).toBe("1 face");
});

test("can be installed", async () => {
  await using visitor = await visit(site().browser, site().server.address);
  const { page } = visitor;
  const href = await page.locator("link[rel=manifest]").getAttribute("href");
  const manifest = (await (await fetch(new URL(href!, site().server.address))).json()) as { display: string; icons: { src: string }[] };
  expect(manifest.display).toBe("standalone");
  for (const { src } of manifest.icons) expect((await fetch(new URL(src, site().server.address))).status).toBe(200);
  const session = await page.context().newCDPSession(page);
  const { errors } = (await session.send("Page.getAppManifest")) as { errors: unknown[] };
  const { installabilityErrors } = (await session.send("Page.getInstallabilityErrors")) as { installabilityErrors: { errorId: string }[] };
  // A browser profile of a test is a private window, where nothing can be installed.
  expect([errors, installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito")]).toEqual([[], []]);
});
