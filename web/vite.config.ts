import { cp, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import preact from "@preact/preset-vite";
import { defineConfig, type Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Without these headers browsers give WebAssembly no threads. Servers of the built site must send them too. */
const isolation = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  plugins: [preact(), projectFiles(), offline()],
  resolve: { alias: { "tensorface/browser": `${root}src/_entries/browser.ts` } },
  worker: { format: "es" },
  build: { outDir: `${root}dist/web`, emptyOutDir: true, target: "es2023", assetsInlineLimit: 0 },
  server: { headers: isolation },
  preview: { headers: isolation },
});

/** Puts the networks and the sample picture beside the page. */
function projectFiles(): Plugin {
  let outDir = "";
  return {
    name: "tensorface-files",
    configResolved: (config) => {
      outDir = config.build.outDir;
    },
    closeBundle: async () => {
      await mkdir(`${outDir}/models`, { recursive: true });
      await cp(`${root}models`, `${outDir}/models`, { recursive: true });
      await cp(`${root}examples/astronaut.png`, `${outDir}/astronaut.png`);
    },
  };
}

/** A service worker that keeps page and engine, so that the page opens without a network; networks are kept by the registry. */
function offline() {
  return VitePWA({
    registerType: "autoUpdate",
    injectRegister: "script-defer",
    includeAssets: ["icon.svg"],
    manifest: {
      name: "TensorFace",
      short_name: "TensorFace",
      description: "Apparent age, gender and mood of every face in a photo, on your device",
      display: "standalone",
      background_color: "#f7f5f1",
      theme_color: "#1f6f5c",
      icons: [{ src: "icon.svg", sizes: "any", type: "image/svg+xml", purpose: "any" }],
    },
    workbox: {
      globPatterns: ["**/*.{js,mjs,css,html,svg,webmanifest}"],
      maximumFileSizeToCacheInBytes: 4_000_000,
      runtimeCaching: [
        {
          urlPattern: ({ url }) => /\.(wasm|png)$/.test(url.pathname) || url.pathname.includes("/models/"),
          handler: "CacheFirst",
          options: { cacheName: "tensorface-files" },
        },
      ],
    },
  });
}
