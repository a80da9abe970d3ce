import { readFile } from "node:fs/promises";
import { z } from "zod";

/**
 * The closing line of `.ci/run`: `N passed, N failed`, from Vitest's JSON reports and the steps around them.
 *
 *     node scripts/count-tests.ts STEPS_PASSED STEPS_FAILED REPORT.json...
 *
 * A report that is missing (its step broke before a test ran) is a failure. Exit code 1 when anything failed.
 */
const reportSchema = z.object({ numPassedTests: z.int(), numFailedTests: z.int(), numFailedTestSuites: z.int() });

const [passedSteps = "0", failedSteps = "0", ...paths] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const path of paths) {
  try {
    const report = reportSchema.parse(JSON.parse(await readFile(path, "utf8")));
    passed += report.numPassedTests;
    // A file that cannot be loaded fails without a failed test in it.
    failed += report.numFailedTests > 0 ? report.numFailedTests : report.numFailedTestSuites;
  } catch {
    failed++;
  }
}
const brokenSteps = Number(failedSteps);
console.log(`${passedSteps} steps passed, ${brokenSteps} failed; tests:`);
console.log(`${passed} passed, ${Math.max(failed, brokenSteps)} failed`);
if (failed > 0 || brokenSteps > 0) process.exitCode = 1;
