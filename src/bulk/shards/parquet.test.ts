import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { diskOf } from "../../../test/support/disk.ts";
import { createParquetFile } from "./parquet.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-parquet-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("a table takes the place of what a killed process has left of it", async () => {
  const killed = promisify(execFile)(process.execPath, [
    "--input-type=module",
    "--eval",
    `import { createParquetFile } from ${JSON.stringify(new URL("parquet.ts", import.meta.url).href)};
    await createParquetFile(${JSON.stringify(join(folder, "t.parquet"))}, [{ name: "source", type: "text" }]);
    process.kill(process.pid, "SIGKILL");`,
  ]);
  await expect(killed).rejects.toMatchObject({ signal: "SIGKILL" });
  expect(await readdir(folder)).toHaveLength(1);
  const file = await createParquetFile(join(folder, "t.parquet"), [{ name: "source", type: "text" }]);
  await file.commit();
  expect(await readdir(folder)).toEqual(["t.parquet"]);
});

/** Tables of fewer rows than a group are written when they are committed, so that a disk is full then. */
test.each([4, 60])("a table that a disk of %d bytes does not take leaves no part of it in the way", async (bytes) => {
  const file = await createParquetFile(join(folder, "t.parquet"), [{ name: "source", type: "text" }], { open: diskOf(bytes) });
  await file.write({ source: "a.jpg" });
  await expect(file.commit()).rejects.toMatchObject({ code: "TF_OUTPUT_FULL" });
  expect(await readdir(folder)).toEqual([]);
});
