import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join, normalize, sep } from "node:path";

const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
] as const;

/** A Chrome or Chromium: `CHROME_PATH`, then the usual places. */
export function findBrowser(): string | undefined {
  const asked = process.env["CHROME_PATH"];
  return asked === undefined || asked === "" ? usualPlaces.find((path) => existsSync(path)) : asked;
}

/** Milliseconds for what a browser should do at once, and does later where other work takes the processor. */
export const browserPatience = 90_000;

/** Flags of a browser that is for a test alone and reaches no other machine. */
export const browserFlags: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * SwiftShader, a graphics adapter in software that Debian's Chromium and Chrome bring: slow, and all of WebGPU on machines without a
 * graphics card.
 */
export const softwareAdapter: readonly string[] = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

const types: Readonly<Record<string, string>> = {
  html: "text/html",
  css: "text/css",
  svg: "image/svg+xml",
  webmanifest: "application/manifest+json",
  js: "text/javascript",
  mjs: "text/javascript",
  json: "application/json",
  wasm: "application/wasm",
  png: "image/png",
  jpg: "image/jpeg",
};

export interface StaticServer extends AsyncDisposable {
  readonly url: string;
  /** Paths that were asked for and are not there. */
  readonly missing: readonly string[];
}

export interface ServeOptions {
  /** Sends the headers that give a page threads (cross-origin isolation). @default true */
  readonly isolated?: boolean;
  /** What pages may load and run. @default everything */
  readonly contentSecurityPolicy?: string;
}

/** Serves folders by the first part of the path. */
export async function serve(
  folders: Readonly<Record<string, string>>,
  { isolated = true, contentSecurityPolicy }: ServeOptions = {},
): Promise<StaticServer> {
  const missing: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    const prefix = Object.keys(folders).find((key) => key !== "/" && path.startsWith(key)) ?? "/";
    const root = folders[prefix]!;
    const file = normalize(join(root, path === "/" ? "index.html" : path.slice(prefix.length)));
    const headers = {
      ...(isolated && { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" }),
      ...(contentSecurityPolicy !== undefined && { "content-security-policy": contentSecurityPolicy }),
      "content-type": types[file.split(".").at(-1)!] ?? "application/octet-stream",
    };
    const isBelow = file.startsWith(normalize(root).replace(/[/\\]$/, "") + sep);
    const bytes = isBelow ? readFile(file) : Promise.reject(new Error("outside the folder"));
    bytes.then(
      (bytes) => response.writeHead(200, headers).end(bytes),
      () => {
        missing.push(path);
        response.writeHead(404).end();
      },
    );
  });
  const url = await listen(server);
  return {
    url,
    missing,
    [Symbol.asyncDispose]: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("no port");
      resolve(`http://127.0.0.1:${address.port}/`);
    });
  });
}
