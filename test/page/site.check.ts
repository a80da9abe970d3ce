import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { brokenLinks } from "../../docs/.vitepress/check-site.ts";
import { browserPatience, serve, type StaticServer } from "../support/browser.ts";
import { startBrowser } from "../support/page.ts";

/** The built site, in a folder of a web space that is nothing but files and sends no headers. */
const root = fileURLToPath(new URL("../..", import.meta.url));
let folder = "";
let server: StaticServer;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-site-"));
  await buildSite(folder);
  server = await serve({ "/below/": folder, "/": join(folder, "nothing") }, { isolated: false });
  browser = await startBrowser();
}, 600_000);
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function buildSite(outDir: string): Promise<void> {
  const child = spawn(process.execPath, [join(root, "node_modules/vitepress/bin/vitepress.js"), "build", "docs", "--outDir", outDir], {
    cwd: root,
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(chunk));
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect({ code, said: code === 0 ? "" : Buffer.concat(said).toString() }).toEqual({ code: 0, said: "" });
}

interface Reader extends AsyncDisposable {
  readonly page: Page;
  /** What went wrong, and hosts other than the site's that were asked. */
  readonly problems: readonly string[];
  readonly open: (path: string) => Promise<void>;
}

async function reader(width: number): Promise<Reader> {
  const context = await browser.newContext({ viewport: { width, height: width < 600 ? 844 : 900 } });
  context.setDefaultTimeout(browserPatience);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => void (message.type() === "error" && problems.push(`${message.text()} ${message.location().url}`)));
  context.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== new URL(server.url).origin && protocol.startsWith("http")) problems.push(`asked ${request.url()}`);
  });
  const open = async (path: string): Promise<void> => {
    await page.goto(`${server.url}below/${path}`);
    await page.locator("main h1").first().waitFor();
  };
  return { page, problems, open, [Symbol.asyncDispose]: () => context.close() };
}

async function shoot(page: Page, name: string): Promise<void> {
  const shots = process.env["SCREENSHOTS"];
  if (shots !== undefined) await page.screenshot({ path: join(shots, `site-${name}.png`) });
}

test("every link of every page leads somewhere, and none holds at the root of a host alone", async () => {
  expect(await brokenLinks(folder)).toEqual([]);
});

test("planted links that lead nowhere are found", async () => {
  const planted = await mkdtemp(join(tmpdir(), "tensorface-links-"));
  const link = (href: string): string => `<a class="x" href="${href}">x</a>`;
  const links = ["there.html", "there.html#place", "lost.html", "there.html#lost", "/there.html", "https://example.org/"]
    .map(link)
    .join("");
  await writeFile(join(planted, "index.html"), `${links}<script src="https://example.org/x.js"></script>`);
  await writeFile(join(planted, "there.html"), `<h2 id="place">x</h2>`);
  expect(await brokenLinks(planted)).toEqual([
    'index.html: "lost.html" leads nowhere',
    'index.html: "there.html#lost" leads to no place on that page',
    'index.html: "/there.html" holds at the root of a host alone',
    'index.html: "https://example.org/x.js" comes from elsewhere',
  ]);
  await rm(planted, { recursive: true });
});

describe.each([390, 1280])("at %i pixels", (width) => {
  test("pages fit the screen, and links lead on", async () => {
    await using visitor = await reader(width);
    const { page, open } = visitor;
    for (const [path, title] of [
      ["index.html", "TensorFace"],
      ["guide/start.html", "Start"],
      ["reference/library.html", "tensorface"],
      ["reference/configuration.html", "The training configuration"],
      ["guide/index.html", "All pages"],
    ] as const) {
      await open(path);
      await expect.poll(() => page.locator("main h1").first().textContent()).toContain(title);
      const isWide = (): Promise<boolean> =>
        page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
      await expect.poll(isWide).toBe(false);
      await shoot(page, `${path.replaceAll(/\W/g, "-")}-${width}`);
    }
    await page.locator("main").getByRole("link", { name: "Datasets", exact: true }).click();
    await expect.poll(() => page.locator("main h1").first().textContent()).toContain("Datasets");
    expect(visitor.problems).toEqual([]);
  });

  test("search finds a word on its page", async () => {
    await using visitor = await reader(width);
    const { page, open } = visitor;
    await open("index.html");
    // The page stands there before its scripts listen to keys.
    const field = page.locator("#localsearch-input");
    const isOpen = async (): Promise<boolean> => {
      await page.keyboard.press("ControlOrMeta+k");
      return field.isVisible();
    };
    await expect.poll(isOpen, { interval: 500 }).toBe(true);
    await field.fill("mixup");
    const result = page.locator(".VPLocalSearchBox a.result", { hasText: "configuration" }).first();
    await result.waitFor();
    await shoot(page, `search-${width}`);
    await result.click();
    await expect.poll(() => page.url()).toContain("/below/reference/configuration.html");
    expect(visitor.problems).toEqual([]);
  });

  test("the product's page runs in it, and finds the face of the sample", async () => {
    await using visitor = await reader(width);
    const { page, open } = visitor;
    await open("guide/web.html");
    const live = page.frameLocator(".live-page iframe");
    await live.getByRole("button", { name: "Try the sample" }).first().click();
    await expect.poll(() => live.locator("#faces-title").textContent({ timeout: 90_000 }), { timeout: 100_000 }).toBe("1 face");
    await expect.poll(() => live.locator(".working").count(), { timeout: 60_000 }).toBe(0);
    await shoot(page, `live-${width}`);
    expect(visitor.problems).toEqual([]);
  });
});
