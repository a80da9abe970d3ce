import { type FaceRecord, type Split, splits } from "./record.ts";
import { stableFraction } from "./stable-hash.ts";
import { createUnionFind } from "./union-find.ts";

/** Whether a name is that of a split of TensorFace's own, and not of a part that a dataset's makers cut. */
export function isOwnSplit(name: string): name is Split {
  return splits.some((split) => split === name);
}

/** How much of the data that its makers did not split goes where; the rest is for training. */
export interface SplitShares {
  /** 0..1. @default 0.05 */
  readonly validation?: number | undefined;
  /** 0..1; only for data without any official part. @default 0 */
  readonly test?: number | undefined;
}

export const defaultSplitShares = { validation: 0.05, test: 0 } as const;

/**
 * The split that a key (a subject, a duplicate group, a picture's hash) falls into. It depends on the key alone: data that is
 * added later moves nothing.
 */
export function splitOfKey(key: string, shares: SplitShares = {}): Split {
  const validation = shares.validation ?? defaultSplitShares.validation;
  const fraction = stableFraction(`split:${key}`);
  if (fraction < validation) return "validation";
  return fraction >= 1 - (shares.test ?? defaultSplitShares.test) ? "test" : "train";
}

/** What keeps pictures together before duplicates are known: the subject, else the picture's bytes. */
export function importSplitKey(record: {
  readonly subjectId?: string | undefined;
  readonly sha256: string;
  readonly source: string;
}): string {
  return record.subjectId === undefined ? record.sha256 : `${record.source}/${record.subjectId}`;
}

/** Sets of records that must stay together: linked through a subject, a duplicate group or equal bytes. */
export function linkedSets(records: readonly FaceRecord[]): number[][] {
  const sets = createUnionFind(records.length);
  const firstWith = new Map<string, number>();
  for (const [index, record] of records.entries()) {
    for (const key of linkKeys(record)) {
      const first = firstWith.get(key);
      if (first === undefined) firstWith.set(key, index);
      else sets.union(first, index);
    }
  }
  return sets.sets();
}

function linkKeys({ subjectId, group, sha256, source }: FaceRecord): string[] {
  const keys = [`sha256:${sha256}`];
  if (subjectId !== undefined) keys.push(`subject:${source}/${subjectId}`);
  if (group !== undefined) keys.push(`group:${group}`);
  return keys;
}

/** The split of two that must rather stay unseen: the test set before validation, validation before training. */
export function moreProtected(first: Split | undefined, second: Split): Split {
  return first !== undefined && splits.indexOf(first) > splits.indexOf(second) ? first : second;
}

/** The official parts that a validation part of our own is cut from: those whose records stand in more than one split, or did before. */
function carvedParts(records: readonly FaceRecord[], previous: ReadonlyMap<string, Split>): ReadonlySet<string> {
  const firstSplit = new Map<string, Split>();
  const carved = new Set<string>();
  for (const { id, officialSplit, source, split } of records) {
    if (officialSplit === undefined) continue;
    const part = `${source}/${officialSplit}`;
    const first = firstSplit.get(part) ?? split;
    firstSplit.set(part, first);
    const before = previous.get(id) ?? split;
    // A part that was or is a test set is none that validation is cut from.
    if (first !== split || (before !== split && before !== "test" && split !== "test")) carved.add(part);
  }
  return carved;
}

/** Where a record may be moved: anywhere without an official part, never to the test set from a part that only validation is cut from. */
function allowedSplits({ officialSplit, source, split }: FaceRecord, carved: ReadonlySet<string>): readonly Split[] {
  if (officialSplit === undefined) return splits;
  return carved.has(`${source}/${officialSplit}`) && split !== "test" ? ["train", "validation"] : [split];
}

/**
 * Brings linked records (a subject, a near-duplicate group) to one side of every border that was cut by hash. Official parts stay where
 * they are, and the others follow them; those that may not, or have none to follow, go together where most of them stand, to the
 * earlier of `train`, `validation`, `test` where two are equal. What cannot be mended so shows in {@link findLeakage}.
 *
 * Records in `previous` stand where it says, as far as official parts let them. A set that holds some goes where the most protected of
 * them and of its official parts stands, so that no face which was kept from training is trained on, and none of the test set
 * chooses a model.
 * @param previous by id
 */
export function alignSplits(records: readonly FaceRecord[], previous: ReadonlyMap<string, Split> = new Map()): FaceRecord[] {
  const carved = carvedParts(records, previous);
  const choices = records.map((record) => allowedSplits(record, carved));
  const kept = records.map(({ id }, index) => choices[index]!.find((split) => split === previous.get(id)));
  const current = records.map((record, index): FaceRecord => ({ ...record, split: kept[index] ?? record.split }));
  const splitsOf = (indices: readonly number[]): Split[] => indices.map((index) => current[index]!.split);
  const result = [...current];
  for (const set of linkedSets(current)) {
    const anchors = splitsOf(set.filter((index) => choices[index]!.length === 1));
    const others = set.filter((index) => choices[index]!.length > 1);
    const held = splitsOf(others.filter((index) => kept[index] !== undefined));
    const leader = (index: number): Split | undefined =>
      held.length === 0
        ? mostCommonSplit(anchors, choices[index]!)
        : choices[index]!.findLast((split) => anchors.includes(split) || held.includes(split));
    const unled = others.filter((index) => leader(index) === undefined);
    const common = splits.filter((split) => unled.every((index) => choices[index]!.includes(split)));
    const together = mostCommonSplit(splitsOf(unled), common);
    for (const index of others) result[index] = { ...current[index]!, split: leader(index) ?? together ?? current[index]!.split };
  }
  return result;
}

/** How many records `previous` had in a more protected split than they stand in now: their official parts are other ones. */
export function countLessProtected(records: readonly FaceRecord[], previous: ReadonlyMap<string, Split>): number {
  return records.filter(({ id, split }) => moreProtected(previous.get(id), split) !== split).length;
}

/** The most frequent of `votes` among `allowed`; `undefined` where none is allowed. */
function mostCommonSplit(votes: readonly Split[], allowed: readonly Split[]): Split | undefined {
  let best: Split | undefined;
  let most = 0;
  for (const split of allowed) {
    const count = votes.filter((vote) => vote === split).length;
    if (count > most) [best, most] = [split, count];
  }
  return best;
}

/**
 * `count` cross-validation folds, by hash of what must stay together: no subject and no duplicate group stands in two.
 * @returns the fold of every record, 0 to `count - 1`
 */
export function assignFolds(records: readonly FaceRecord[], count: number): number[] {
  const folds = records.map(() => 0);
  for (const set of linkedSets(records)) {
    const key = set.map((index) => records[index]!.id).reduce((least, id) => (id < least ? id : least));
    const fold = Math.floor(stableFraction(`fold:${key}`) * count);
    for (const index of set) folds[index] = fold;
  }
  return folds;
}

/** Something that stands on both sides of a border between splits. */
export interface Leak {
  /** What the records share. */
  readonly kind: "subject" | "group" | "picture";
  /** The subject, the group or the hash. */
  readonly key: string;
  /** Ids by split, only splits that are concerned. */
  readonly ids: Readonly<Partial<Record<Split, readonly string[]>>>;
}

/**
 * Every subject, near-duplicate group and identical picture that stands in more than one split, in order of their keys. Copies that one
 * group holds are named once, by their group.
 */
export function findLeakage(records: Iterable<FaceRecord>): Leak[] {
  const seen = new Map<string, Leak & { readonly ids: Partial<Record<Split, string[]>>; readonly groups: Set<string | undefined> }>();
  const note = (kind: Leak["kind"], key: string, { id, split, group }: FaceRecord): void => {
    const name = `${kind}:${key}`;
    const entry = seen.get(name) ?? { kind, key, ids: {}, groups: new Set() };
    (entry.ids[split] ??= []).push(id);
    entry.groups.add(group);
    seen.set(name, entry);
  };
  for (const record of records) {
    note("picture", record.sha256, record);
    if (record.subjectId !== undefined) note("subject", `${record.source}/${record.subjectId}`, record);
    if (record.group !== undefined) note("group", record.group, record);
  }
  const leaks = [...seen].filter(([, { kind, ids, groups }]) => {
    const isNamedByGroup = kind === "picture" && groups.size === 1 && !groups.has(undefined);
    return Object.keys(ids).length > 1 && !isNamedByGroup;
  });
  return leaks.sort(([a], [b]) => (a < b ? -1 : Number(a > b))).map(([, { kind, key, ids }]) => ({ kind, key, ids }));
}
