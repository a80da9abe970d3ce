import { createHash } from "node:crypto";
import { z } from "zod";
import { TensorFaceError } from "../core/index.ts";
import { createAtomicWriter, readNumberedLines } from "../files/files.node.ts";
import type { ManifestWriter } from "./manifest-writer.ts";
import { createParquetManifestWriter, readParquetManifest } from "./parquet.node.ts";
import { type FaceRecord, faceRecordSchema } from "./record.ts";

async function jsonManifestWriter(path: string): Promise<ManifestWriter> {
  const writer = await createAtomicWriter(path);
  const hash = createHash("sha256");
  const finish = async (): Promise<string> => {
    await writer.flush();
    return hash.copy().digest("hex");
  };
  return {
    async write(record) {
      const line = `${JSON.stringify(record)}\n`;
      hash.update(line);
      await writer.write(line);
    },
    finish,
    async commit() {
      const sha256 = await finish();
      await writer.commit();
      return sha256;
    },
    abandon: () => writer.abandon(),
  };
}

/** Writes a manifest as JSON lines or as Parquet, by the name of the file. */
export function createManifestWriter(path: string): Promise<ManifestWriter> {
  return path.endsWith(".parquet") ? createParquetManifestWriter(path) : jsonManifestWriter(path);
}

/**
 * Writes a whole manifest in place of an old one, or nothing.
 * @param records in order of their ids
 * @param onWhole called when it is whole and not in its place yet
 * @returns the SHA-256 of its bytes
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} and what `records` throws
 */
export async function writeManifest(
  path: string,
  records: Iterable<FaceRecord> | AsyncIterable<FaceRecord>,
  onWhole?: () => Promise<void>,
): Promise<string> {
  const writer = await createManifestWriter(path);
  try {
    for await (const record of records) await writer.write(record);
    await writer.finish();
    await onWhole?.();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  // A manifest that is whole stays where the error says, if it cannot take its place.
  return writer.commit();
}

function parseLine(line: string, path: string, number: number): FaceRecord {
  try {
    return faceRecordSchema.parse(JSON.parse(line));
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : "it is not JSON";
    throw new TensorFaceError("TF_DATASET_INVALID", `"${path}" line ${number} is not a face record: ${what}`, { cause: error });
  }
}

async function* readJsonManifest(path: string): AsyncGenerator<FaceRecord> {
  for await (const { text, number } of readNumberedLines(path)) yield parseLine(text, path, number);
}

/** The records of a manifest in either form, in order, one at a time. @throws {TF_DATASET_INVALID | TF_INPUT_NOT_FOUND} */
export function readManifest(path: string): AsyncGenerator<FaceRecord> {
  return path.endsWith(".parquet") ? readParquetManifest(path) : readJsonManifest(path);
}

/** Takes records one at a time: the digest tells every change of a manifest, whichever form it is written in. */
export interface RecordDigest {
  add(record: FaceRecord): void;
  /** SHA-256 of the records so far, in hexadecimal digits. */
  hex(): string;
}

/** A digest of records as {@link readManifest} gives them: those keep the schema's order of fields. */
export function createRecordDigest(): RecordDigest {
  const hash = createHash("sha256");
  return { add: (record) => void hash.update(`${JSON.stringify(record)}\n`), hex: () => hash.copy().digest("hex") };
}
