import { describe, expect, test } from "vitest";
import { createRandom, type TaskDefinition } from "../../core/index.ts";
import { classOf, type FaceRecord } from "../../datasets/index.ts";
import type { FeatureMatrix } from "../../features/index.ts";
import type { HeadManifest } from "../../models/index.ts";
import { judgeLabels, withContradictions } from "./judge.ts";
import { type Aspects, aspectsOf } from "./views.ts";
import { weighClasses } from "./weigh-classes.ts";
import { weighValues } from "./weigh-values.ts";

const count = 600;
const folds = Int32Array.from({ length: count }, (_, face) => face % 5);

/** Faces whose features lie about a place that their true number names, along one column; the others are noise. */
function drawFaces(truth: ArrayLike<number>, seed: number, spread: number): FeatureMatrix {
  const random = createRandom(seed);
  const columns = 6;
  const data = Float32Array.from({ length: count * columns }, (_, index) => {
    const place = index % columns === 0 ? truth[Math.floor(index / columns)]! : 0;
    return place + spread * random.normal();
  });
  return { rows: count, columns, data };
}

function recordOf(face: number, labels: FaceRecord["labels"]): FaceRecord {
  const id = `face ${String(face).padStart(4, "0")}`;
  return { id, file: `${id}.png`, sha256: id, width: 1, height: 1, labels, source: "drawn", split: "train" };
}

function aspectsFor({ rows, columns, data }: FeatureMatrix, task: string, folds: ArrayLike<number>): Aspects {
  const features = { rows, columns, read: async () => ({ rows, columns, data }) };
  return aspectsOf([{ features, parts: [] }], task, folds);
}

const ids = (judged: readonly { readonly doubt: number }[], first: number): number[] =>
  judged
    .map(({ doubt }, face) => ({ doubt, face }))
    .toSorted((a, b) => b.doubt - a.doubt)
    .slice(0, first)
    .map(({ face }) => face);

describe("classes", () => {
  const truth = Int32Array.from({ length: count }, (_, face) => face % 2);
  const flipped = new Set(Array.from({ length: 30 }, (_, n) => n * 20 + (n % 3)));
  const records = Array.from(truth, (label, face) =>
    recordOf(face, { gender: (flipped.has(face) ? 1 - label : label) === 0 ? "female" : "male" }),
  );

  test("what a head says of the very classes counts as it is, whatever the given labels teach", async () => {
    // Columns of the answer are in the head's order; what else there is to see is noise.
    const answers = Float32Array.from({ length: 2 * count }, (_, index) => (truth[Math.floor(index / 2)] === index % 2 ? 0 : 3));
    const outputs = [{ task: "gender", output: "gender", labels: ["male", "female"] }];
    const model = { id: "head", outputs } as unknown as HeadManifest;
    const features = { rows: count, columns: 2, read: async () => ({ rows: count, columns: 2, data: answers }) };
    const aspects = await Array.fromAsync(
      aspectsOf([{ features, parts: [{ model, task: "gender", isWider: false, from: 0, columns: 2 }] }], "gender", folds),
    );
    const { labels, weights } = await judgeLabels(records, "gender", aspects);
    expect(weights.map(({ name }) => name)).toContain("head's gender, as it is");
    expect(new Set(ids(labels, flipped.size))).toEqual(flipped);
  });

  test("flipped labels of two clouds stand first, about as many as are said to be wrong", async () => {
    const features = drawFaces(
      truth.map((label) => 3 * label),
      11,
      1,
    );
    const { labels, wrongShare, probabilities } = await judgeLabels(records, "gender", aspectsFor(features, "gender", folds));
    const given = records.map((record) => Number(record.labels.gender === "male"));
    expect(labels.map(({ selfConfidence }) => selfConfidence)).toEqual(given.map((label, face) => probabilities![2 * face + label]));
    expect(ids(labels, count / 10).filter((face) => flipped.has(face)).length).toBeGreaterThanOrEqual(27);
    expect(wrongShare).toBeGreaterThan(0.025);
    expect(wrongShare).toBeLessThan(0.1);
    const first = labels[ids(labels, 1)[0]!]!;
    expect(first.margin).toBeLessThan(0);
    expect(first.suggested).not.toBe(records[ids(labels, 1)[0]!]!.labels.gender);
  });

  test("a view that knows nothing counts for nothing, and one that knows all decides", () => {
    const random = createRandom(3);
    const labels = truth.map((label, face) => (flipped.has(face) ? 1 - label : label));
    const knowing = Float64Array.from(
      { length: 2 * count },
      (_, index) => (truth[index >> 1] === index % 2 ? 1 : -1) * (1 + ((index >> 1) % 7)),
    );
    const guessing = Float64Array.from({ length: 2 * count }, () => 2 * random.normal());
    const views = [
      { name: "guesses", logits: guessing },
      { name: "knows", logits: knowing },
    ];
    const { weights, doubts, wrongShare } = weighClasses(views, labels, 2);
    expect(weights[0]!.weight).toBeLessThan(0.1 * weights[1]!.weight);
    expect(Math.abs(wrongShare - 0.05)).toBeLessThan(0.02);
    const first = ids(
      Array.from(doubts, (doubt) => ({ doubt })),
      flipped.size,
    );
    expect(new Set(first)).toEqual(flipped);
  });

  test("a label that one of two views is sure of is less doubtful than one that neither believes, however sure the other is of another", () => {
    const random = createRandom(5);
    const labels = truth.map((label, face) => (flipped.has(face) ? 1 - label : label));
    // Each view tells the truth of nine faces in ten, now surely, now hardly.
    const drawn = (): Float64Array => {
      const logits = new Float64Array(2 * count);
      for (let face = 0; face < count; face++) {
        const told = random.uniform() < 0.9 ? truth[face]! : 1 - truth[face]!;
        logits[2 * face + told] = 1 + 7 * random.uniform();
      }
      return logits;
    };
    const views = [
      { name: "first", logits: drawn() },
      { name: "second", logits: drawn() },
    ];
    const [disputed, unlikely] = [count - 1, count - 3];
    for (const [face, sure] of [
      [disputed, [-3, 9]],
      [unlikely, [2, 2]],
    ] as const) {
      expect(flipped.has(face)).toBe(false);
      for (const [view, { logits }] of views.entries()) {
        logits[2 * face + labels[face]!] = 0;
        logits[2 * face + (1 - labels[face]!)] = sure[view]!;
      }
    }
    const { doubts } = weighClasses(views, labels, 2);
    expect(doubts[unlikely]).toBeGreaterThan(doubts[disputed]!);
  });

  test("without any view all classes are as likely, and all labels as doubtful", () => {
    const { probabilities, doubts } = weighClasses([], Int32Array.of(0, 1), 2);
    for (const probability of probabilities) expect(probability).toBeCloseTo(0.5, 9);
    expect(doubts[0]).toBeCloseTo(doubts[1]!, 9);
  });

  test("of labels that are as unlikely, one of a mistake that is made often is the likelier wrong one, and its class is named", () => {
    const random = createRandom(4);
    const classes = 4;
    // Every fifth face of class 1 is called 0. The last two look like 1: one is called 0, one 2.
    const labels = Int32Array.from({ length: count }, (_, face) => (face % 20 === 1 ? 0 : face % classes));
    labels.set([0, 2], count - 2);
    const logits = Float64Array.from({ length: count * classes }, (_, index) => {
      const [face, label] = [Math.floor(index / classes), index % classes];
      return face < count - 2 ? (label === face % classes ? 4 : 0) + random.normal() : label === 1 ? 4 : 0;
    });
    const { doubts, others, wrongShare } = weighClasses([{ name: "looks", logits }], labels, classes);
    expect(doubts[count - 2]! - doubts[count - 1]!).toBeGreaterThan(0.15);
    expect([...others.subarray(count - 2)]).toEqual([1, 1]);
    // Together they are as many as are wrong.
    expect(doubts.reduce((sum, doubt) => sum + doubt, 0)).toBeCloseTo(wrongShare * count, 6);
  });

  test("where a fifth of the labels is wrong, it says so", () => {
    const random = createRandom(5);
    const labels = truth.map((label, face) => (face % 10 < 2 ? 1 - label : label));
    // Views that were taught by those labels are as unsure; most know nothing.
    const views = Array.from({ length: 12 }, (_, view) => {
      const knows = view < 4 ? 1.2 : 0;
      const logits = Float64Array.from(
        { length: 2 * count },
        (_, index) => (truth[index >> 1] === index % 2 ? knows : 0) + 0.3 * random.normal(),
      );
      return { name: `view ${view}`, logits };
    });
    const { wrongShare } = weighClasses(views, labels, 2);
    expect(wrongShare).toBeGreaterThan(0.17);
    expect(wrongShare).toBeLessThan(0.23);
  });

  test("copies with different labels: at least one is wrong, the likelier one first", () => {
    const two = [recordOf(0, { gender: "female" }), recordOf(1, { gender: "male" }), recordOf(2, { gender: "male" })];
    const judged = [0.3, 0.1, 0.2].map((doubt) => ({ doubt, suggested: "female" }));
    const pair = { first: two[0]!.id, second: two[1]!.id, kind: "near" as const, similarity: 1 };
    const doubts = withContradictions(two, "gender", { labels: judged }, [pair]).map(({ doubt }) => doubt);
    // 1 - 0.7 * 0.9 = 0.37: one of them at least.
    expect(doubts[0]).toBeCloseTo(0.3 / 0.37, 6);
    expect(doubts[1]).toBeCloseTo(0.1 / 0.37, 6);
    expect(doubts[2]).toBe(0.2);
  });

  test("faces of one fold alone have nothing to be judged by", async () => {
    const features = drawFaces(truth, 1, 1);
    const { labels } = await judgeLabels(records, "gender", aspectsFor(features, "gender", new Int32Array(count)));
    expect(labels.every(({ doubt }) => doubt >= 0 && doubt <= 1)).toBe(true);
  });
});

test("aspects are read one after the other, each when the one before was judged by", async () => {
  const steps: string[] = [];
  const model = { id: "head", outputs: [{ task: "gender", output: "gender", labels: ["female", "male"] }] } as unknown as HeadManifest;
  const part = (isWider: boolean, from: number) => ({ model, task: "gender", isWider, from, columns: 3 });
  const features = {
    rows: count,
    columns: 6,
    read: async (from: number, columns: number) => {
      steps.push(`read ${from} to ${from + columns}`);
      return { rows: count, columns, data: drawFaces(new Float32Array(count), 1, 1).data.subarray(0, count * columns) };
    },
  };
  const described = [{ features, parts: [part(false, 0), part(true, 3)] }];
  for await (const { name } of aspectsOf(described, "gender", folds, (done, total) => steps.push(`${done} of ${total}`))) steps.push(name);
  expect(steps).toEqual(["read 0 to 3", "head's gender", "1 of 2", "read 3 to 6", "head's gender, wider", "2 of 2"]);
});

describe("labels with an order", () => {
  const truth = Float64Array.from({ length: count }, (_, face) => 5 + ((face * 37) % 70));
  const features = drawFaces(truth, 5, 4);

  test("an age is judged by its distance: far ones first, and hardly any where people differ by a group", async () => {
    const moved = new Map(Array.from({ length: 30 }, (_, n) => [n * 20, (truth[n * 20]! + 35) % 80]));
    const random = createRandom(2);
    const records = Array.from(truth, (years, face) => {
      const age = moved.get(face) ?? Math.max(0, Math.round(years + 4 * random.normal()));
      return recordOf(face, { age: { low: age, high: age } });
    });
    const { labels } = await judgeLabels(records, "age", aspectsFor(features, "age", folds));
    expect(ids(labels, 48).filter((face) => moved.has(face)).length).toBeGreaterThanOrEqual(27);
    expect(labels.filter(({ doubt }) => doubt > 0.5).length).toBeLessThan(45);
  });

  test("of faces that were not found the views are trusted less, as far as they are off there", () => {
    const random = createRandom(6);
    // What is expected of every tenth says nothing.
    const unseen = new Set(Array.from({ length: count / 10 }, (_, n) => n * 10));
    const expected = truth.map((years, face) => (unseen.has(face) ? 40 + 20 * random.normal() : years + 3 * random.normal()));
    const wrong = new Set(Array.from({ length: 30 }, (_, n) => n * 20 + 3));
    const labels = truth.map((years, face) => (wrong.has(face) ? (years + 35) % 80 : years));
    const foundWith = (given?: ReadonlySet<number>): number => {
      const { doubts } = weighValues([{ name: "age", values: expected }], labels, given);
      const front = ids(
        Array.from(doubts, (doubt) => ({ doubt })),
        30,
      );
      return front.filter((face) => wrong.has(face)).length;
    };
    expect(foundWith(unseen)).toBeGreaterThanOrEqual(27);
    expect(foundWith()).toBeLessThan(foundWith(unseen));
  });

  test("ordered groups of one's own too, with the group that is expected", async () => {
    const sizes: TaskDefinition = { name: "size", kind: "ordered", labels: ["tiny", "small", "large", "huge"] };
    const groupOf = (years: number): number => Math.min(3, Math.floor(years / 19));
    const records = Array.from(truth, (years, face) => {
      const group = face % 40 === 0 ? 3 - groupOf(years) : groupOf(years);
      return recordOf(face, { attributes: { size: sizes.labels![group]! } });
    });
    const { labels } = await judgeLabels(records, "size", aspectsFor(features, "size", folds), { own: [sizes] });
    const wrong = records.flatMap((_, face) => (face % 40 === 0 && Math.abs(3 - 2 * groupOf(truth[face]!)) === 3 ? [face] : []));
    expect(wrong.length).toBeGreaterThan(4);
    for (const face of wrong) {
      expect(labels[face]!.doubt).toBeGreaterThan(0.5);
      expect(labels[face]!.suggested).not.toBe(records[face]!.labels.attributes!["size"]);
    }
  });

  test("copies with other numbers contradict each other where those are further apart than right ones usually are", async () => {
    const stars: TaskDefinition = { name: "stars", kind: "number" };
    // Right to about a tenth.
    const random = createRandom(5);
    const numbers = Array.from(truth, (years) => years / 20 + random.normal() / 10);
    const records = numbers.map((value, face) => recordOf(face, { attributes: { stars: value } }));
    const aspects = aspectsFor(
      drawFaces(
        truth.map((years) => years / 20),
        7,
        0.05,
      ),
      "stars",
      folds,
    );
    const judgement = await judgeLabels(records, "stars", aspects, { own: [stars] });
    const order = [...numbers.keys()].sort((a, b) => numbers[a]! - numbers[b]!);
    const [low, high] = [order[300]!, order[450]!];
    const wordOf = (face: number): string | undefined => classOf(records[face]!.labels, "stars");
    const next = order.slice(301).find((face) => wordOf(face) !== wordOf(low))!;
    const doubtsWith = (other: number): number[] => {
      const pair = { first: records[low]!.id, second: records[other]!.id, kind: "near" as const, similarity: 1 };
      return withContradictions(records, "stars", judgement, [pair], [stars]).map(({ doubt }) => doubt);
    };
    expect(doubtsWith(next)).toEqual(judgement.labels.map(({ doubt }) => doubt));
    expect(doubtsWith(high)[low]! + doubtsWith(high)[high]!).toBeGreaterThan(0.99);
  });

  test("how far right labels usually are is told for each age", () => {
    const random = createRandom(9);
    const labels = truth.map((years) => years + (1 + years / 10) * random.normal());
    const { spread, expected } = weighValues([{ name: "knows", values: truth }], labels);
    const [young, old] = [truth.findIndex((years) => years < 12), truth.findIndex((years) => years > 70)];
    expect(spread[old]! / spread[young]!).toBeGreaterThan(2);
    expect(Math.abs(expected[young]! - truth[young]!)).toBeLessThan(1.5);
  });

  test("two labels that contradict each other are judged without a failure", () => {
    const { doubts } = weighValues([{ name: "guesses", values: Float64Array.of(2, 1) }], Float64Array.of(1, 2));
    expect([...doubts].every((doubt) => doubt >= 0 && doubt <= 1)).toBe(true);
  });
});
