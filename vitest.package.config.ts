import { defineConfig } from "vitest/config";

/** Tests of what a user installs: they build, pack and install, which takes longer than `npm test` may. */
export default defineConfig({
  test: {
    include: ["test/package/*.check.ts"],
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 1_200_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
