import { cp, mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { preact } from "@preact/preset-vite";
import { defineConfig, type Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { bundledLicences } from "../scripts/bundled-licences.ts";
import { pageHeaders } from "../src/server/page-policy.ts";
import { readMeasures } from "./measures.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Without these headers browsers give WebAssembly no threads. Servers of the built site must send them too. */
const isolation = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  plugins: [preact(), projectFiles(), offline(), bundledLicences("licences.txt")],
  resolve: { alias: { "tensorface/browser": `${root}src/_entries/browser.ts` } },
  worker: { format: "es", plugins: () => [bundledLicences("licences-worker.txt")] },
  build: { outDir: `${root}dist/web`, emptyOutDir: true, target: "es2023", assetsInlineLimit: 0 },
  server: { headers: isolation },
  preview: { headers: isolation },
});

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
      await cp(`${root}models`, `${outDir}/models`, { recursive: true });
      await cp(`${root}examples/astronaut.png`, `${outDir}/astronaut.png`);
      await writeFile(`${outDir}/_headers`, renderHeaders());
      await writeFile(`${outDir}/measures.json`, JSON.stringify(await readMeasures(`${root}docs/lab/reports`)));
    },
  };
}

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
      ],
    },
    injectManifest: {
      globPatterns: ["**/*.{js,mjs,css,html,svg,webmanifest,json,png}"],
      globIgnores: ["models/**"],
      maximumFileSizeToCacheInBytes: 4_000_000,
    },
  });
}
