import { type Mood, moods } from "../../core/index.ts";
import type { FaceLabels, FaceRecord, Split } from "../record.ts";
import { importSplitKey, type SplitShares, splitOfKey } from "../splits.ts";
import type { DatasetFormat, SourceFace } from "./source-row.ts";

/** Labels without a mood; its votes are taken out of the shares, which then add up to 1 again. `undefined` for faces of that mood. */
export function dropMood(labels: FaceLabels, dropped: readonly Mood[]): FaceLabels | undefined {
  if (dropped.length === 0) return labels;
  if (labels.mood !== undefined && dropped.includes(labels.mood)) return undefined;
  if (labels.moodVotes === undefined) return labels;
  const { moodVotes, ...rest } = labels;
  const left = moodVotes.map((share, index) => (dropped.includes(moods[index]!) ? 0 : share));
  const total = left.reduce((sum, share) => sum + share, 0);
  return total === 0 ? rest : { ...rest, moodVotes: left.map((share) => share / total) };
}

/** The split of a face: its official one, or by hash of `key` where the makers cut none or cut no validation part. */
export function chooseSplit(face: SourceFace, key: string, shares: SplitShares): Split {
  if (face.official === undefined) return splitOfKey(key, shares);
  const { split, carveValidation } = face.official;
  return carveValidation && split === "train" ? splitOfKey(key, { ...shares, test: 0 }) : split;
}

/** The record of a face whose picture was read; its fields always in the same order. */
export function createRecord(
  face: SourceFace,
  picture: { readonly sha256: string; readonly width: number; readonly height: number },
  {
    format,
    name,
    shares,
    labels,
  }: { readonly format: DatasetFormat; readonly name: string | undefined; readonly shares: SplitShares; readonly labels: FaceLabels },
): FaceRecord {
  const source = name ?? format;
  const key = importSplitKey({ subjectId: face.subjectId, sha256: picture.sha256, source });
  return {
    id: face.id,
    file: face.picture.file,
    sha256: picture.sha256,
    width: picture.width,
    height: picture.height,
    labels,
    ...(face.subjectId === undefined ? {} : { subjectId: face.subjectId }),
    source,
    split: chooseSplit(face, key, shares),
    ...(face.official === undefined ? {} : { officialSplit: face.official.name }),
    ...(face.fold === undefined ? {} : { fold: face.fold }),
  };
}
