import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // As in web/vite.config.ts.
  resolve: { alias: { "tensorface/browser": fileURLToPath(new URL("src/_entries/browser.ts", import.meta.url)) } },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "scripts/**/*.test.ts", "bench/**/*.test.ts", "web/{src,review}/**/*.test.ts"],
    // Networks and decoders use threads of their own: more than one worker a core makes every test slower.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
