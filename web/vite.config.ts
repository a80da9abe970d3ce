import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { preact } from "@preact/preset-vite";
import libheif from "libheif-js/package.json" with { type: "json" };
import sharp from "sharp";
import { defineConfig, type Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { bundledLicences } from "../scripts/bundled-licences.ts";
import { pageHeaders } from "../src/server/page-policy.node.ts";
import { readMeasures } from "./measures.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Without these headers browsers give WebAssembly no threads. Servers of the built site must send them too. */
const isolation = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

/** For telephones, whose home screens take no drawings. Opaque corners are rounded by the system itself. */
const icons = [
  { file: "icon-192.png", side: 192, purpose: "any", drawing: "icon.svg" },
  { file: "icon-512.png", side: 512, purpose: "any", drawing: "icon.svg" },
  { file: "icon-maskable-512.png", side: 512, purpose: "maskable", drawing: "icon-maskable.svg" },
] as const;
const appleIcon = { file: "icon-apple.png", side: 180, drawing: "icon-maskable.svg" } as const;
/** Pixels of the drawings' side at 72 dots an inch. */
const drawnSide = 64;

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  plugins: [preact(), projectFiles(), pngIcons(), offline(), bundledLicences("licences.txt")],
  resolve: { alias: { "tensorface/browser": `${root}src/_entries/browser.ts` } },
  worker: { format: "es", plugins: () => [bundledLicences("licences-worker.txt")] },
  build: { outDir: `${root}dist/web`, emptyOutDir: true, target: "es2023", assetsInlineLimit: 0 },
  server: { headers: isolation },
  preview: { headers: isolation },
});

/** Renders the icons from their drawings, so that there is one of each. */
function pngIcons(): Plugin {
  let folders = { from: "", to: "" };
  return {
    name: "tensorface-icons",
    configResolved: ({ publicDir, build }) => {
      folders = { from: publicDir, to: build.outDir };
    },
    transformIndexHtml: () => [{ tag: "link", attrs: { rel: "apple-touch-icon", href: `./${appleIcon.file}` }, injectTo: "head" }],
    writeBundle: async () => {
      for (const { file, side, drawing } of [...icons, appleIcon]) {
        const density = (72 * side) / drawnSide;
        await sharp(`${folders.from}/${drawing}`, { density }).resize(side, side).png().toFile(`${folders.to}/${file}`);
      }
    },
  };
}

/** Puts the networks, what was measured of them, and the sample picture beside the page. */
function projectFiles(): Plugin {
  let outDir = "";
  return {
    name: "tensorface-files",
    configResolved: (config) => {
      outDir = config.build.outDir;
    },
    writeBundle: async () => {
      await mkdir(`${outDir}/models`, { recursive: true });
      // Networks that are only measured against are not published.
      await cp(`${root}models`, `${outDir}/models`, {
        recursive: true,
        filter: (path) => !["rivals", "prepared"].includes(basename(path)),
      });
      await cp(`${root}examples/astronaut.png`, `${outDir}/astronaut.png`);
      await copyHeicDecoder(outDir);
      await writeFile(`${outDir}/_headers`, renderHeaders());
      await writeFile(`${outDir}/measures.json`, JSON.stringify(await readMeasures(`${root}docs/lab/reports`)));
    },
  };
}

/**
 * libheif, whole and unchanged, in a file of its own that anybody can exchange for another build, as its licence asks (LGPL-3.0); with the
 * licence and where its source is.
 */
async function copyHeicDecoder(outDir: string): Promise<void> {
  const from = `${root}node_modules/libheif-js`;
  const to = `${outDir}/heic`;
  await mkdir(to, { recursive: true });
  await cp(`${from}/libheif-wasm/libheif-bundle.mjs`, `${to}/libheif-bundle.mjs`);
  const licence = await readFile(`${from}/libheif-wasm/LICENSE`, "utf8");
  await writeFile(`${to}/licence.txt`, `${heicNotice}\n${licence}`);
}

const heicNotice = `libheif-bundle.mjs is libheif with libde265, built as WebAssembly by libheif-js ${libheif.version}, unchanged.
It may be exchanged for another build of the same interface. Source: https://github.com/strukturag/libheif,
https://github.com/strukturag/libde265, https://github.com/catdad-experiments/libheif-js (tag v${libheif.version}).
`;

/** The server's headers for other web spaces, in the form that Netlify and Cloudflare Pages read. */
function renderHeaders(): string {
  const lines = Object.entries(pageHeaders).map(([name, value]) => `  ${name}: ${value}\n`);
  return `/*\n${lines.join("")}`;
}

/** What makes the page installable, and the service worker that keeps it: the networks and the engine are kept by others. */
function offline() {
  return VitePWA({
    strategies: "injectManifest",
    srcDir: "src/service-worker",
    filename: "service-worker.ts",
    injectRegister: "script-defer",
    manifest: {
      id: "./",
      name: "TensorFace",
      short_name: "TensorFace",
      description: "Apparent age, gender and mood of every face in a photo, on your device",
      display: "standalone",
      background_color: "#f7f5f1",
      theme_color: "#1f6f5c",
      icons: [
        { src: "icon.svg", sizes: "any", type: "image/svg+xml", purpose: "any" },
        { src: "icon-maskable.svg", sizes: "any", type: "image/svg+xml", purpose: "maskable" },
        ...icons.map(({ file, side, purpose }) => ({ src: file, sizes: `${side}x${side}`, type: "image/png", purpose })),
      ],
    },
    injectManifest: {
      globPatterns: ["**/*.{js,mjs,css,html,svg,webmanifest,json,png}"],
      // What the server says of itself is asked of it each time.
      globIgnores: ["models/**", "server.json"],
      maximumFileSizeToCacheInBytes: 4_000_000,
    },
  });
}
