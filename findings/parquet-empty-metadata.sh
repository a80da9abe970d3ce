#!/usr/bin/env bash
# A Parquet file with an empty list in its footer opens in DuckDB and not in parquet-wasm.
#
# hyparquet-writer writes `kvMetadata: []` (or a table without rows: no row groups) as a Thrift list of no elements whose element type is 0.
# DuckDB and hyparquet read past it; the Rust reader behind parquet-wasm wants the element type to be that of the schema, struct, for a list
# of no elements too, and refuses the whole file. So: leave `kvMetadata` out where there is nothing to say.
#
# Seen with hyparquet-writer 0.17.0, parquet-wasm 0.8.0, @duckdb/node-api 1.5.6-r.1, Node 24 (2026-11-29):
#   kvMetadata left out: DuckDB 2 rows, parquet-wasm reads it
#   kvMetadata empty:    DuckDB 2 rows, parquet-wasm: Error: Parquet error: Expected list element type of Struct but got Byte
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund hyparquet-writer@0.17.0 parquet-wasm@0.8.0 @duckdb/node-api@1.5.6-r.1
cat > look.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { readParquet } from "parquet-wasm/node";

async function look(file, options) {
  const bytes = new ByteWriter();
  const schema = [{ name: "root", num_children: 1 }, { name: "a", type: "INT32", repetition_type: "OPTIONAL" }];
  const writer = new ParquetWriter({ writer: bytes, schema, ...options });
  writer.write({ columnData: [{ name: "a", data: [1, null] }], rowGroupSize: 2 });
  writer.finish();
  writeFileSync(file, new Uint8Array(bytes.getBuffer()));
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const rows = (await connection.runAndReadAll(`SELECT * FROM '${file}'`)).getRowsJson().length;
  let rust = "reads it";
  try {
    readParquet(new Uint8Array(bytes.getBuffer()));
  } catch (error) {
    rust = String(error);
  }
  return { rows, rust };
}
const without = await look("without.parquet", {});
const empty = await look("empty.parquet", { kvMetadata: [] });
console.log(`kvMetadata left out: DuckDB ${without.rows} rows, parquet-wasm ${without.rust}`);
console.log(`kvMetadata empty:    DuckDB ${empty.rows} rows, parquet-wasm: ${empty.rust}`);
const isAsSeen = without.rows === 2 && without.rust === "reads it" && empty.rows === 2 && empty.rust.includes("Expected list element type");
process.exit(isAsSeen ? 0 : 1);
JS
node look.mjs
