import { mkdir } from "node:fs/promises";
import { counted, type ProgressListener } from "../core/index.ts";
import { findDuplicates } from "../datasets/duplicates.node.ts";
import type { FaceRecord } from "../datasets/index.ts";
import { wilsonInterval } from "../evaluate/index.ts";
import { writeFailure } from "../files/files.node.ts";
import { formatShare } from "../report/index.ts";
import type { ClassicPicture, ImageList } from "./image-lists.ts";

/** One test picture: what it is labelled and what it was told, as places among the classes. */
export interface ToldPicture {
  readonly picture: ClassicPicture;
  readonly label: number;
  readonly told: number;
}

/** What test pictures say that chose nothing. */
export interface HonestMeasures {
  readonly n: number;
  /** Share of them that was told right, each picture once. */
  readonly accuracy: number;
  /** 95 %, by Wilson. */
  readonly interval: { readonly low: number; readonly high: number };
  /** Mean over the classes of the shares that were told right. */
  readonly balancedAccuracy: number;
  /** Always the class that most of them have. */
  readonly largest: { readonly label: string; readonly share: number };
  /** Test pictures of which training saw a copy or a near-copy. */
  readonly copies: number;
  /** Share told right among the others; undefined where there are none. */
  readonly withoutCopies: number | undefined;
}

/** @param copied paths of test pictures of which training saw a copy */
export function measureHonestly(told: readonly ToldPicture[], classes: readonly ImageList[], copied: ReadonlySet<string>): HonestMeasures {
  const shareRight = (some: readonly ToldPicture[]): number => some.filter((each) => each.told === each.label).length / some.length;
  const byLabel = [...Map.groupBy(told, ({ label }) => label)];
  const [label, members] = byLabel.reduce((most, entry) => (entry[1].length > most[1].length ? entry : most));
  const others = told.filter(({ picture }) => !copied.has(picture.path));
  const accuracy = shareRight(told);
  return {
    n: told.length,
    accuracy,
    interval: wilsonInterval(accuracy, told.length),
    balancedAccuracy: byLabel.reduce((sum, [, some]) => sum + shareRight(some), 0) / byLabel.length,
    largest: { label: classes[label]!.label, share: members.length / told.length },
    copies: told.length - others.length,
    withoutCopies: others.length === 0 ? undefined : shareRight(others),
  };
}

export interface FindCopiesOptions {
  /** SHA-256 of each picture, by path. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Where measures of pictures are kept. */
  readonly folder: string;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Paths of test pictures of which the training part holds a copy or a near-copy. */
export async function findCopies(
  classes: readonly ImageList[],
  { hashes, folder, onProgress, signal }: FindCopiesOptions,
): Promise<ReadonlySet<string>> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, folder);
  });
  const [training, testing] = [classes.flatMap((list) => list.training), classes.flatMap((list) => list.testing)];
  const records = [...training, ...testing].flatMap(({ path }) => recordOf(path, hashes.get(path)));
  const dataset = {
    directory: folder,
    records: async function* () {
      yield* records;
    },
    picturePath: ({ file }: Pick<FaceRecord, "file">) => file,
  };
  const { pairs } = await findDuplicates(dataset, { onProgress, signal });
  const tested = new Set(testing.map(({ path }) => path));
  const across = pairs.filter(({ first, second }) => tested.has(first) !== tested.has(second));
  return new Set(across.map(({ first, second }) => (tested.has(first) ? first : second)));
}

/** A picture as the search for copies wants it; its size does not matter there. */
function recordOf(path: string, sha256: string | undefined): FaceRecord[] {
  return sha256 === undefined ? [] : [{ id: path, file: path, sha256, width: 1, height: 1, labels: {}, source: "classic", split: "train" }];
}

/** What the script's last number is beside. */
export interface ScriptNumbers {
  /** Share of the last validation batch; undefined without validation pictures. */
  readonly validation: number | undefined;
  readonly test: number;
  /** Whether test pictures were drawn, each class alike, instead of taken once each. */
  readonly isTestDrawn: boolean;
}

/** The honest numbers in sentences, a line each, with why the script's differ. */
export function describeHonestly(measures: HonestMeasures, { isTestDrawn }: ScriptNumbers): string[] {
  const { n, accuracy, interval, balancedAccuracy, largest, copies, withoutCopies } = measures;
  const copyLine =
    copies === 0
      ? "No test picture is a near-copy of a training picture."
      : `${counted(copies, "test picture is a near-copy of a training picture", "test pictures are near-copies of training pictures")}${withoutCopies === undefined ? "." : `; without them ${formatShare(withoutCopies)}.`}`;
  return [
    `Of ${counted(n, "test picture")} that chose nothing, each asked once: ${formatShare(accuracy)} right (95 % interval ${formatShare(interval.low)} to ${formatShare(interval.high)}).`,
    `Always "${largest.label}", the largest class, would be right in ${formatShare(largest.share)}. Mean over the classes: ${formatShare(balancedAccuracy)}.`,
    copyLine,
    `The printed ${isTestDrawn ? "accuracies draw" : "validation accuracy draws"} the class first, so that each class counts alike and some pictures count twice; ${isTestDrawn ? "the number above takes" : "the final test accuracy takes"} every test picture once, so that large classes count more.`,
  ];
}
