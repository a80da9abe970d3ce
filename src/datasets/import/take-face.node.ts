import type { Mood } from "../../core/index.ts";
import type { FaceLabels, FaceRecord } from "../record.ts";
import type { SplitShares } from "../splits.ts";
import { createRecord, dropMood } from "./face-row.ts";
import { type PictureStore, takePicture } from "./picture.node.ts";
import type { DatasetFormat, SourceFace } from "./source-row.ts";
import type { Rejection } from "./workspace.node.ts";

/** A row that became a face, and what had to be mended or supposed to read it. */
export interface TakenFace {
  readonly face: FaceRecord;
  readonly notes: string[];
}

/** What becomes of a row, without its place. */
export type RowOutcome = TakenFace | { readonly rejection: Rejection };

/** By what a row becomes a record. */
export interface FaceTaking {
  readonly format: DatasetFormat;
  readonly store: PictureStore;
  /** See the options of an import. */
  readonly name?: string | undefined;
  readonly dropLabels?: readonly Mood[] | undefined;
  readonly shares?: SplitShares | undefined;
}

function describeFace({ id, subjectId, official, fold }: SourceFace, labels: FaceLabels): NonNullable<Rejection["face"]> {
  return {
    id,
    labels,
    ...(subjectId === undefined ? {} : { subjectId }),
    ...(official === undefined ? {} : { officialSplit: official.name }),
    ...(fold === undefined ? {} : { fold }),
  };
}

/** Reads a row's picture: the record that an import makes of the row, or why it makes none. The one way from a published row to a face. */
export async function takeFace(face: SourceFace, { format, store, name, dropLabels = [], shares = {} }: FaceTaking): Promise<RowOutcome> {
  const where = { row: face.row, file: face.picture.file };
  const labels = dropMood(face.labels, dropLabels);
  if (labels === undefined) return { rejection: { ...where, reason: "dropped-label", detail: `mood "${face.labels.mood}"` } };
  const picture = await takePicture(store, face.picture);
  if ("reason" in picture) {
    const isMissing = picture.reason === "missing-picture";
    return { rejection: { ...where, ...picture, ...(isMissing ? { face: describeFace(face, labels) } : {}) } };
  }
  return { face: createRecord(face, picture, { format, name, shares, labels }), notes: [...(face.notes ?? [])] };
}
