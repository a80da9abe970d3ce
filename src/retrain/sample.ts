import { encodeTargets } from "./examples.ts";
import { drawFifth, nestedLimit, selectTargets } from "./head/teach.ts";
import type { Example, ExampleSource } from "./source.node.ts";

/**
 * With more pictures than are asked each in turn, networks are compared on so many of those that choose: a network that is better on
 * them is better on all, and looking at all with each would take minutes.
 */
export const comparedPictures = 500;

/** By content: as good as by chance, and the same in every run, so that what was seen and compared can be kept. */
export function inOrder(examples: readonly Example[]): Example[] {
  return examples.toSorted((a, b) => (a.record.sha256 < b.record.sha256 ? -1 : 1));
}

/**
 * The pictures on which networks are compared, whatever the seed: whole sets that nobody has set apart for the test. None, where sets are
 * so large that too few would be left.
 */
export function drawSample({ hasOwnTest }: Pick<ExampleSource, "hasOwnTest">, examples: readonly Example[]): Example[] {
  const mayChoose = examples.filter(({ record }) => !hasOwnTest || record.split !== "test");
  const sample: Example[] = [];
  for (const members of Map.groupBy(inOrder(mayChoose), ({ set }) => set).values())
    if (sample.length + members.length <= comparedPictures) sample.push(...members);
  return sample.length < comparedPictures / 2 ? [] : sample;
}

export interface DrawAskedOptions {
  readonly seed: number;
  /** Sets some apart also of few. @default false */
  readonly keepsApart?: boolean | undefined;
}

/**
 * Who is asked at the end: a test part of somebody's own, as far as something can be asked and something learnt, or about a fifth of many, none
 * of whom has chosen the network.
 */
export function drawAsked(
  source: Pick<ExampleSource, "hasOwnTest" | "task">,
  examples: readonly Example[],
  sample: ReadonlySet<Example>,
  { seed, keepsApart = false }: DrawAskedOptions,
): ReadonlySet<Example> | undefined {
  const own = source.hasOwnTest ? examples.filter(({ record }) => record.split === "test") : [];
  if (own.length > 0 && own.length < examples.length) return new Set(own);
  if (examples.length <= nestedLimit && !keepsApart) return undefined;
  const { targets, sets } = teachingOf(source, examples);
  const others = Int32Array.from([...examples.keys()].filter((row) => !sample.has(examples[row]!)));
  // Of a small class the sample may hold all but one: it is a class all the same.
  const left = { targets: selectTargets(targets, others), sets: Array.from(others, (row) => sets[row]!) };
  return new Set(Array.from(drawFifth(left, others.length, seed, examples.length), (place) => examples[others[place]!]!));
}

/** Labels and sets of examples, as heads learn them. */
export function teachingOf({ task }: Pick<ExampleSource, "task">, examples: readonly Example[]) {
  return {
    targets: encodeTargets(
      task,
      examples.map(({ label }) => label),
    ),
    sets: examples.map(({ set }) => set),
  };
}
