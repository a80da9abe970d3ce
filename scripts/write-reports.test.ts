import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const run = (...args: readonly string[]): { readonly status: number | null; readonly stderr: string } =>
  spawnSync(process.execPath, ["scripts/write-reports.ts", "--dry", ...args], { encoding: "utf8" });

test("each head stands beside all that tell the same, on the parts that have labels of it", () => {
  const { status, stderr } = run("mood", "--suffix=-other", "--data", "rafdb,fairface");
  expect(status).toBe(0);
  expect(stderr.split("\n").filter((line) => line.includes(" evaluate "))).toEqual([
    expect.stringMatching(
      /imported\/rafdb --split validation --path crop --model mood-\d+ .*--model emotion .*rafdb-validation-other\.json$/,
    ),
    expect.stringMatching(/--path photo .*rafdb-validation-other-photo\.json$/),
  ]);
});

test("a set that no part is of, and two heads that would write one report, are said before anything is measured", () => {
  const unknown = run("--data", "farface");
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain("farface");
  const twice = run("faceres", "face-api-age-gender", "--data", "fairface");
  expect(twice.status).toBe(2);
  expect(twice.stderr).toContain("fairface-validation.json");
  expect(twice.stderr).not.toContain(" evaluate ");
});
