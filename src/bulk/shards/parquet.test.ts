import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { diskOf } from "../../../test/support/disk.ts";
import { createParquetFile } from "./parquet.ts";
import { readTable } from "./read-table.ts";

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

test("a table that is damaged somewhere ends in our error where it cannot be read", async () => {
  const path = join(folder, "t.parquet");
  const file = await createParquetFile(path, [{ name: "source", type: "text" }]);
  for (let row = 0; row < 100; row++) await file.write({ source: `${row}.jpg` });
  await file.commit();
  const bytes = await readFile(path);
  const read = async (at: number): Promise<unknown> => {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 0xff;
    await writeFile(path, changed);
    return Array.fromAsync(readTable(path)).catch((error: unknown) => error);
  };
  const errors: unknown[] = [];
  for (let at = 0; at < bytes.length; at += 7) errors.push(...[await read(at)].filter((result) => !Array.isArray(result)));
  expect(errors.length).toBeGreaterThan(10);
  for (const error of errors) expect(error).toMatchObject({ code: "TF_BULK_DAMAGED" });
});

/** Tables of fewer rows than a group are written when they are committed, so that a disk is full then. */
test.each([4, 60])("a table that a disk of %d bytes does not take leaves no part of it in the way", async (bytes) => {
  const file = await createParquetFile(join(folder, "t.parquet"), [{ name: "source", type: "text" }], { open: diskOf(bytes) });
  await file.write({ source: "a.jpg" });
  await expect(file.commit()).rejects.toMatchObject({ code: "TF_OUTPUT_FULL" });
  expect(await readdir(folder)).toEqual([]);
});
