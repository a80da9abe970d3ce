import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";

test("the card of a model that is no longer here is named, and fails the check", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-cards-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "docs", "models"), { recursive: true });
  const write = (...words: readonly string[]): { readonly status: number | null; readonly stdout: string } =>
    spawnSync(process.execPath, [resolve("scripts/write-model-cards.ts"), ...words], { cwd: folder, encoding: "utf8" });
  expect(write().status).toBe(0);
  expect(write("--check").status).toBe(0);
  await writeFile(join(folder, "docs", "models", "age-gender-5.md"), "# Earlier\n");
  const { status, stdout } = write("--check");
  expect(status).toBe(1);
  expect(stdout).toContain("age-gender-5.md: its model is no longer here");
  expect(stdout).not.toContain("out of date");
}, 60_000);
