import { DuckDBInstance } from "@duckdb/node-api";
import { appendFile, cp, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { readParquet } from "parquet-wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { readTable } from "../src/bulk/shards/read-table.ts";
import { mergeResults, readStatus, verifyResults } from "../src/bulk/bulk-work.node.ts";
import { type DrawnPlan, drawPlan, planFolder, resultHashes, type TestWork, workOn } from "./support/bulk.ts";

let drawn: DrawnPlan;
const at = (name: string): string => drawn.at(name);
beforeAll(async () => {
  drawn = await drawPlan(23, 5);
}, 300_000);
afterAll(() => drawn.remove());

describe("a plan that is worked on", () => {
  test("has a table and its figures for each shard, and says how far it is", async () => {
    expect(Object.keys(drawn.whole)).toHaveLength(10);
    const status = await readStatus(at("whole"));
    expect(status.done).toEqual({ shards: 5, pictures: 24, faces: 19, failed: { TF_IMAGE_FORMAT_UNSUPPORTED: 1 } });
    expect(status.workers).toEqual([]);
    expect(await verifyResults(at("whole"))).toEqual({
      shards: { whole: 5, missing: 0, all: 5 },
      damaged: [],
      foreign: [],
      unfinished: [],
    });
  });

  test("gives the same bytes by two workers at once, by parts, and by single shards", async () => {
    const two = await drawn.planned("two");
    await Promise.all([workOn(two), workOn(two)]);
    expect(await resultHashes(two)).toEqual(drawn.whole);
    const parts = await drawn.planned("parts");
    const { state } = await workOn(parts, { part: { index: 1, of: 2 } });
    expect(state.shards.done).toBe(2);
    await workOn(parts, { shard: 4 });
    expect(Object.keys(await resultHashes(parts)).filter((name) => name.endsWith("stats.json"))).toEqual([
      "00001_stats.json",
      "00003_stats.json",
      "00004_stats.json",
    ]);
    await workOn(parts, { part: { index: 0, of: 2 } });
    expect(await resultHashes(parts)).toEqual(drawn.whole);
  }, 300_000);

  test("stops between two shards, and goes on", async () => {
    const out = await drawn.planned("stopped");
    const stopping = new AbortController();
    await workOn(out, { stopping: stopping.signal, onEvent: () => stopping.abort() });
    expect((await readStatus(out)).done.shards).toBe(1);
    await workOn(out);
    expect(await resultHashes(out)).toEqual(drawn.whole);
  }, 300_000);
});

describe("what does not fit together is refused:", () => {
  test("a second plan in a folder, and a plan in a folder with something else", async () => {
    await expect(planFolder(at("whole"), { shardSize: 5, base: drawn.base })).rejects.toMatchObject({ code: "TF_BULK_EXISTS" });
    await expect(planFolder(at("photos"), { shardSize: 5, base: drawn.base })).rejects.toMatchObject({ code: "TF_BULK_EXISTS" });
  });

  test("another model, and another version, than when the plan was made", async () => {
    const out = await drawn.planned("changed");
    await workOn(out, { shard: 0 });
    const plan = await readFile(join(out, "bulk.json"), "utf8");
    for (const changed of [plan.replace(/("id": "age-gender-10",\s+"sha256": ")./, "$1x"), plan.replace(/("sharp": ")/, "$10.")]) {
      expect(changed).not.toBe(plan);
      await writeFile(join(out, "bulk.json"), changed);
      await expect(workOn(out)).rejects.toMatchObject({ code: "TF_BULK_CHANGED" });
    }
  }, 240_000);

  test("a plan whose lists were touched, and a folder without one", async () => {
    const out = await drawn.planned("touched");
    await cp(join(out, "inputs/00001.jsonl.gz"), join(out, "inputs/00000.jsonl.gz"));
    await expect(workOn(out, { shard: 0 })).rejects.toMatchObject({ code: "TF_BULK_DAMAGED" });
    await appendFile(join(out, "shards.jsonl"), "\n{}\n");
    await expect(workOn(out)).rejects.toMatchObject({ code: "TF_BULK_DAMAGED" });
    await expect(workOn(at("photos"))).rejects.toMatchObject({ code: "TF_INPUT_NOT_FOUND" });
  }, 240_000);
});

test("damaged results are named, dropped, and made again", async () => {
  const out = await drawn.planned("damaged");
  await workOn(out);
  const tables = (await readdir(out)).filter((name) => name.endsWith(".parquet")).toSorted();
  await truncate(join(out, tables[1]!), 1000);
  const bytes = await readFile(join(out, tables[3]!));
  bytes[500]! ^= 1;
  await writeFile(join(out, tables[3]!), bytes);
  await writeFile(join(out, "00001-0123456789ab.parquet"), bytes);
  const unfinished = join(out, `.${tables[0]}.4711-0.part`);
  await writeFile(unfinished, bytes);
  expect(await verifyResults(out)).toMatchObject({ unfinished: [unfinished] });
  const found = await verifyResults(out, { drop: true });
  expect(found.shards).toEqual({ whole: 3, missing: 0, all: 5 });
  expect(found.damaged.map(({ file }) => file)).toEqual([join(out, tables[1]!), join(out, tables[3]!)]);
  expect(found.foreign).toEqual([join(out, "00001-0123456789ab.parquet")]);
  expect(existsSync(unfinished)).toBe(false);
  await rm(join(out, "00001-0123456789ab.parquet"));
  await workOn(out);
  expect(await resultHashes(out)).toEqual(drawn.whole);
}, 300_000);

test("a folder of pictures that vanishes is waited for, and is no failure of its pictures", async () => {
  const out = await drawn.planned("vanished");
  try {
    // In the middle: while the first shard is looked at.
    const told: string[] = [];
    const onEvent: TestWork["onEvent"] = (event) => {
      if (existsSync(at("photos"))) renameSync(at("photos"), at("photos-away"));
      if (event.kind === "trouble") told.push(event.what);
    };
    // What was planned is named, and no picture.
    const message = '"photos" is not there';
    await expect(workOn(out, { patience: [100, 200], onEvent })).rejects.toMatchObject({ code: "TF_INPUT_AWAY", message });
    expect(told).toEqual([`${message}; looking again in 0.1 s`, `${message}; looking again in 0.2 s`]);
    const kept = await resultHashes(out);
    expect(Object.keys(kept).length).toBeLessThan(10);
    expect(drawn.whole).toMatchObject(kept);
    setTimeout(() => void rename(at("photos-away"), at("photos")), 3000);
    await workOn(out, { patience: Array.from({ length: 100 }, () => 500) });
  } finally {
    await rename(at("photos-away"), at("photos")).catch(() => undefined);
  }
  expect(await resultHashes(out)).toEqual(drawn.whole);
}, 300_000);

describe("tables", () => {
  const rowSchema = z.record(z.string(), z.unknown());

  async function ask(query: string): Promise<Record<string, unknown>[]> {
    const database = await DuckDBInstance.create(":memory:");
    const connection = await database.connect();
    try {
      const reader = await connection.runAndReadAll(query);
      return z.array(rowSchema).parse(reader.getRowObjectsJson());
    } finally {
      connection.closeSync();
      database.closeSync();
    }
  }

  test("open in DuckDB with types that were written down, missing stays missing", async () => {
    const types = await ask(`DESCRIBE SELECT * FROM '${at("whole")}/*.parquet'`);
    const typeOf = Object.fromEntries(types.map((row) => [row["column_name"], row["column_type"]]));
    expect(typeOf).toMatchObject({ picture: "BIGINT", source: "VARCHAR", width: "INTEGER", face_count: "INTEGER", error_code: "VARCHAR" });
    expect(typeOf["faces"]).toMatch(/^STRUCT\(face INTEGER, x DOUBLE, .*gender VARCHAR, gender_confidence DOUBLE,.*\)\[\]$/);
    const rows = await ask(
      `SELECT picture, width, face_count, len(faces) AS n, error_code FROM '${at("whole")}/*.parquet' ORDER BY picture`,
    );
    expect(rows).toHaveLength(24);
    expect(rows[4]).toMatchObject({ picture: "4", width: 108, face_count: 0, n: "0", error_code: null });
    expect(rows[23]).toMatchObject({ width: null, face_count: null, n: null, error_code: "TF_IMAGE_FORMAT_UNSUPPORTED" });
  });

  /** By Rust's Parquet and Arrow, which share nothing with who wrote them. */
  async function readByArrow(path: string): Promise<{ readonly types: Record<string, string>; readonly rows: unknown[] }> {
    const table = tableFromIPC(readParquet(await readFile(path)).intoIPCStream());
    const types = table.schema.fields.map(({ name, type }) => [name, String(type)] as const);
    // BigInt for whole numbers of 64 bits: JSON has none.
    const rows: unknown = JSON.parse(
      JSON.stringify(table.toArray(), (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value)),
    );
    return { types: Object.fromEntries(types), rows: z.array(z.unknown()).parse(rows) };
  }

  test("open in a second reader with the same types: whole numbers whole, missing missing, nested and flat", async () => {
    const [pictures, faces] = [at("second-pictures.parquet"), at("second-faces.parquet")];
    await mergeResults(at("whole"), pictures);
    await mergeResults(at("whole"), faces, { rows: "faces" });
    const nested = await readByArrow(pictures);
    expect(nested.types).toMatchObject({ picture: "Int64", source: "Utf8", key: "Utf8", width: "Int32", face_count: "Int32" });
    expect(nested.types["faces"]).toMatch(/^List<Struct<\{face:Int32, x:Float64, .*gender:Utf8, gender_confidence:Float64,/);
    expect(nested.rows).toHaveLength(24);
    expect(nested.rows[0]).toMatchObject({ picture: "0n", key: null, width: 96, face_count: 1, error_code: null, faces: [{ face: 1 }] });
    expect(nested.rows[4]).toMatchObject({ picture: "4n", width: 108, face_count: 0, faces: [] });
    expect(nested.rows[23]).toMatchObject({ width: null, face_count: null, faces: null, error_code: "TF_IMAGE_FORMAT_UNSUPPORTED" });
    const flat = await readByArrow(faces);
    expect(flat.types).toMatchObject({ picture: "Int64", width: "Int32", face: "Int32", x: "Float64", gender: "Utf8" });
    expect(flat.rows).toHaveLength(19);
    const { value: first } = await readTable(faces).next();
    expect(flat.rows[0]).toMatchObject({ ...first, picture: "0n" });
    const shard = (await readdir(at("whole"))).find((name) => name.endsWith(".parquet"))!;
    expect((await readByArrow(join(at("whole"), shard))).types).toEqual(nested.types);
  });

  test("of a collection without any face open in both readers: no row, and the types", async () => {
    const [out, faces] = [at("faceless"), at("faceless.parquet")];
    await planFolder(out, { shardSize: 5, base: drawn.base, inputs: ["photos/broken.jpg"] });
    await workOn(out);
    expect(await mergeResults(out, faces, { rows: "faces" })).toEqual({ rows: 0, shards: 1 });
    expect(await ask(`SELECT count(*) AS rows FROM '${faces}'`)).toEqual([{ rows: "0" }]);
    const { types, rows } = await readByArrow(faces);
    expect(rows).toEqual([]);
    expect(types).toMatchObject({ picture: "Int64", width: "Int32", face: "Int32", x: "Float64", gender: "Utf8" });
    expect(await Array.fromAsync(readTable(faces))).toEqual([]);
  }, 240_000);

  test("are not put together where one is not as it was written, though it can be read", async () => {
    const [out, merged] = [at("bent"), at("bent.parquet")];
    await cp(at("whole"), out, { recursive: true });
    const shard = join(
      out,
      (await readdir(out)).find((name) => /^00003-.*parquet$/.test(name))!,
    );
    const bytes = await readFile(shard);
    // The name of a picture.
    const letter = bytes.indexOf("photos/") + "photos/".length;
    bytes[letter]! ^= 1;
    await writeFile(shard, bytes);
    expect(await Array.fromAsync(readTable(shard))).toHaveLength(5);
    await expect(mergeResults(out, merged)).rejects.toMatchObject({ code: "TF_BULK_DAMAGED", message: expect.stringContaining(shard) });
    expect(existsSync(merged)).toBe(false);
  });

  test("are put together, as pictures and as faces", async () => {
    const [pictures, faces] = [at("pictures.parquet"), at("faces.parquet")];
    expect(await mergeResults(at("whole"), pictures)).toEqual({ rows: 24, shards: 5 });
    expect(await mergeResults(at("whole"), faces, { rows: "faces" })).toEqual({ rows: 19, shards: 5 });
    const nested = await ask(`SELECT source, f.* FROM (SELECT source, unnest(faces) AS f FROM '${at("whole")}/*.parquet') ORDER BY source`);
    const flat = await ask(`SELECT * EXCLUDE (picture, key, width, height, face_count) FROM '${faces}' ORDER BY source`);
    expect(flat).toEqual(nested);
    expect(await ask(`SELECT * FROM '${pictures}'`)).toEqual(await ask(`SELECT * FROM '${at("whole")}/*.parquet' ORDER BY picture`));
    const out = await drawn.planned("unfinished");
    await expect(mergeResults(out, pictures)).rejects.toMatchObject({ code: "TF_OUTPUT_UNFINISHED" });
    await expect(mergeResults(at("whole"), at("faces.csv"))).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
    const shard = (await readdir(at("whole"))).find((name) => name.endsWith(".parquet"))!;
    await expect(mergeResults(at("whole"), join(at("whole"), shard))).rejects.toMatchObject({
      message: expect.stringContaining("table of a shard"),
    });
  });
});
