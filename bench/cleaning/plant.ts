import { createRandom, fairFaceAgeGroups, shuffled, type TaskDefinition } from "../../src/core/index.ts";
import { classOf, type FaceRecord, reviewClasses } from "../../src/datasets/index.ts";
import { relabel } from "../../src/datasets/review/index.ts";

/** How labels are made wrong: any other one, or one that people take for it. */
export type Mistake = "uniform" | "human";

export interface PlantOptions {
  readonly task: string;
  readonly tasks?: readonly TaskDefinition[] | undefined;
  /** Of the labels, 0..1. */
  readonly share: number;
  readonly mistake: Mistake;
  readonly seed: number;
}

/** Ages that are nearer than this are no error that a queue has to find. */
const leastYears = 15;
const oldest = 90;
/** As much of their range as of ages, of other numbers. */
const leastPart = leastYears / oldest;

/** Moods that people take for each other. */
const confusions: Readonly<Record<string, readonly string[]>> = {
  angry: ["disgust", "neutral"],
  disgust: ["angry", "sad"],
  fear: ["surprise", "sad"],
  happy: ["neutral"],
  sad: ["neutral", "fear"],
  surprise: ["fear", "happy"],
  neutral: ["sad", "angry"],
};

/**
 * Records of which a share has wrong labels, and which those are. Wrong tags are another set that occurs, a wrong number is another that occurs,
 * far off.
 */
export function plantErrors(
  records: readonly FaceRecord[],
  options: PlantOptions,
): { readonly records: FaceRecord[]; readonly planted: ReadonlySet<string> } {
  const { task, tasks, share, mistake, seed } = options;
  const random = createRandom(seed);
  const found = new Set(records.flatMap(({ labels }) => classOf(labels, task) ?? []));
  const present = reviewClasses(task, tasks ?? [], found).filter((label) => found.has(label));
  if (present.length < 2) throw new Error(`all ${records.length} faces have one label alone for ${task}: none can be made wrong`);
  const everyone = records.map((_, index) => index);
  const chosen = shuffled(everyone, random).slice(0, Math.round(records.length * share));
  const result = [...records];
  const drawn = <T>(from: readonly T[]): T => from[random.integer(from.length)]!;
  for (const index of chosen) {
    const record = records[index]!;
    result[index] = { ...record, labels: wrongLabels(record, { ...options, present, drawn }) };
  }
  return { records: result, planted: new Set(chosen.map((index) => records[index]!.id)) };
  function wrongLabels({ labels }: FaceRecord, context: { readonly present: readonly string[]; readonly drawn: typeof drawn }) {
    const given = classOf(labels, task)!;
    const place = context.present.indexOf(given);
    const kind = tasks?.find(({ name }) => name === task)?.kind;
    const [isOrdered, isNumber] = [task === "age" || kind === "ordered", kind === "number"];
    if (task === "age" && mistake === "uniform") {
      const middle = (labels.age!.low + labels.age!.high) / 2;
      const years = Array.from({ length: oldest + 1 }, (_, year) => year).filter((year) => Math.abs(year - middle) >= leastYears);
      const age = context.drawn(years);
      return { ...labels, age: { low: age, high: age } };
    }
    if (isOrdered && mistake === "human") {
      const next = context.drawn([place - 1, place + 1].filter((near) => near >= 0 && near < context.present.length));
      const group = fairFaceAgeGroups.find(({ name }) => name === context.present[next]);
      if (task !== "age" || group === undefined) return relabel(labels, task, context.present[next]!, tasks);
      const age = Math.round((group.low + Math.min(group.high, group.low + 9)) / 2);
      return { ...labels, age: { low: age, high: age } };
    }
    const others = isNumber ? farFrom(given, context.present) : context.present.filter((label) => label !== given);
    const likely = mistake === "human" && task === "mood" ? confusions[given]!.filter((label) => others.includes(label)) : others;
    return relabel(labels, task, context.drawn(likely.length > 0 ? likely : others), tasks);
  }
}

/** The numbers that are no near ones, the farthest where all are; as they are spelt. */
function farFrom(given: string, numbers: readonly string[]): readonly string[] {
  const distance = (number: string): number => Math.abs(Number(number) - Number(given));
  const values = numbers.map(Number);
  const least = leastPart * (Math.max(...values) - Math.min(...values));
  return numbers.filter((number) => number !== given && distance(number) >= Math.min(least, Math.max(...numbers.map(distance))));
}
