import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { parquetWriteFile } from "hyparquet-writer/src/node.js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createParquetManifestWriter, readParquetManifest } from "./parquet.node.ts";
import type { FaceRecord } from "./record.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-parquet-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const records = ["a", "b"].map((id): FaceRecord => {
  const labels = { age: { low: 20, high: 29 }, mood: "happy" as const };
  return { id, file: `${id}.png`, sha256: id.repeat(64), width: 48, height: 40, labels, source: "test", split: "train" };
});

test("columns that somebody added to a manifest are left alone, whatever they hold", async () => {
  const [own, longer] = [join(folder, "manifest.parquet"), join(folder, "longer.parquet")];
  const writer = await createParquetManifestWriter(own);
  for (const record of records) await writer.write(record);
  await writer.commit();
  expect(await Array.fromAsync(readParquetManifest(own))).toEqual(records);
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(own) });
  const columnData = Object.keys(rows[0]!).map((name) => {
    const data = rows.map((row): unknown => row[name]);
    return { name, data, type: typeof data[0] === "number" ? ("INT32" as const) : ("STRING" as const) };
  });
  // In a coding that is not read.
  const added = { name: "note", data: ["one", "two"], type: "STRING" as const, codec: "LZ4_RAW" as const };
  parquetWriteFile({ filename: longer, columnData: [...columnData, added], compressors: { LZ4_RAW: (bytes) => bytes } });
  expect(await Array.fromAsync(readParquetManifest(longer))).toEqual(records);
});

test("a manifest that is whole and cannot take its place stays where the error says", async () => {
  const path = join(folder, "manifest.parquet");
  const writer = await createParquetManifestWriter(path);
  for (const record of records) await writer.write(record);
  // In the way: Windows says so otherwise than others.
  await mkdir(path);
  await expect(writer.commit()).rejects.toMatchObject({
    code: "TF_OUTPUT_UNWRITABLE",
    hint: expect.stringContaining(`${path}.partial`) as string,
  });
  expect((await readFile(`${path}.partial`)).toString("latin1")).toMatch(/^PAR1.*PAR1$/s);
});
