import { expect, test } from "vitest";
import { comparedPictures, drawAsked, drawSample } from "./sample.ts";
import type { Example } from "./source.node.ts";

const task = { name: "shape", kind: "classes", labels: ["round", "square"] } as const;

/** So many pictures, each with another content, `together` of them in each set. */
function examplesOf(count: number, together: number): Example[] {
  return Array.from({ length: count }, (_, index) => ({
    path: `${index}.png`,
    label: task.labels[index % 2]!,
    set: Math.floor(index / together),
    record: {
      id: `folder/${index}`,
      file: `${index}.png`,
      sha256: ((index * 7919) % 65_521).toString(16).padStart(64, "0"),
      width: 8,
      height: 8,
      labels: {},
      source: "folder",
      split: index % 10 === 0 ? ("test" as const) : ("train" as const),
    },
  }));
}

function relabelled(example: Example, label: string): Example {
  return { ...example, label };
}

test("networks are compared on the same pictures whatever the order, and those are never asked at the end", () => {
  const examples = examplesOf(1200, 3);
  const source = { hasOwnTest: false, task };
  const sample = new Set(drawSample(source, examples));
  expect(sample.size).toBeGreaterThan(comparedPictures - 3);
  expect(sample.size).toBeLessThanOrEqual(comparedPictures);
  expect(new Set(drawSample(source, examples.toReversed()))).toEqual(sample);
  for (const seed of [1, 2, 3]) {
    const asked = drawAsked(source, examples, sample, { seed })!;
    expect(asked.size).toBeGreaterThan(1200 / 7);
    expect(asked.size).toBeLessThan(1200 / 3);
    const setsOfSample = new Set([...sample].map(({ set }) => set));
    expect([...asked].filter(({ set }) => setsOfSample.has(set))).toEqual([]);
  }
  expect(drawAsked(source, examples, sample, { seed: 1 })).not.toEqual(drawAsked(source, examples, sample, { seed: 2 }));
});

test("a test part of one's own is asked, and has no say", () => {
  const examples = examplesOf(1200, 1);
  const source = { hasOwnTest: true, task };
  const sample = drawSample(source, examples);
  expect(sample.filter(({ record }) => record.split === "test")).toEqual([]);
  expect(drawAsked(source, examples, new Set(sample), { seed: 1 })!.size).toBe(120);
});

test("two people with most of the pictures leave no sample of whole sets", () => {
  expect(drawSample({ hasOwnTest: false }, examplesOf(1300, 650))).toEqual([]);
});

test("a class of which the sample holds all but one is still a class", () => {
  const plain = examplesOf(1200, 1);
  const sample = new Set(drawSample({ hasOwnTest: false }, plain));
  const rare = [plain.find((example) => sample.has(example)), plain.find((example) => !sample.has(example))];
  const examples = plain.map((example) => (rare.includes(example) ? relabelled(example, "flat") : example));
  const again = new Set(drawSample({ hasOwnTest: false }, examples));
  const source = { hasOwnTest: false, task: { ...task, labels: [...task.labels, "flat"] } };
  expect(drawAsked(source, examples, again, { seed: 1 })!.size).toBeGreaterThan(1200 / 7);
});

test("a test part of which nothing can be used, or all that can be used, asks nobody", () => {
  const source = { hasOwnTest: true, task };
  const examples = examplesOf(400, 1).map((example, index) => relabelled(example, task.labels[Math.floor(index / 10) % 2]!));
  const inTest = ({ record }: Example): boolean => record.split === "test";
  for (const left of [examples.filter((example) => !inTest(example)), examples.filter(inTest)]) {
    expect(drawAsked(source, left, new Set(), { seed: 1 })).toBeUndefined();
    const asked = drawAsked(source, left, new Set(), { seed: 1, keepsApart: true })!;
    expect(asked.size).toBeGreaterThan(0);
    expect(asked.size).toBeLessThan(left.length / 2);
  }
});
