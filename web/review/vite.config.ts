import { fileURLToPath } from "node:url";
import { preact } from "@preact/preset-vite";
import { defineConfig } from "vite";

/** The page of the label review, beside the main page and apart from it: whoever opens one loads nothing of the other. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  publicDir: "public",
  plugins: [preact()],
  build: {
    outDir: fileURLToPath(new URL("../../dist/review", import.meta.url)),
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
  },
});
