import { join } from "node:path";
import { z } from "zod";
import { createTally, type Tally } from "../counts.ts";
import type { DatasetCounts } from "../dataset-info.ts";
import { type AtomicWriter, createAtomicWriter } from "../../files/files.node.ts";
import type { ManifestWriter } from "../manifest-writer.ts";
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
async function writeManifest(workspace: Workspace, writer: ManifestWriter, tally: Tally): Promise<KeyedLine[]> {
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
  return duplicates;
}

async function writeRejections(workspace: Workspace, writer: AtomicWriter, duplicates: readonly KeyedLine[], tally: Tally): Promise<void> {
  for await (const { line } of sortLines(rejectionLines(workspace, duplicates), { folder: join(workspace.folder, "rejections") })) {
    tally.rejection(rejectionSchema.parse(JSON.parse(line)).reason);
    await writer.write(`${line}\n`);
  }
  await writer.flush();
}

/** A manifest and rejections that are whole and not in their places yet: what stands there is as it was. */
export interface SortedOutputs {
  readonly counts: DatasetCounts;
  readonly manifestSha256: string;
  /** Puts both in place. */
  readonly commit: () => Promise<void>;
  /** Removes both. */
  readonly abandon: () => Promise<void>;
}

/** Turns the journal of an import into `manifest.*` and `rejections.jsonl`, in bounded memory. @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} */
export async function writeSortedOutputs(workspace: Workspace, out: string, manifest: string): Promise<SortedOutputs> {
  const tally = createTally();
  const faces = await createManifestWriter(join(out, manifest));
  const rejections = await createAtomicWriter(join(out, rejectionsFile)).catch(async (error: unknown) => {
    await faces.abandon();
    throw error;
  });
  const abandon = async (): Promise<void> => {
    await Promise.all([faces.abandon(), rejections.abandon()]);
  };
  try {
    const duplicates = await writeManifest(workspace, faces, tally);
    const manifestSha256 = await faces.finish();
    await writeRejections(workspace, rejections, duplicates, tally);
    const commit = async (): Promise<void> => {
      await faces.commit();
      await rejections.commit();
    };
    return { counts: tally.counts(), manifestSha256, commit, abandon };
  } catch (error) {
    await abandon();
    throw error;
  }
}
