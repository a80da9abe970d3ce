import { defineConfig } from "tsdown";

/** Loaded whole, with its texts in fifty languages, zod takes longer to start than the engine: of it, only what is used is bundled. */
const zod = /^zod(?:\/|$)/;

/**
 * Three entries: the library for Node, the library for browsers, the command; and the threads that are
 * started by their file, for long rows of pictures and for training. Dependencies stay outside, save zod.
 */
export default defineConfig([
  {
    entry: {
      index: "src/_entries/node.ts",
      cli: "src/_entries/cli.ts",
      "analysis-thread": "src/analyze/crew/analysis-thread.node.ts",
      "augmentation-worker": "src/train/augment/augmentation-worker.node.ts",
    },
    platform: "node",
    deps: { alwaysBundle: [zod], dts: { neverBundle: [zod] } },
    target: "node22.18",
    dts: { entry: ["src/_entries/node.ts"] },
    // The page is built into dist/web by another tool.
    clean: ["dist/*.js", "dist/*.d.ts"],
    outExtensions: () => ({ js: ".js", dts: ".d.ts" }),
  },
  {
    entry: { browser: "src/_entries/browser.ts" },
    platform: "browser",
    target: "es2023",
    dts: true,
    clean: false,
    outExtensions: () => ({ js: ".js", dts: ".d.ts" }),
  },
]);
