import { fairFaceAgeGroups, type TaskDefinition } from "../../core/index.ts";
import {
  ageGroupName,
  classesOf,
  classOf,
  type DuplicatePair,
  type FaceObservation,
  type FaceRecord,
  wordOf,
} from "../../datasets/index.ts";
import { type Aspects, classViews, valueViews } from "./views.ts";
import { weighClasses } from "./weigh-classes.ts";
import { weighValues } from "./weigh-values.ts";

/** What is thought of the label of one face. */
export interface LabelJudgement {
  /** How likely it is wrong, 0..1. */
  readonly doubt: number;
  /** The class that the face likelier is than the given one; the given one where that is likely right. */
  readonly suggested: string;
  /** The class that it likeliest is if the given one is wrong; absent where nothing speaks for another. */
  readonly alternative?: string;
  /** Out-of-sample probability of the given class, and the same minus that of the best other one; absent for labels with an order. */
  readonly selfConfidence?: number;
  readonly margin?: number;
}

export interface Judgement {
  /** In the order of the records. */
  readonly labels: readonly LabelJudgement[];
  /** The share of labels that are wrong, as far as the views tell. */
  readonly wrongShare: number;
  /** How much each view counted. */
  readonly weights: readonly { readonly name: string; readonly weight: number }[];
  /** Out-of-sample probabilities of the classes that labels name, in the order of the task's, `[faces, classes]`; absent for labels with an order and tags. */
  readonly probabilities?: Float64Array;
  /** The usual distance of right labels from what is expected, `[faces]`, in the labels' unit; of labels with an order alone. */
  readonly spread?: Float64Array;
}

/** Copies contradict each other in an order only where they are further apart than neighbours. */
const contradiction = 2;

export interface JudgeOptions {
  /** Tasks of one's own. */
  readonly own?: readonly TaskDefinition[] | undefined;
  /** The faces that were not found, by their place among the records: {@link unseenFaces}. @default none */
  readonly unseen?: ReadonlySet<number> | undefined;
}

/** Which faces were looked for and not found, by their place among the records. @param seen by SHA-256 */
export function unseenFaces(records: readonly FaceRecord[], seen: ReadonlyMap<string, FaceObservation>): ReadonlySet<number> {
  return new Set([...records.keys()].filter((index) => seen.get(records[index]!.sha256)?.faces === 0));
}

/** Judges the labels of a task, each by views that have not seen it. */
export async function judgeLabels(
  records: readonly FaceRecord[],
  task: string,
  aspects: Aspects,
  { own = [], unseen }: JudgeOptions = {},
): Promise<Judgement> {
  const definition = own.find(({ name }) => name === task);
  if (definition?.kind === "tags") return judgeTags(records, definition, aspects);
  if (definition?.kind === "number") return judgeNumbers(records, definition, aspects, unseen);
  return isOrdered(task, own) ? judgeValues(records, task, aspects, { own, unseen }) : judgeClasses(records, task, aspects, own);
}

/** Whether labels of a task have an order in which one may be nearly right. */
function isOrdered(task: string, own: readonly TaskDefinition[]): boolean {
  return task === "age" || own.some(({ name, kind }) => name === task && kind === "ordered");
}

async function judgeClasses(
  records: readonly FaceRecord[],
  task: string,
  aspects: Aspects,
  own: readonly TaskDefinition[],
): Promise<Judgement> {
  const given = records.map(({ labels }) => classOf(labels, task)!);
  const present = classesOf(task, own).filter((label) => given.includes(label));
  const places = new Map(present.map((label, index) => [label, index]));
  const labels = Int32Array.from(given, (label) => places.get(label)!);
  const classes = present.length;
  const [views = []] = await classViews(aspects, [{ labels, classes, names: present }]);
  const { probabilities, doubts, others, ...rest } = weighClasses(views, labels, classes);
  const judged = given.map((label, face): LabelJudgement => {
    const row = probabilities.subarray(face * classes, (face + 1) * classes);
    const selfConfidence = row[labels[face]!]!;
    const best = row.reduce((most, probability, place) => (place === labels[face] ? most : Math.max(most, probability)), 0);
    const alternative = present[others[face]!];
    const isLikelyWrong = alternative !== undefined && doubts[face]! > 0.5;
    const judgement = {
      doubt: doubts[face]!,
      suggested: isLikelyWrong ? alternative : label,
      selfConfidence,
      margin: selfConfidence - best,
    };
    return alternative === undefined ? judgement : Object.assign(judgement, { alternative });
  });
  return { labels: judged, probabilities, ...rest };
}

async function judgeValues(
  records: readonly FaceRecord[],
  task: string,
  aspects: Aspects,
  { own = [], unseen }: JudgeOptions,
): Promise<Judgement> {
  const classes = classesOf(task, own);
  const numbers = Float64Array.from(records, (record) => numberOf(record, task, classes));
  const { expected, doubts, ...rest } = weighValues(await valueViews(aspects, numbers), numbers, unseen);
  const nameOf = (value: number): string => {
    if (task !== "age") return classes[Math.min(classes.length - 1, Math.max(0, Math.round(value)))]!;
    const years = Math.min(fairFaceAgeGroups.at(-1)!.low, Math.max(0, Math.round(value)));
    return ageGroupName({ low: years, high: years });
  };
  const judged = records.map(({ labels }, face): LabelJudgement => {
    const given = classOf(labels, task)!;
    // A label that is likely right is not contradicted, though the middle of what is expected lies beyond a border.
    const likeliest = nameOf(expected[face]!);
    const judgement = { doubt: doubts[face]!, suggested: doubts[face]! < 0.5 ? given : likeliest };
    return likeliest === given ? judgement : Object.assign(judgement, { alternative: likeliest });
  });
  return { labels: judged, ...rest };
}

/** Each tag is judged by itself: there or not. A label is wrong where any of its tags is. */
async function judgeTags(records: readonly FaceRecord[], { name, labels = [] }: TaskDefinition, aspects: Aspects): Promise<Judgement> {
  const given = records.map((record) => labels.filter((tag) => hasTag(record, name, tag)));
  const kinds = labels
    .map((tag) => ({ tag, labels: Int32Array.from(given, (tags) => Number(tags.includes(tag))), classes: 2 }))
    // Where all have it, or none, nothing can be learnt.
    .filter((kind) => new Set(kind.labels).size > 1);
  const views = await classViews(aspects, kinds);
  const judged = kinds.map(({ tag, labels: has, classes }, index) => Object.assign({ tag }, weighClasses(views[index]!, has, classes)));
  const doubtOf = (face: number): number => 1 - judged.reduce((right, { doubts }) => right * (1 - doubts[face]!), 1);
  const turned = (face: number, tags: ReadonlySet<string>): string =>
    wordOf(labels.filter((tag) => given[face]!.includes(tag) !== tags.has(tag)).toSorted());
  const answers = records.map((_, face): LabelJudgement => {
    const likely = new Set(judged.filter(({ doubts }) => doubts[face]! > 0.5).map(({ tag }) => tag));
    const suggested = turned(face, likely);
    const judgement = { doubt: doubtOf(face), suggested };
    const [worst] = judged.toSorted((a, b) => b.doubts[face]! - a.doubts[face]!);
    if (worst === undefined) return judgement;
    return Object.assign(judgement, { alternative: likely.size > 0 ? suggested : turned(face, new Set([worst.tag])) });
  });
  const wrongShare = answers.reduce((sum, { doubt }) => sum + doubt, 0) / Math.max(1, answers.length);
  const weights = (judged[0]?.weights ?? []).map(({ name: view }, place) => ({
    name: view,
    weight: judged.reduce((sum, each) => sum + each.weights[place]!.weight, 0) / judged.length,
  }));
  return { labels: answers, wrongShare, weights };
}

function hasTag({ labels: { attributes } }: FaceRecord, task: string, tag: string): boolean {
  const tags = attributes?.[task];
  return Array.isArray(tags) && tags.includes(tag);
}

/** A number is judged as a label with an order is: by how far it is from what the views expect. */
async function judgeNumbers(
  records: readonly FaceRecord[],
  { name, minimum = -Infinity, maximum = Infinity }: TaskDefinition,
  aspects: Aspects,
  unseen: ReadonlySet<number> | undefined,
): Promise<Judgement> {
  const numbers = Float64Array.from(records, ({ labels: { attributes } }) => Number(attributes?.[name]));
  const isWhole = numbers.every((value) => Number.isInteger(value));
  const { expected, doubts, ...rest } = weighValues(await valueViews(aspects, numbers), numbers, unseen);
  const judged = Array.from(numbers, (value, face): LabelJudgement => {
    const bounded = Math.min(maximum, Math.max(minimum, expected[face]!));
    const [given, likeliest] = [wordOf(value), wordOf(isWhole ? Math.round(bounded) : bounded)];
    const judgement = { doubt: doubts[face]!, suggested: doubts[face]! < 0.5 ? given : likeliest };
    return likeliest === given ? judgement : Object.assign(judgement, { alternative: likeliest });
  });
  return { labels: judged, ...rest };
}

function numberOf({ labels }: FaceRecord, task: string, classes: readonly string[]): number {
  if (task !== "age") return classes.indexOf(classOf(labels, task)!);
  const { low, high } = labels.age!;
  // The last group has no end: its faces are little older than its beginning.
  return (low + Math.min(high, low + 15)) / 2;
}

/** Whether two labels cannot both be right of one face, by the places of their records. */
type Contradicts = (first: number, second: number) => boolean;

function contradictionOf(
  records: readonly FaceRecord[],
  task: string,
  own: readonly TaskDefinition[],
  spread: Judgement["spread"],
): Contradicts {
  if (spread !== undefined && own.some(({ name, kind }) => name === task && kind === "number")) {
    const numbers = records.map(({ labels: { attributes } }) => Number(attributes?.[task]));
    return (first, second) => Math.abs(numbers[first]! - numbers[second]!) > spread[first]! + spread[second]!;
  }
  const classes = classesOf(task, own);
  const given = records.map(({ labels }) => classOf(labels, task)!);
  if (!isOrdered(task, own)) return (first, second) => given[first] !== given[second];
  const places = given.map((label) => classes.indexOf(label));
  return (first, second) => Math.abs(places[first]! - places[second]!) >= contradiction;
}

/**
 * Takes into account that two copies of one photograph with different labels are not both right: of each pair, how likely its label is wrong
 * given that at least one of them is. Numbers are different where they are further apart than each usually is from what is expected.
 */
export function withContradictions(
  records: readonly FaceRecord[],
  task: string,
  { labels: judged, spread }: Pick<Judgement, "labels" | "spread">,
  pairs: readonly DuplicatePair[],
  own: readonly TaskDefinition[] = [],
): LabelJudgement[] {
  const contradicts = contradictionOf(records, task, own, spread);
  const places = new Map(records.map(({ id }, index) => [id, index]));
  const doubts = judged.map(({ doubt }) => doubt);
  for (const { first, second } of pairs) {
    const [a, b] = [places.get(first), places.get(second)];
    if (a === undefined || b === undefined || !contradicts(a, b)) continue;
    const [doubtA, doubtB] = [judged[a]!.doubt, judged[b]!.doubt];
    const either = Math.max(1 - (1 - doubtA) * (1 - doubtB), 1e-9);
    doubts[a] = Math.max(doubts[a]!, Math.min(1, Math.max(doubtA, 5e-10) / either));
    doubts[b] = Math.max(doubts[b]!, Math.min(1, Math.max(doubtB, 5e-10) / either));
  }
  return judged.map((judgement, index) => ({ ...judgement, doubt: doubts[index]! }));
}
