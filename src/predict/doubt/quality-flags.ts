import { classOf, type DuplicatePair, type FaceRecord, type PictureQuality, type SuspicionFlag } from "../../datasets/index.ts";

/** What is known of the pictures. */
export interface FlagInput {
  readonly task: string;
  /** By SHA-256. */
  readonly qualities: ReadonlyMap<string, PictureQuality>;
  /** How far each face is from those that are most like it, `[records]`. @default none is called an outlier */
  readonly distances?: Float32Array | undefined;
  readonly duplicates: readonly DuplicatePair[];
  /** Faces found by the detector, by SHA-256. */
  readonly faceCounts?: ReadonlyMap<string, number> | undefined;
}

/**
 * The worst share of a dataset that is flagged for each of its qualities. What is dark or blurred depends on the dataset: FER2013's
 * sharpest pictures are coarser than FairFace's blurred ones. So the line is drawn where a person has time to look.
 */
const flaggedShare = 0.01;
/** Below this many pixels a side, a face's mood is hard to see for people too (FER2013 has 48). */
const tinySide = 32;
/** A face of which less than this share of the middle is flat is not called covered, however rare flat ones are. */
const coveredShare = 0.5;

/** The value below which the given share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Records that are copies of one photograph, yet carry different classes. */
function conflictingIds(records: readonly FaceRecord[], { task, duplicates }: FlagInput): ReadonlySet<string> {
  const classes = new Map(records.map(({ id, labels }) => [id, classOf(labels, task)]));
  const conflicting = new Set<string>();
  for (const { first, second } of duplicates) {
    const [a, b] = [classes.get(first), classes.get(second)];
    if (a === undefined || b === undefined || a === b) continue;
    conflicting.add(first);
    conflicting.add(second);
  }
  return conflicting;
}

function faceFlag(count: number | undefined): SuspicionFlag | undefined {
  if (count === undefined || count === 1) return undefined;
  return count === 0 ? "no-face" : "several-faces";
}

/** Why each record is worth a look apart from its label, in the order of the records. */
export function findFlags(records: readonly FaceRecord[], input: FlagInput): SuspicionFlag[][] {
  const measured = records.flatMap(({ sha256 }) => input.qualities.get(sha256) ?? []);
  const lines = {
    dark: quantile(
      measured.map(({ brightness }) => brightness),
      flaggedShare,
    ),
    blurred: quantile(
      measured.map(({ sharpness }) => sharpness),
      flaggedShare,
    ),
    covered: Math.max(
      coveredShare,
      quantile(
        measured.map((qualities) => qualities.flatShare),
        1 - flaggedShare,
      ),
    ),
  };
  const conflicting = conflictingIds(records, input);
  const { distances } = input;
  const farthest = distances === undefined ? Number.NaN : quantile([...distances], 1 - flaggedShare);
  return records.map(({ id, sha256, width, height }, index) => {
    const qualities = input.qualities.get(sha256);
    const flags: (SuspicionFlag | false | undefined)[] = [
      conflicting.has(id) && "conflicting-duplicate",
      faceFlag(input.faceCounts?.get(sha256)),
      qualities !== undefined && qualities.brightness < lines.dark && "dark",
      qualities !== undefined && qualities.sharpness < lines.blurred && "blurred",
      Math.min(width, height) < tinySide && "tiny",
      qualities !== undefined && qualities.flatShare > lines.covered && "covered",
      distances !== undefined && distances[index]! > farthest && "outlier",
    ];
    return flags.filter((flag) => flag !== false && flag !== undefined);
  });
}
