import type { BuiltInTask } from "tensorface/browser";
import type { Measure } from "./measures.ts";

/** What was measured of one task of a network, in short. */
export interface TaskSummary {
  readonly task: BuiltInTask;
  /** One a data set: whole photographs, as visitors bring them, or cut-out faces where a set has nothing else. */
  readonly main: readonly Measure[];
  /** The rest: the same faces, cut out beforehand. */
  readonly cutOut: readonly Measure[];
  /** Of the main ones, 0..1. */
  readonly accuracy: Range;
  /** Mean error in years, of those with exact ages. */
  readonly years?: Range;
  /** Where it is clearly worse than on the rest of the same sets; the worst first. */
  readonly weak: readonly Weakness[];
  /** Whether sharpness, brightness or size were looked at, and none of them stands out. */
  readonly arePicturesAlike: boolean;
}

interface Range {
  readonly low: number;
  readonly high: number;
}

export interface Weakness {
  readonly of: "people" | "pictures";
  /** `ages 40–49`, `“fear”`, `the least sharp quarter`. */
  readonly what: string;
  /** Part that is right, 0..1. */
  readonly accuracy: number;
}

/** Faces below which a group tells nothing, and how clear a weakness has to be: standard errors, and share of faces. */
const limits = { faces: 100, errors: 2, share: 0.02 } as const;
/** Of each kind of group: more would be a table, which is unfolded below. */
const mostOfAKind = 2;

/** A summary for each task that was measured, in the order of the measures. */
export function summarizeMeasures(measures: readonly Measure[]): readonly TaskSummary[] {
  return [...Map.groupBy(measures, ({ task }) => task)].map(([task, all]) => summarizeTask(task, all));
}

function summarizeTask(task: BuiltInTask, measures: readonly Measure[]): TaskSummary {
  const hasPhotos = (name: string): boolean => measures.some(({ data }) => data.name === name && data.path === "photo");
  const main = measures.filter(({ data }) => data.path === "photo" || !hasPhotos(data.name));
  const years = main.flatMap(({ meanAbsoluteError }) => (meanAbsoluteError === undefined ? [] : [meanAbsoluteError.value]));
  const weak = findWeaknesses(main);
  return {
    task,
    main,
    cutOut: measures.filter((measure) => !main.includes(measure)),
    accuracy: rangeOf(main.map(({ accuracy }) => accuracy.value)),
    ...(years.length > 0 && { years: rangeOf(years) }),
    weak,
    arePicturesAlike: main.some(({ groups }) => groups.some(({ by }) => isOfPictures(by))) && !weak.some((one) => one.of === "pictures"),
  };
}

function rangeOf(values: readonly number[]): Range {
  return { low: Math.min(...values), high: Math.max(...values) };
}

interface Group {
  readonly by: string;
  readonly value: string;
  readonly n: number;
  /** Faces that were told rightly, and how many would be at the accuracy of the set that they come from. */
  readonly right: number;
  readonly expected: number;
}

/** Over all sets together, each group against what its own sets reach: a set that is hard altogether makes none of its groups weak. */
function findWeaknesses(measures: readonly Measure[]): readonly Weakness[] {
  const groups = [...Map.groupBy(measures.flatMap(groupsOf), ({ by, value }) => `${by} ${value}`).values()].map(sumGroups);
  const clear = groups.filter(isClearlyWeak).toSorted((a, b) => deficit(b) - deficit(a));
  return clear
    .filter((group, index) => clear.slice(0, index).filter(({ by }) => by === group.by).length < mostOfAKind)
    .map((group) => ({ of: isOfPictures(group.by) ? "pictures" : "people", what: nameGroup(group), accuracy: group.right / group.n }));
}

/** Slices, and the faces of each label, where the labels are what is told. */
function groupsOf({ accuracy, groups, confusion }: Measure): readonly Group[] {
  const slices = groups.map(({ by, value, n, accuracy: { value: share } }) => ({ by, value: commonName(by, value), n, right: n * share }));
  const labels = (confusion?.labels ?? []).map((label, index) => {
    const row = confusion!.counts[index]!;
    return { by: "label", value: label, n: row.reduce((sum, count) => sum + count, 0), right: row[index]! };
  });
  return [...slices, ...labels].flatMap(({ value, ...group }) =>
    value === undefined ? [] : [{ ...group, value, expected: group.n * accuracy.value }],
  );
}

/** Quarters are cut in each set at numbers of its own: across sets the first and the last have a meaning, those between do not. */
function commonName(by: string, value: string): string | undefined {
  if (by !== "sharpness" && by !== "brightness") return value;
  if (value.startsWith("<")) return "lowest";
  return value.startsWith("≥") ? "highest" : undefined;
}

function sumGroups(groups: readonly Group[]): Group {
  const sum = (count: (group: Group) => number): number => groups.reduce((total, group) => total + count(group), 0);
  const { by, value } = groups[0]!;
  return { by, value, n: sum(({ n }) => n), right: sum(({ right }) => right), expected: sum(({ expected }) => expected) };
}

function deficit({ n, right, expected }: Group): number {
  return (expected - right) / n;
}

function isClearlyWeak(group: Group): boolean {
  const accuracy = group.right / group.n;
  const standardError = Math.sqrt((accuracy * (1 - accuracy)) / group.n);
  return group.n >= limits.faces && deficit(group) >= Math.max(limits.share, limits.errors * standardError);
}

function isOfPictures(by: string): boolean {
  return by === "faceSize" || by === "sharpness" || by === "brightness";
}

const quarters: Readonly<Record<string, string>> = {
  "sharpness lowest": "the least sharp quarter",
  "sharpness highest": "the sharpest quarter",
  "brightness lowest": "the darkest quarter",
  "brightness highest": "the brightest quarter",
};

function nameGroup({ by, value }: Group): string {
  const words = value.replaceAll("_", " ");
  if (by === "ageGroup") return `ages ${words.replace("-", "–")}`;
  if (by === "faceSize") return `faces of ${words} pixels`;
  if (by === "gender" || by === "race") return `the ${by} label “${words}”`;
  return quarters[`${by} ${value}`] ?? `“${words}”`;
}
