import { defineConfig } from "vitest/config";

/** Tests of the page in a real browser that take longer than `npm test` may. */
export default defineConfig({
  test: {
    include: ["test/page/*.check.ts"],
    globalSetup: ["test/page/prepare.ts"],
    maxWorkers: 1,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // A page in a browser answers late where other work takes both cores.
    expect: { poll: { timeout: 30_000 } },
  },
});
