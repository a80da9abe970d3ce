import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { createAnalyzer, type AnalysisOutcome } from "../../src/_entries/node.ts";
import { buildApp, listen, type ServerOptions } from "../../src/server/index.ts";
import { browserFlags, browserPatience, findBrowser } from "./browser.ts";

const web = fileURLToPath(new URL("../../web", import.meta.url));
const modelRoot = fileURLToPath(new URL("../../models", import.meta.url));

/** Builds the page into a new folder below `folder`, as `npm run build:web` does into `dist/web`. */
export async function buildPage(folder: string): Promise<string> {
  const outDir = join(folder, "page");
  const asked = process.env["NODE_ENV"];
  // Vite believes what a test runner says here, and then builds a page for development, six kilobytes larger.
  process.env["NODE_ENV"] = "production";
  try {
    await build({ root: web, configFile: join(web, "vite.config.ts"), logLevel: "silent", build: { outDir, emptyOutDir: true } });
  } finally {
    if (asked === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = asked;
  }
  return outDir;
}

export interface PageServer extends AsyncDisposable {
  readonly address: string;
  /** Pictures that were sent to the API. */
  readonly uploads: () => number;
}

/** The product's own server with the built page, its headers and its API. */
export async function servePage(
  webRoot: string,
  { token, models }: Pick<ServerOptions, "token"> & { readonly models?: readonly string[] } = {},
): Promise<PageServer> {
  const analyzer = await createAnalyzer({ models });
  let uploads = 0;
  const counting: typeof analyzer = {
    models: analyzer.models,
    manifests: analyzer.manifests,
    tasks: analyzer.tasks,
    device: analyzer.device,
    analyze: async (...given) => {
      uploads++;
      return analyzer.analyze(...given);
    },
    analyzeAll: (...given) => analyzer.analyzeAll(...given),
    dispose: async () => analyzer.dispose(),
    [Symbol.asyncDispose]: async () => analyzer.dispose(),
  };
  const annotate = async (): Promise<Uint8Array> => new Uint8Array();
  const parts = { analyzer: counting, annotate, manifests: analyzer.manifests, version: "0.0.0" };
  const app = await buildApp(parts, { logLevel: "silent", webRoot, modelRoot, requestsPerMinute: 100_000, token });
  const address = await listen(app, { port: 0, hasToken: token !== undefined });
  return {
    address,
    uploads: () => uploads,
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await analyzer.dispose();
    },
  };
}

/** A browser for one test file; further flags stand for devices. */
export async function startBrowser(...flags: readonly string[]): Promise<Browser> {
  return chromium.launch({ executablePath: findBrowser()!, args: [...browserFlags, ...flags], timeout: browserPatience });
}

export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** What went wrong in the page or was written to its console as an error, or by the browser about a header. */
  readonly problems: readonly string[];
}

/** A visitor with a browser profile of their own. */
export async function visit(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, acceptDownloads: true, ...options });
  context.setDefaultTimeout(browserPatience);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    const isAboutHeader = message.type() === "warning" && /^Error with .* header/.test(message.text());
    if (message.type() === "error" || isAboutHeader) problems.push(message.text());
  });
  await page.goto(address);
  await page.waitForSelector("main h1");
  return { page, problems, [Symbol.asyncDispose]: async () => context.close() };
}

/** Chooses files with the page's own button. */
export async function choosePhotos(page: Page, ...files: readonly string[]): Promise<void> {
  await page.locator("input[type=file]:not([webkitdirectory])").first().setInputFiles(files);
}

/** Drops a file on the page, as a file manager would. */
export async function dropPhoto(page: Page, path: string, type: string): Promise<void> {
  const bytes = await readFile(path, "base64");
  await page.evaluate(
    ({ bytes, name, type }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.fromBase64(bytes)], name, { type }));
      const event = (kind: string): DragEvent => new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true });
      for (const kind of ["dragenter", "dragover", "drop"]) document.querySelector("main")!.dispatchEvent(event(kind));
    },
    { bytes, name: path.split("/").at(-1)!, type },
  );
}

/** Waits until every photo has its outcome. */
export async function untilDone(page: Page, { timeout = browserPatience }: { readonly timeout?: number } = {}): Promise<void> {
  await page.waitForFunction(
    () => document.querySelector(".working") === null && document.querySelector("#faces-title, .stage, main .failure") !== null,
    undefined,
    { timeout },
  );
}

/** What the button "JSON" saves. */
export async function savedOutcomes(page: Page): Promise<readonly AnalysisOutcome[]> {
  return JSON.parse(await savedText(page, "JSON")) as AnalysisOutcome[];
}

/** The text of the file that a button saves. */
export async function savedText(page: Page, button: string): Promise<string> {
  return (await savedFile(page, button)).toString();
}

export async function savedFile(page: Page, button: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button, exact: true }).click()]);
  return readFile(await download.path());
}
