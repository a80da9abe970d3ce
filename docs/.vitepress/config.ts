import { readFileSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { defineConfig, type MarkdownRenderer } from "vitepress";
import { z } from "zod";
import { linksToPlaces, placeOf } from "./links.ts";
import { sidebarOf } from "./sidebar.ts";

/**
 * The site: the Markdown files of the repository as they are, and the product's page, which runs in it. Everything is beside it and every
 * address is relative, so that it may lie in any folder of a web space, and asks nobody else for anything.
 */

const root = fileURLToPath(new URL("../..", import.meta.url));
const { sidebar } = sidebarOf(join(root, "docs/guide/README.md"), join(root, "docs/decisions/README.md"));
const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
const icon = readFileSync(join(root, "web/public/icon.svg"), "utf8");
/** Files that pages link to and that are no pages: reports, logs, descriptions. */
const linked = new Set<string>();

// oxlint-disable-next-line import/no-default-export -- VitePress takes the default export.
export default defineConfig({
  title: "TensorFace",
  description: "Finds the faces in a picture and tells apparent age, gender and mood, on your machine.",
  srcDir: root,
  srcExclude: ["{node_modules,dist,out,src,test,bench,scripts,web,findings,models,recipes,LICENSES,.*}/**", "docs/models/*.notes.md"],
  rewrites: placeOf,
  outDir: join(root, "out", "site"),
  cacheDir: join(root, "out", "site-cache"),
  base: "./",
  lastUpdated: false,
  // In the page itself: a relative address would be another one on every page.
  head: [["link", { rel: "icon", href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],
  markdown: {
    // Anchors as other places that show these files make them, so that one link serves all.
    anchor: {
      slugify: (text) =>
        text
          .trim()
          .toLowerCase()
          .replaceAll(/[^\p{Letter}\p{Number}\p{Mark}_ -]/gu, "")
          .replaceAll(" ", "-"),
    },
    config: (markdown: MarkdownRenderer) => linksToPlaces(markdown, { root, linked }),
    languageAlias: { help: "txt", "js browser": "js" },
  },
  themeConfig: {
    nav: [
      { text: "Guide", link: "/guide/start" },
      { text: "Reference", link: "/reference/library" },
      { text: "Try it", link: "/guide/web" },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: "local" },
    footer: { message: `TensorFace ${version}, MIT licence` },
  },
  vite: {
    configFile: false,
    logLevel: "warn",
    // What a search looks through is one file.
    build: { chunkSizeWarningLimit: 4_000 },
  },
  buildEnd: async ({ outDir }) => {
    for (const file of linked) {
      const target = join(outDir, placeOf(file));
      await mkdir(dirname(target), { recursive: true });
      await cp(join(root, file), target);
    }
    const page = join(root, "web");
    const app = { outDir: join(outDir, "app"), emptyOutDir: true };
    await build({ root: page, configFile: join(page, "vite.config.ts"), logLevel: "warn", build: app });
  },
});
