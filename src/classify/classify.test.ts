import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adienceAgeGroups, float32Tensor, softmax, type Tensor } from "../core/index.ts";
import type { HeadManifest } from "../models/index.ts";
import { drawnManifest, drawnTasks } from "../models/testing.ts";
import {
  averageProbabilities,
  checkNetwork,
  type Head,
  noveltyOf,
  readAge,
  readLabel,
  runHead,
  type RunHeadOptions,
  toAgeDistribution,
  toProbabilities,
} from "./index.ts";

const two = { labels: ["female", "male"], temperature: 1 } as const;

describe("probabilities", () => {
  test("of logits, of probabilities, of one column", () => {
    expect(toProbabilities(Float32Array.of(0, 2), { ...two, activation: "softmax" })[1]).toBeCloseTo(1 / (1 + Math.exp(-2)), 9);
    expect([...toProbabilities(Float32Array.of(0.25, 0.25), { ...two, activation: "none" })]).toEqual([0.5, 0.5]);
    expect([...toProbabilities(Float32Array.of(0.75), { ...two, activation: "none" })]).toEqual([0.25, 0.75]);
    expect(toProbabilities(Float32Array.of(2), { ...two, activation: "sigmoid" })[1]).toBeCloseTo(1 / (1 + Math.exp(-2)), 9);
  });

  test("are scaled class by class where the manifest says so, as the fit scaled them", () => {
    const scaling = { scale: [2, 1], bias: [0, Math.log(3)] };
    const even = { ...two, scaling: { scale: [1, 1], bias: [0, Math.log(3)] } };
    expect(toProbabilities(Float32Array.of(1, 1), { ...even, activation: "softmax" })[1]).toBeCloseTo(0.75, 6);
    expect(toProbabilities(Float32Array.of(0.5, 0.5), { ...even, activation: "none" })[1]).toBeCloseTo(0.75, 6);
    // A head of one column has two probabilities all the same.
    expect(toProbabilities(Float32Array.of(0), { ...even, activation: "sigmoid" })[1]).toBeCloseTo(0.75, 6);
    // The fit sees probabilities alone, so what is added to all logits must not matter.
    const [low, high] = [Float32Array.of(1, 2), Float32Array.of(11, 12)].map((row) =>
      toProbabilities(row, { ...two, activation: "softmax", scaling }),
    );
    expect(high![1]).toBeCloseTo(low![1]!, 6);
    const logarithms = [1 / (1 + Math.E), Math.E / (1 + Math.E)].map(Math.log);
    expect(low![1]).toBeCloseTo(softmax([2 * logarithms[0]!, logarithms[1]! + Math.log(3)])[1]!, 6);
  });

  test("always sum to 1, keep their order, and a temperature above 1 flattens them", () => {
    const activation = fc.constantFrom("none" as const, "softmax" as const, "sigmoid" as const);
    const row = fc.float32Array({ minLength: 3, maxLength: 3, min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(activation, row, fc.double({ min: 1, max: 8, noNaN: true }), (activation, row, temperature) => {
        const labels = ["a", "b", "c"];
        const sharp = toProbabilities(row, { activation, labels, temperature: 1 });
        const flat = toProbabilities(row, { activation, labels, temperature });
        for (const probabilities of [sharp, flat]) expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
        expect(Math.max(...flat)).toBeLessThanOrEqual(Math.max(...sharp) + 1e-9);
        for (const [a, b] of [
          [0, 1],
          [1, 2],
        ] as const)
          expect(row[a]! <= row[b]! || flat[a]! >= flat[b]! - 1e-12).toBe(true);
      }),
    );
  });

  test("nothing known is said as such", () => {
    expect([...toProbabilities(Float32Array.of(0, 0), { ...two, activation: "none" })]).toEqual([0.5, 0.5]);
  });

  test("two opinions meet in the middle", () => {
    expect([...averageProbabilities(Float64Array.of(0.2, 0.8), Float64Array.of(0.6, 0.4))]).toEqual([0.4, expect.closeTo(0.6, 12)]);
  });
});

describe("age", () => {
  test("columns go to their years, fractions to both neighbours, the far ends to 0 and 100", () => {
    const distribution = toAgeDistribution([0.1, 0.2, 0.3, 0.4], [-3, 20, 30.25, 130]);
    expect(distribution).toHaveLength(101);
    expect(
      [distribution[0], distribution[20], distribution[30], distribution[31], distribution[100]].map((value) => Number(value!.toFixed(6))),
    ).toEqual([0.1, 0.2, 0.225, 0.075, 0.4]);
  });

  test("the groups take every year once, gaps to the nearest", () => {
    const distribution = toAgeDistribution([0.5, 0.3, 0.2], [22, 23, 35]);
    const reading = readAge(distribution, adienceAgeGroups);
    expect(reading.group).toBe("15-20");
    expect(reading.probabilities).toMatchObject({ "15-20": 0.5, "25-32": 0.5 });
    expect(reading.years).toBeCloseTo(24.9, 9);
    expect(reading.interval).toEqual({ low: 22, high: 35, level: 0.8 });
    // A head whose distributions are too wide says how much of them holds 80 % of the true ages.
    expect(readAge(distribution, adienceAgeGroups, { share: 0.5 }).interval).toEqual({ low: 22, high: 23, level: 0.8 });
  });

  test("years stand within the interval's wider bounds, groups sum to 1", () => {
    const weights = fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 101, maxLength: 101 });
    fc.assert(
      fc.property(weights, (weights) => {
        const total = weights.reduce((sum, value) => sum + value, 0);
        const reading = readAge(
          weights.map((value) => value / total),
          adienceAgeGroups,
        );
        expect(reading.interval.low).toBeLessThanOrEqual(reading.interval.high);
        expect(Object.values(reading.probabilities).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
        expect(reading.years).toBeGreaterThanOrEqual(0);
        expect(reading.years).toBeLessThanOrEqual(100);
      }),
    );
  });
});

test("the most probable label leads, the first of equals", () => {
  expect(readLabel([0.3, 0.4, 0.3], ["a", "b", "c"])).toEqual({ label: "b", confidence: 0.4, probabilities: { a: 0.3, b: 0.4, c: 0.3 } });
  expect(readLabel([0.5, 0.5], ["a", "b"]).label).toBe("a");
});

describe("heads", () => {
  const point = { x: 0.5, y: 0.5 };
  const manifest = {
    schema: "tensorface.model/1",
    id: "test",
    title: "",
    file: "test.onnx",
    bytes: 1,
    sha256: "0".repeat(64),
    preference: 0,
    provenance: { source: "test", licence: "MIT" },
    kind: "head",
    input: { name: "crop", width: 2, height: 1, colour: "grey", mean: [0], standardDeviation: [1] },
    template: { landmarks: { leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point }, source: "test" },
    outputs: [
      { task: "gender", output: "gender", activation: "none", labels: ["female", "male"], temperature: 1 },
      { task: "age", output: "age", activation: "none", labels: ["20", "40"], temperature: 1 },
    ],
  } satisfies HeadManifest;
  /** Says male as sure as the left pixel is bright. */
  const head = (runs: number[] = []): Head => ({
    manifest,
    network: {
      run: async ({ crop }): Promise<Record<string, Tensor>> => {
        const count = crop!.shape[0]!;
        runs.push(count);
        const gender = Float32Array.from({ length: count }, (_, index) => Number(crop!.data[index * 2]));
        return { gender: float32Tensor([count, 1], gender), age: float32Tensor([count, 2], new Float32Array(count * 2).fill(0.5)) };
      },
    },
  });
  const crops = float32Tensor([2, 1, 1, 2], Float32Array.of(0.9, 0.1, 0.3, 0.5));

  test("a network with several outputs runs once for all faces", async () => {
    const runs: number[] = [];
    const answers = await runHead(head(runs), crops);
    expect(runs).toEqual([2]);
    expect(answers.map((face) => face.map(({ task }) => task))).toEqual([
      ["gender", "age"],
      ["gender", "age"],
    ]);
    const [gender] = answers[0]!;
    expect(gender).toMatchObject({ labels: ["female", "male"] });
    expect(gender!.kind === "classes" && gender!.probabilities[1]).toBeCloseTo(0.9, 6);
  });

  test("flip averaging looks at the mirror image too, and leaves the crops as they are", async () => {
    const [first] = await runHead(head(), crops, { tasks: ["gender"], flipAveraging: true });
    expect(first![0]!.kind === "classes" && first![0]!.probabilities[1]).toBeCloseTo(0.5, 6);
    expect(crops.data[0]).toBeCloseTo(0.9, 6);
  });

  test.each([
    [1, [2]],
    [4, [8]],
    [5, [5, 5]],
  ])("%i crops and their mirror images are seen in batches of %j, and each answer is its crop's", async (count, batches) => {
    const bright = Float32Array.from({ length: 2 * count }, (_, index) => (index + 1) / 20);
    const runs: number[] = [];
    const answers = await runHead(head(runs), float32Tensor([count, 1, 1, 2], bright), { tasks: ["gender"], flipAveraging: true });
    expect(runs).toEqual(batches);
    const male = answers.map(([answer]) => (answer!.kind === "classes" ? answer!.probabilities[1]! : Number.NaN));
    for (const [index, value] of male.entries()) expect(value).toBeCloseTo((bright[2 * index]! + bright[2 * index + 1]!) / 2, 6);
  });

  test("a manifest may ask for flip averaging, and the caller has the last word", async () => {
    const averaging = { ...head(), manifest: { ...manifest, flipAveraging: true } };
    const male = async (options: RunHeadOptions): Promise<number> => {
      const [first] = await runHead(averaging, crops, { ...options, tasks: ["gender"] });
      const [answer] = first!;
      return answer!.kind === "classes" ? answer!.probabilities[1]! : Number.NaN;
    };
    expect(await male({})).toBeCloseTo(0.5, 6);
    expect(await male({ flipAveraging: false })).toBeCloseTo(0.9, 6);
  });

  test("an answer about age brings the share that its interval takes", async () => {
    const outputs = manifest.outputs.map((output) => (output.task === "age" ? { ...output, intervalMass: 0.7 } : output));
    const [first] = await runHead({ ...head(), manifest: { ...manifest, outputs } }, crops, { tasks: ["age"] });
    expect(first).toMatchObject([{ task: "age", intervalShare: 0.7 }]);
  });

  describe("a head that tells what an interval leaves out of each face", () => {
    const intervalTails = { output: "tails", source: "test" };
    const [gender, age] = [manifest.outputs[0]!, manifest.outputs[1]!];
    /** Leaves out below what the left pixel is, above half of the right one. */
    const telling = (changes: Partial<HeadManifest["outputs"][number]> = {}): Head => ({
      manifest: { ...manifest, outputs: [gender, { ...age, intervalTails, ...changes }] },
      network: {
        run: async ({ crop }, names): Promise<Record<string, Tensor>> => {
          expect(names).toContain("tails");
          const count = crop!.shape[0]!;
          const tails = Float32Array.from({ length: 2 * count }, (_, index) => Number(crop!.data[index]) / (1 + (index % 2)));
          return { age: float32Tensor([count, 2], new Float32Array(count * 2).fill(0.5)), tails: float32Tensor([count, 2], tails) };
        },
      },
    });
    const pair = float32Tensor([2, 1, 1, 2], Float32Array.of(0.05, 0.1, 0.9, 0.2));
    const told = async (head: Head, options: RunHeadOptions = {}) =>
      (await runHead(head, pair, { ...options, tasks: ["age"] })).map(([answer]) => (answer!.kind === "age" ? answer! : undefined));

    test("brings it with the answer, never more than leaves the median inside", async () => {
      const [first, second] = await told(telling());
      expect(first!.intervalShare).toEqual({ below: expect.closeTo(0.05, 6), above: expect.closeTo(0.05, 6) });
      expect(second!.intervalShare).toEqual({ below: 0.25, above: expect.closeTo(0.1, 6) });
      expect(second!.intervalLevel).toBe(0.8);
    });

    test("means it over the mirror image too", async () => {
      const [first] = await told(telling(), { flipAveraging: true });
      expect(first!.intervalShare).toEqual({ below: expect.closeTo(0.075, 6), above: expect.closeTo(0.0375, 6) });
    });

    test("gives way to a calibration", async () => {
      const conformal = { kind: "age", level: 0.9, source: "test", groups: [{ faces: 100, mass: 0.7 }] } as const;
      const [first] = await told(telling({ conformal }));
      expect(first).toMatchObject({ intervalShare: 0.7, intervalLevel: 0.9 });
    });

    test("is not taken for one whose network has another output", () => {
      const info = (name: string, size: number) => ({ name, type: "float32", shape: ["N", size] });
      const network = {
        inputs: [{ name: "crop", type: "float32", shape: ["N", 1, 1, 2] }],
        outputs: [info("gender", 1), info("age", 2), info("tails", 1)],
      };
      expect(() => checkNetwork(telling().manifest, network)).toThrow(expect.objectContaining({ code: "TF_MODEL_INVALID" }));
    });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("an output that is %d is an error, and no first class", async (value) => {
    const broken = {
      ...head(),
      network: { run: async () => ({ gender: float32Tensor([2, 2], Float32Array.of(0.5, 0.5, value, value)) }) },
    };
    await expect(runHead(broken, crops, { tasks: ["gender"] })).rejects.toMatchObject({
      code: "TF_RUNTIME_FAILED",
      message: expect.stringContaining('"gender"'),
    });
  });

  test("an output that is not as the manifest says is an error", async () => {
    const odd = { ...head(), network: { run: async () => ({ gender: float32Tensor([2, 3]) }) } };
    await expect(runHead(odd, crops, { tasks: ["gender"] })).rejects.toMatchObject({
      code: "TF_SHAPE_MISMATCH",
      message: expect.stringContaining('"gender"'),
    });
  });
});

describe("tasks of every kind", () => {
  /** One row of numbers for each output, the same for every face. */
  const answersOf = async (manifest: HeadManifest, rows: Readonly<Record<string, readonly number[]>>) => {
    const run = async (): Promise<Record<string, Tensor>> =>
      Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, float32Tensor([1, row.length], Float32Array.from(row))]));
    const [first] = await runHead({ manifest, network: { run } }, float32Tensor([1, 3, 8, 8]));
    return first!.map((answer) =>
      "probabilities" in answer ? Object.assign({}, answer, { probabilities: [...answer.probabilities] }) : answer,
    );
  };
  const [classes, tags, ordered, number] = drawnTasks;

  test("classes and ordered groups are probabilities in the manifest's order", async () => {
    expect(await answersOf(drawnManifest(classes), { glasses: [0, Math.log(3)] })).toMatchObject([
      { task: "glasses", kind: "classes", labels: ["glasses", "none"], probabilities: [expect.closeTo(0.25, 6), expect.closeTo(0.75, 6)] },
    ]);
    const [answer] = await answersOf(drawnManifest(ordered), { "age-group": [9, 0, 0, 0, 0, 0, 0, 0] });
    expect(answer).toMatchObject({ kind: "ordered", labels: ordered.labels });
  });

  test("tags stand each by itself, scaled and cooled", async () => {
    expect(await answersOf(drawnManifest(tags), { wears: [0, 2, -2] })).toMatchObject([
      { kind: "tags", probabilities: [0.5, expect.closeTo(1 / (1 + Math.exp(-2)), 6), expect.closeTo(1 / (1 + Math.exp(2)), 6)] },
    ]);
    const [output] = drawnManifest(tags).outputs;
    const scaled = { ...drawnManifest(tags), outputs: [{ ...output!, scaling: { scale: [1, 2, 1], bias: [1, 0, 0] }, temperature: 2 }] };
    expect(await answersOf(scaled, { wears: [0, 2, -2] })).toMatchObject([
      {
        probabilities: [
          expect.closeTo(1 / (1 + Math.exp(-0.5)), 6),
          expect.closeTo(1 / (1 + Math.exp(-2)), 6),
          expect.closeTo(1 / (1 + Math.E), 6),
        ],
      },
    ]);
  });

  test("a number has its interval, and both stay within the bounds", async () => {
    expect(await answersOf(drawnManifest(number), { rating: [4] })).toEqual([
      { task: "rating", kind: "number", value: 4, interval: { low: 2.5, high: 4.5, level: 0.8 } },
    ]);
    expect(await answersOf(drawnManifest(number), { rating: [12] })).toMatchObject([{ value: 10, interval: { low: 10, high: 10 } }]);
  });

  test("novelty is the share of held-out examples that were nearer", () => {
    const quantiles = Array.from({ length: 101 }, (_, index) => index / 10);
    expect([-1, 0, 5, 5.05, 9.99, 10, 11, Number.NaN].map((distance) => noveltyOf(distance, quantiles))).toEqual([
      0,
      0,
      expect.closeTo(0.5, 6),
      expect.closeTo(0.505, 6),
      expect.closeTo(0.999, 6),
      1,
      1,
      1,
    ]);
    expect(
      noveltyOf(
        3,
        Array.from({ length: 101 }, () => 3),
      ),
    ).toBe(1);
  });

  test("a head that knows how far its examples are says it of its classes", async () => {
    const quantiles = Array.from({ length: 101 }, (_, index) => index / 100);
    const manifest = drawnManifest(classes, { quantiles });
    expect(await answersOf(manifest, { glasses: [0, 1], novelty: [0.3] })).toMatchObject([{ novelty: expect.closeTo(0.3, 6) }]);
    await expect(answersOf(manifest, { glasses: [0, 1], novelty: [1, 2] })).rejects.toMatchObject({ code: "TF_SHAPE_MISMATCH" });
  });

  test("a network is compared with its manifest before it answers", () => {
    const info = (name: string, shape: (number | string)[], type = "float32") => ({ name, type, shape });
    const picture = info("picture", ["N", 3, 8, 8]);
    const check =
      (inputs: ReturnType<typeof info>[], outputs: ReturnType<typeof info>[], manifest = drawnManifest(classes)) =>
      () =>
        checkNetwork(manifest, { inputs, outputs });
    expect(check([picture], [info("glasses", ["N", 2])])).not.toThrow();
    expect(check([picture], [info("glasses", ["N", 1])])).not.toThrow();
    expect(check([info("picture", ["N", "C", "H", "W"])], [info("glasses", ["N", "K"]), info("other", ["N", 9])])).not.toThrow();
    const wrong: [() => void, RegExp][] = [
      [check([info("image", ["N", 3, 8, 8])], [info("glasses", ["N", 2])]), /no input "picture", only "image"/],
      [check([info("picture", ["N", 8, 8, 3])], [info("glasses", ["N", 2])]), /\[N,8,8,3\], not float32 \[N,3,8,8\]/],
      [check([info("picture", ["N", 3, 8, 8], "uint8")], [info("glasses", ["N", 2])]), /uint8/],
      [check([info("picture", [1, 3, 8, 8])], [info("glasses", ["N", 2])]), /takes 1 at a time/],
      [check([picture, info("more", [1])], [info("glasses", ["N", 2])]), /also wants the input "more"/],
      [check([picture], [info("moods", ["N", 2])]), /no output "glasses"/],
      [check([picture], [info("glasses", ["N", 3])]), /\[N,3\], not float32 \[N,2\]/],
      [check([picture], [info("wears", ["N", 1])], drawnManifest(tags)), /\[N,1\], not float32 \[N,3\]/],
      [check([picture], [info("rating", ["N", 2])], drawnManifest(number)), /\[N,2\], not float32 \[N,1\]/],
      [
        check([picture], [info("glasses", ["N", 2])], drawnManifest(classes, { quantiles: Array.from({ length: 101 }, () => 1) })),
        /no output "novelty"/,
      ],
    ];
    for (const [act, message] of wrong)
      expect(act).toThrow(expect.objectContaining({ code: "TF_MODEL_INVALID", message: expect.stringMatching(message) }));
  });
});
