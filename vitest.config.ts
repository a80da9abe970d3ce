import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const entry = (name: string): string => fileURLToPath(new URL(`src/_entries/${name}.ts`, import.meta.url));

export default defineConfig({
  // As in web/vite.config.ts; recipes name the package, as whoever copies one does.
  resolve: { alias: { "tensorface/browser": entry("browser"), "tensorface/train": entry("train") } },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "scripts/**/*.test.ts", "bench/**/*.test.ts", "web/{src,review}/**/*.test.ts"],
    // Networks and decoders use threads of their own: more than one worker a core makes every test slower.
    maxWorkers: 2,
    // What a test asserts of time, it says itself: these end one that hangs. Where other work has both cores, three seconds are forty.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    // A page in a browser answers late where other tests take both cores.
    expect: { poll: { timeout: 10_000 } },
  },
});
