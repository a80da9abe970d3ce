import { mkdtemp, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSummaries } from "./summaries.ts";

test.runIf(process.platform === "linux")("where the second file of events cannot be opened, the first is closed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "summaries-"));
  try {
    await writeFile(join(folder, "validation"), "no folder");
    await expect(openSummaries(folder)).rejects.toMatchObject({ code: "TF_OUTPUT_UNWRITABLE" });
    const opened = (await readdir("/proc/self/fd")).map(async (number) => readlink(`/proc/self/fd/${number}`).catch(() => ""));
    expect((await Promise.all(opened)).filter((path) => path.startsWith(folder))).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
