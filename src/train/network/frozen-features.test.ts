import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { argMax, float32Tensor } from "../../core/index.ts";
import { openDataset } from "../../datasets/dataset.node.ts";
import { importDataset } from "../../datasets/import/import.node.ts";
import { decode } from "../../image/decode.node.ts";
import { warpToTensor } from "../../image/index.ts";
import { regionTransform } from "../../image/warp.ts";
import type { NetworkInput } from "../../models/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import type { InferenceRuntime } from "../../runtime/runtime.ts";
import { readCheckpoint } from "../run/checkpoint.node.ts";
import { parseTrainingConfig, type TrainingConfig } from "../config.ts";
import { createGraphBuilder } from "../../graph/index.ts";
import { createManifest, describeInput, exportBehind, exportNetwork } from "../export/export.ts";
import { exportModel } from "../export/model-export.node.ts";
import { createNetwork, initialWeights, type PixelInput } from "./network.ts";
import { createOnnxEngine } from "../step/onnx-engine.ts";
import { readMetrics } from "../run/run-log.node.ts";
import { drawHalves } from "../testing.node.ts";
import { train } from "../run/train.node.ts";

const side = 8;
const runtime = createNodeRuntime();
const input: PixelInput = { kind: "picture", channels: 1, height: side, width: side, mean: [127.5], standardDeviation: [64] };
const point = (x: number, y: number) => ({ x, y });
const landmarks = {
  leftEye: point(0.3, 0.3),
  rightEye: point(0.7, 0.3),
  nose: point(0.5, 0.5),
  leftMouth: point(0.3, 0.7),
  rightMouth: point(0.7, 0.7),
};

let folder: string;
let dataset: string;

/** A network with random weights is all that features need here: what a random convolution sees tells left from right. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "frozen-"));
  dataset = join(folder, "dataset");
  await drawHalves(join(folder, "pictures"), side);
  await importDataset("folder", join(folder, "pictures"), dataset);
  const network = createNetwork(
    {
      input,
      backbone: [{ layer: "conv", channels: 6, stride: 4 }, { layer: "activation", function: "relu" }, { layer: "flatten" }],
      heads: [{ name: "gender", layers: [{ layer: "dense", features: 2 }] }],
    },
    { seed: 5 },
  );
  const { bytes } = await exportNetwork(runtime, network, initialWeights(network));
  const provenance = { source: "drawn by a test", licence: "none needed" };
  const manifest = await createManifest(describeInput(input), bytes, {
    id: "random",
    title: "random",
    template: { landmarks, source: "test" },
    provenance,
    outputs: [{ task: "gender", output: "gender", labels: ["female", "male"] }],
  });
  await writeFile(join(folder, "random.onnx"), bytes);
  await writeFile(join(folder, "random.json"), JSON.stringify(manifest));
});
afterAll(() => rm(folder, { recursive: true }));

const configure = (changes: object = {}): TrainingConfig =>
  parseTrainingConfig(
    {
      name: "frozen",
      data: [{ path: dataset }],
      features: { model: join(folder, "random.json") },
      network: { backbone: [{ layer: "batchNorm" }], heads: [{ task: "mood", layers: [{ layer: "dense", features: 7 }] }] },
      losses: [{ kind: "crossEntropy", head: "mood", target: { kind: "mood" } }],
      schedule: { kind: "cosine", peak: 0.05 },
      batchSize: 16,
      epochs: 12,
      averageDecay: 0.9,
      validation: { select: ["mood.accuracy"] },
      ...changes,
    },
    "test",
  );

/** Counts the pictures that a network was run on. */
function counting(seen: { pictures: number }): InferenceRuntime {
  return {
    ...runtime,
    load: async (model, options) => {
      const session = await runtime.load(model, options);
      return {
        ...session,
        inputs: session.inputs,
        outputs: session.outputs,
        run: (feeds, fetches) => {
          seen.pictures += Object.values(feeds)[0]!.shape[0]!;
          return session.run(feeds, fetches);
        },
        dispose: () => session.dispose(),
        [Symbol.asyncDispose]: () => session.dispose(),
      };
    },
  };
}

test("a head is put behind a network of three channels with one mean for all, whatever its input is called", async () => {
  const builder = createGraphBuilder("means");
  const mean = builder.op("GlobalAveragePool", [builder.input("picture", ["N", 3, side, side])]);
  builder.output(builder.op("Flatten", [mean]), ["N", 3], { name: "features" });
  const network = createNetwork({
    input: { kind: "features", size: 3 },
    backbone: [],
    heads: [{ name: "mood", layers: [{ layer: "dense", features: 7 }] }],
  });
  const pictures: NetworkInput = { name: "picture", width: side, height: side, colour: "rgb", mean: [0], standardDeviation: [255] };
  const backbone = { graph: builder.build(), input: pictures };
  expect((await exportBehind(runtime, backbone, network, initialWeights(network))).largestDifference).toBeLessThan(1e-5);
});

describe("training on the features of a frozen network", () => {
  test("learns, stores which network it was, and computes every picture once", async () => {
    const seen = { pictures: 0 };
    const engine = createOnnxEngine(runtime);
    const first = await train({ config: configure(), out: join(folder, "first"), engine, runtime: counting(seen) });
    expect(first.state.best!.score).toBeGreaterThan(0.9);
    expect(seen.pictures).toBe(104);
    await train({ config: configure({ seed: 2 }), out: join(folder, "second"), engine, runtime: counting(seen) });
    expect(seen.pictures).toBe(104);
    // Another region of the pictures is another preprocessing.
    const cropped = configure({ data: [{ path: dataset, crop: { x: 0.1, y: 0.1, side: 0.8 } }], epochs: 1 });
    await train({ config: cropped, out: join(folder, "third"), engine, runtime: counting(seen) });
    expect(seen.pictures).toBe(208);
    const hashes = await Promise.all(
      ["first", "second"].map(async (name) => (await readCheckpoint(join(folder, name, "best.safetensors"))).dataHash),
    );
    expect(new Set(hashes).size).toBe(1);
  });

  test("runs the frozen network where it is told to", async () => {
    const asked: unknown[] = [];
    const watched: InferenceRuntime = { ...runtime, load: (model, options) => (asked.push(options), runtime.load(model, options)) };
    const options = { config: configure({ epochs: 1 }), engine: createOnnxEngine(runtime), runtime: watched };
    await train({ ...options, out: join(folder, "here"), load: { device: "cpu", threads: 1 } });
    expect(asked).toEqual([{ device: "cpu", threads: 1 }]);
    const nowhere = train({ ...options, out: join(folder, "nowhere"), load: { device: "abacus" } });
    await expect(nowhere).rejects.toMatchObject({ code: "TF_DEVICE_UNAVAILABLE" });
  });

  test("goes on where an interrupted computation stopped", async () => {
    const files = (await readdir(dataset)).filter((name) => name.startsWith("features-random"));
    const values = files.find((name) => name.endsWith(".f32"))!;
    const { size } = await stat(join(dataset, values));
    // As after a kill: a row is half written, and its key is there already.
    await writeFile(join(dataset, values), (await readFile(join(dataset, values))).subarray(0, size - 40 * 24 * 4 - 7));
    const seen = { pictures: 0 };
    const complete = [configure(), configure({ data: [{ path: dataset, crop: { x: 0.1, y: 0.1, side: 0.8 } }] })];
    for (const [index, config] of complete.entries())
      await train({ config, out: join(folder, `again-${index}`), engine: createOnnxEngine(runtime), runtime: counting(seen) });
    expect(seen.pictures).toBe(41);
    const weights = await Promise.all(["first", "again-0"].map((name) => readFile(join(folder, name, "best.safetensors"))));
    expect(weights[1]!.equals(weights[0]!)).toBe(true);
  });

  test("is exported as one file from pictures to moods, which agrees with the two networks in turn", async () => {
    const { bytes, manifest } = await exportModel(runtime, {
      config: configure(),
      weights: join(folder, "first", "best.safetensors"),
      id: "halves-on-random",
      title: "halves",
      // Whole pictures stand for the crops of the network whose features they give.
      templateOf: async ({ backbone }) => backbone!,
      cache: join(folder, "cache"),
    });
    expect(manifest).toMatchObject({
      input: { name: "input", width: side, colour: "grey" },
      outputs: [{ task: "mood", activation: "softmax" }],
      template: { landmarks },
      provenance: { training: { features: { model: "random" } } },
    });
    expect(manifest.provenance.source).toContain("the frozen features of random");
    await using session = await runtime.load(bytes);
    let correct = 0;
    for (const [mood, label] of [
      ["happy", 3],
      ["sad", 4],
    ] as const) {
      for (let index = 0; index < 12; index++) {
        const { image } = await decode(join(folder, "pictures", "val", mood, `${index}.png`));
        const pixels = new Float32Array(side * side);
        const layout = { width: side, height: side, colour: "grey", mean: [127.5], standardDeviation: [64] } as const;
        warpToTensor(image, regionTransform({ x: 0, y: 0, width: side, height: side }, side, side), layout, pixels, 0);
        const answer = await session.run({ [session.inputs[0]!.name]: float32Tensor([1, 1, side, side], pixels) });
        const logits = answer[manifest.outputs[0]!.output]!;
        if (argMax(Array.from(logits.data, Number)) === label) correct++;
      }
    }
    expect(correct).toBeGreaterThanOrEqual(22);
  });

  test("a teacher's probabilities train where there is no label, and another teacher is other data", async () => {
    const records = await Array.fromAsync((await openDataset(dataset)).records());
    const file = join(folder, "teacher.jsonl");
    // This teacher takes bright left halves for fear, and says nothing of every fifth face.
    const certain = (mood: number): number[] => Array.from({ length: 7 }, (_, index) => (index === mood ? 0.94 : 0.01));
    const rows = records.map(({ id, labels }, index) => ({
      id,
      found: true,
      attributes: {},
      answers: index % 5 === 0 ? {} : { wise: { mood: certain(labels.mood === "happy" ? 2 : 4) } },
    }));
    const write = async (path: string, lines: readonly object[]): Promise<void> =>
      writeFile(path, [{ schema: "tensorface.predictions/1", key: {} }, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(""));
    await write(file, rows);
    const loss = { kind: "distillation", head: "mood", teacher: { predictions: file, model: "wise" } };
    const config = configure({ losses: [loss], epochs: 12 });
    const [out, engine] = [join(folder, "taught"), createOnnxEngine(runtime)];
    let taught: unknown;
    const { state } = await train({ config, out, engine, onStart: (start) => (taught = start.taught) });
    const answered = records.filter(({ split }, index) => split === "train" && index % 5 !== 0).length;
    expect(taught).toEqual({ "mood from teacher": answered });
    // Sad is what teacher and labels agree on; happy faces are called fear.
    expect(state.best!.score).toBeCloseTo(0.5, 1);
    expect((await readMetrics(out)).at(-1)!.losses["mood from teacher"]).toBeGreaterThan(0);
    // The same answers from two files, as for two datasets.
    const half = rows.length >> 1;
    const files = [join(folder, "first.jsonl"), join(folder, "second.jsonl")];
    await write(files[0]!, rows.slice(0, half));
    await write(files[1]!, rows.slice(half));
    const inParts = configure({ losses: [{ ...loss, teacher: { predictions: files, model: "wise" } }], epochs: 12 });
    const parts = await train({ config: inParts, out: join(folder, "taught-in-parts"), engine });
    expect(parts.state.best!.score).toBe(state.best!.score);
    // Two files that name different faces alike cannot be told apart.
    await write(files[1]!, [{ ...rows[1], answers: { wise: { mood: certain(6) } } }, ...rows.slice(half)]);
    await expect(train({ config: inParts, out: join(folder, "taught-twice"), engine })).rejects.toMatchObject({
      code: "TF_CONFIG_INVALID",
      message: expect.stringMatching(/second\.jsonl".* something else of the face .*first\.jsonl"/),
    });
    await writeFile(file, (await readFile(file, "utf8")).replaceAll("0.94", "0.93"));
    await expect(train({ config, out, engine, resume: true })).rejects.toMatchObject({ code: "TF_CHECKPOINT_MISMATCH" });
    await write(files[0]!, [{ ...rows[1], answers: { wise: { mood: [0.5, 0.5] } } }]);
    await expect(train({ config: inParts, out: join(folder, "short"), engine })).rejects.toThrow(/line 2 is no prediction/);
    const silent = configure({ losses: [{ ...loss, teacher: { predictions: file, model: "unknown" } }] });
    await expect(train({ config: silent, out: join(folder, "silent"), engine })).rejects.toThrow(
      /says nothing of the training faces' mood/,
    );
    await writeFile(file, "nonsense\n");
    await expect(train({ config, out: join(folder, "nonsense"), engine })).rejects.toMatchObject({ code: "TF_CONFIG_INVALID" });
  });

  test("a teacher's answer is not given to another dataset's face of the same name", async () => {
    const others = join(folder, "others");
    await drawHalves(join(folder, "other-pictures"), side, 9);
    await importDataset("folder", join(folder, "other-pictures"), others);
    const record = (await Array.fromAsync((await openDataset(dataset)).records())).find(({ split }) => split === "train");
    const file = join(folder, "of-one.jsonl");
    const row = { id: record!.id, answers: { wise: { mood: [1, 0, 0, 0, 0, 0, 0] } } };
    await writeFile(file, [{ schema: "tensorface.predictions/1" }, row].map((line) => `${JSON.stringify(line)}\n`).join(""));
    const losses = [{ kind: "distillation", head: "mood", teacher: { predictions: file, model: "wise" } }];
    const config = configure({ losses, data: [{ path: dataset }, { path: others }] });
    await expect(train({ config, out: join(folder, "two"), engine: createOnnxEngine(runtime) })).rejects.toMatchObject({
      code: "TF_CONFIG_INVALID",
      message: expect.stringContaining("two of the training's datasets have a face"),
    });
    // With the picture's hash, as evaluate writes it: nor to a face that is alone with the name.
    const hashed = Object.assign(row, { sha256: record!.sha256 });
    await writeFile(file, [{ schema: "tensorface.predictions/1" }, hashed].map((line) => `${JSON.stringify(line)}\n`).join(""));
    const wrong = configure({ losses, data: [{ path: others }] });
    await expect(train({ config: wrong, out: join(folder, "wrong"), engine: createOnnxEngine(runtime) })).rejects.toMatchObject({
      code: "TF_CONFIG_INVALID",
      message: expect.stringContaining("another picture of the name"),
    });
  });

  test("says what it cannot do", async () => {
    expect(() => configure({ picture: { side: 8, colour: "grey" } })).toThrow('fields "picture" and "features": give one of the two');
    expect(() => configure({ augmentation: { flip: 0.5 } })).toThrow('field "augmentation"');
    expect(() => configure({ validation: { select: ["mood.accuracy"], flip: true } })).toThrow("no mirror image");
    expect(() => configure({ losses: [{ kind: "mass", head: "mood", target: { kind: "mood" } }] })).toThrow(
      "mass takes ageGroup, not mood",
    );
    const out = join(folder, "refused");
    const unknown = configure({ features: { model: "no-such-model" } });
    const missing = configure({ features: { model: join(folder, "random.json"), value: "nowhere" } });
    const engine = createOnnxEngine(runtime);
    await expect(train({ config: unknown, out, engine })).rejects.toMatchObject({ code: "TF_MODEL_NOT_FOUND" });
    await expect(train({ config: missing, out, engine })).rejects.toMatchObject({ code: "TF_GRAPH_INVALID" });
  });
});
