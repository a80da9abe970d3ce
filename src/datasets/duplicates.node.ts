import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../core/index.ts";
import { decodeReadable } from "../image/decode.node.ts";
import type { Dataset, PictureSet } from "./dataset.node.ts";
import {
  type DuplicatePair,
  exactPairs,
  findNearPairs,
  groupByPicture,
  groupPairs,
  type PairOptions,
  pictureDetail,
} from "./duplicates.ts";
import { createAtomicWriter, pathKind, readNumberedLines } from "../files/files.node.ts";
import { lockFolder } from "../files/file-lock.node.ts";
import { writeManifest } from "./manifest.node.ts";
import { toLuma } from "./quality.ts";
import { assessDataset } from "./quality.node.ts";
import type { FaceRecord } from "./record.ts";
import { alignKept, type KeptFaces } from "./resplit.node.ts";
import { findLeakage, type Leak } from "./splits.ts";

const pairsFile = "duplicates.jsonl";

export interface DuplicateSearch {
  /** Most alike first, exact copies before near ones. */
  readonly pairs: readonly DuplicatePair[];
  /** The records in order, with their groups. */
  readonly records: readonly FaceRecord[];
  readonly groups: number;
}

export type DuplicateOptions = PairOptions;

/** Decodes pictures for comparison; the latest few are kept, since pairs come sorted by their first picture. */
function createDetailReader(dataset: PictureSet): (record: FaceRecord) => Promise<Float32Array | undefined> {
  const kept = new Map<string, Float32Array | undefined>();
  return async (record) => {
    if (kept.has(record.sha256)) return kept.get(record.sha256);
    const picture = await decodeReadable({ path: dataset.picturePath(record) }, { maxSide: 128 });
    const detail = picture === undefined ? undefined : pictureDetail(toLuma(picture.image));
    if (kept.size >= 4096) kept.delete(kept.keys().next().value!);
    kept.set(record.sha256, detail);
    return detail;
  };
}

function bySimilarity(a: DuplicatePair, b: DuplicatePair): number {
  if (a.kind !== b.kind) return a.kind === "exact" ? -1 : 1;
  if (a.similarity !== b.similarity) return b.similarity - a.similarity;
  return a.first < b.first ? -1 : Number(a.first > b.first);
}

/**
 * Finds the pictures of a dataset that are one photograph: identical files, and near duplicates (recompressed, scaled, retouched,
 * slightly shifted). Near duplicates pass three checks, each finer than the one before: perceptual hash, 16 x 16 thumbnail, and
 * the correlation of the detail at 64 x 64. Mirrored and turned copies are not looked for.
 */
export async function findDuplicates(dataset: PictureSet, options: DuplicateOptions = {}): Promise<DuplicateSearch> {
  const records = await Array.fromAsync(dataset.records());
  const qualities = await assessDataset(dataset, records, options);
  const pictures = groupByPicture(records);
  const unique = [...pictures.values()].map((members) => members[0]!).filter(({ sha256 }) => qualities.has(sha256));
  const readDetail = createDetailReader(dataset);
  const found = await findNearPairs(
    unique.map(({ sha256 }) => qualities.get(sha256)!),
    (index) => readDetail(unique[index]!),
    options,
  );
  const near = found.map(({ first, second, similarity }): DuplicatePair => ({
    first: unique[first]!.id,
    second: unique[second]!.id,
    kind: "near",
    similarity: Math.round(similarity * 10_000) / 10_000,
  }));
  const pairs = [...exactPairs(pictures), ...near].sort(bySimilarity);
  const groups = groupPairs(records, pairs);
  const grouped = records.map((record) => withGroup(record, groups.get(record.id)));
  return { pairs, records: grouped, groups: new Set(groups.values()).size };
}

/** A record with its group at the place that the manifest gives it; an old group goes where there is none. */
function withGroup(record: FaceRecord, group: string | undefined): FaceRecord {
  const { id, file, sha256, width, height, labels, subjectId, group: _, ...rest } = record;
  const head = { id, file, sha256, width, height, labels, ...(subjectId === undefined ? {} : { subjectId }) };
  return group === undefined ? { ...head, ...rest } : { ...head, group, ...rest };
}

export interface DuplicateOutcome extends DuplicateSearch {
  /** Records whose split changed, so that their group stands on one side. */
  readonly moved: number;
  /** What still stands on both sides, because its makers put it there. */
  readonly leaks: readonly Leak[];
  /** Absent where nothing was to be kept. */
  readonly kept: KeptFaces | undefined;
}

export interface MarkOptions extends DuplicateOptions {
  /** An earlier manifest or folder of the dataset, whose faces stay in their splits. @default none */
  readonly keep?: string | undefined;
}

/**
 * Finds duplicates and writes them down: `duplicates.jsonl` with the pairs, and the manifest with its groups, each group on one
 * side of every border that was cut by hash.
 */
export async function markDuplicates(dataset: Dataset, options: MarkOptions = {}): Promise<DuplicateOutcome> {
  await using _lock = await lockFolder(dataset.directory);
  const search = await findDuplicates(dataset, options);
  const { aligned: records, kept } = await alignKept(search.records, options.keep);
  const pairsWriter = await createAtomicWriter(join(dataset.directory, pairsFile));
  try {
    for (const pair of search.pairs) await pairsWriter.write(`${JSON.stringify(pair)}\n`);
    await pairsWriter.flush();
    // Before the pairs are in place: where they are, the search was made, and nobody would write the groups any more.
    await writeManifest(join(dataset.directory, dataset.info.manifest), records);
  } catch (error) {
    await pairsWriter.abandon();
    throw error;
  }
  await pairsWriter.commit();
  const moved = records.filter(({ split }, index) => split !== search.records[index]!.split).length;
  return { ...search, records, moved, leaks: findLeakage(records), kept };
}

/** Takes away the pairs of an earlier search: those of other faces would be taken for all that there are. */
export async function forgetDuplicates(directory: string): Promise<void> {
  await rm(join(directory, pairsFile), { force: true });
}

const pairSchema = z.strictObject({ first: z.string(), second: z.string(), kind: z.enum(["exact", "near"]), similarity: z.number() });

/** The pairs that an earlier search wrote down; `undefined` where none was made. @throws {TF_DATASET_INVALID} */
export async function readDuplicates(directory: string): Promise<DuplicatePair[] | undefined> {
  const path = join(directory, pairsFile);
  if ((await pathKind(path)) !== "file") return undefined;
  const pairs: DuplicatePair[] = [];
  let last = 0;
  try {
    for await (const { text, number } of readNumberedLines(path)) {
      last = number;
      pairs.push(pairSchema.parse(JSON.parse(text)));
    }
  } catch (error) {
    if (error instanceof TensorFaceError) throw error;
    const what = error instanceof z.ZodError ? z.prettifyError(error) : "it is not JSON";
    throw new TensorFaceError("TF_DATASET_INVALID", `"${path}" line ${last} is no pair of duplicates: ${what}`, {
      hint: "Run `tensorface dataset duplicates` again.",
      cause: error,
    });
  }
  return pairs;
}
