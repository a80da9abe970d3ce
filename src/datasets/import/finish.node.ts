import { join } from "node:path";
import { z } from "zod";
import { createTally, type Tally } from "../counts.ts";
import type { DatasetCounts } from "../dataset-info.ts";
import { createAtomicWriter } from "../../files/files.node.ts";
import { createManifestWriter } from "../manifest.node.ts";
import { faceRecordSchema } from "../record.ts";
import { rejectionsFile } from "../rejections.node.ts";
import { type KeyedLine, sortLines } from "./external-sort.node.ts";
import { type Rejection, rejectionSchema, type Workspace } from "./workspace.node.ts";

const faceLineSchema = z.tuple([z.int(), z.array(z.string()), faceRecordSchema]);

function placeKey(row: number): string {
  return String(row).padStart(12, "0");
}

/** By id, and of equal ids the earlier row first, whenever it was looked at; no character sorts before the one between. */
async function* faceLines(workspace: Workspace): AsyncGenerator<KeyedLine> {
  for await (const entry of workspace.entries()) {
    if ("face" in entry)
      yield { key: `${entry.face.id}\u0000${placeKey(entry.n)}`, line: JSON.stringify([entry.n, entry.notes, entry.face]) };
  }
}

function rejectionLine(row: number, rejection: Rejection): KeyedLine {
  return { key: placeKey(row), line: JSON.stringify(rejection) };
}

async function* rejectionLines(workspace: Workspace, duplicates: readonly KeyedLine[]): AsyncGenerator<KeyedLine> {
  for await (const entry of workspace.entries()) {
    if ("rejection" in entry) yield rejectionLine(entry.n, entry.rejection);
  }
  yield* duplicates;
}

/** Writes the sorted manifest; of records with one id the first stays, the others come back as rejections. */
async function writeManifest(workspace: Workspace, path: string, tally: Tally): Promise<{ sha256: string; duplicates: KeyedLine[] }> {
  const writer = await createManifestWriter(path);
  const duplicates: KeyedLine[] = [];
  let previous: string | undefined;
  for await (const { line } of sortLines(faceLines(workspace), { folder: join(workspace.folder, "faces") })) {
    const [row, notes, record] = faceLineSchema.parse(JSON.parse(line));
    if (record.id === previous) {
      const where = `${record.source} row ${row + 1}`;
      const detail = `the id "${record.id}" was there before`;
      duplicates.push(rejectionLine(row, { row: where, file: record.file, reason: "duplicate-id", detail }));
      continue;
    }
    previous = record.id;
    tally.face(record, notes);
    await writer.write(record);
  }
  return { sha256: await writer.commit(), duplicates };
}

async function writeRejections(workspace: Workspace, path: string, duplicates: readonly KeyedLine[], tally: Tally): Promise<void> {
  const writer = await createAtomicWriter(path);
  for await (const { line } of sortLines(rejectionLines(workspace, duplicates), { folder: join(workspace.folder, "rejections") })) {
    tally.rejection(rejectionSchema.parse(JSON.parse(line)).reason);
    await writer.write(`${line}\n`);
  }
  await writer.commit();
}

export interface Finished {
  readonly counts: DatasetCounts;
  readonly manifestSha256: string;
}

/** Turns the journal of an import into `manifest.*` and `rejections.jsonl`, in bounded memory. */
export async function writeSortedOutputs(workspace: Workspace, out: string, manifest: string): Promise<Finished> {
  const tally = createTally();
  const { sha256, duplicates } = await writeManifest(workspace, join(out, manifest), tally);
  await writeRejections(workspace, join(out, rejectionsFile), duplicates, tally);
  return { counts: tally.counts(), manifestSha256: sha256 };
}
