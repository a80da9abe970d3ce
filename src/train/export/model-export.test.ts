import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Float32Tensor, float32Tensor } from "../../core/index.ts";
import { importDataset } from "../../datasets/import/import.node.ts";
import { templateOf } from "../../models/index.ts";
import { decodeModel } from "../../graph/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { parseTrainingConfig } from "../config.ts";
import { networkDefinition } from "../definition.ts";
import { exportModel, type ExportModelOptions } from "./model-export.node.ts";
import { exportPlain } from "./plain.ts";
import { createNetwork, initialWeights } from "../network/network.ts";
import { writeCheckpoint } from "../run/checkpoint.node.ts";
import { initialLoopState } from "../run/loop.ts";
import { encodeSafetensors } from "../run/safetensors.ts";
import { drawHalves } from "../testing.node.ts";

const side = 8;
const runtime = createNodeRuntime();
const point = (x: number, y: number) => ({ x, y });
const landmarks = {
  leftEye: point(0.3, 0.3),
  rightEye: point(0.7, 0.3),
  nose: point(0.5, 0.5),
  leftMouth: point(0.3, 0.7),
  rightMouth: point(0.7, 0.7),
};

let folder: string;
let weights: Map<string, Float32Tensor>;
let options: ExportModelOptions;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "export-"));
  await drawHalves(join(folder, "pictures"), side);
  await importDataset("folder", join(folder, "pictures"), join(folder, "dataset"));
  const config = parseTrainingConfig(
    {
      name: "halves",
      seed: 3,
      data: [{ path: join(folder, "dataset"), crop: { x: 0.1, y: 0.1, side: 0.8 } }],
      picture: { side, colour: "grey" },
      network: {
        backbone: [{ layer: "conv", channels: 8 }, { layer: "batchNorm" }, { layer: "activation", function: "relu" }, { layer: "flatten" }],
        heads: [{ task: "mood", layers: [{ layer: "dense", features: 7 }] }],
      },
      losses: [{ kind: "crossEntropy", head: "mood", target: { kind: "mood" } }],
      schedule: { kind: "constant", peak: 0.02 },
      epochs: 1,
      validation: { select: ["mood.accuracy"] },
    },
    "test",
  );
  weights = initialWeights(createNetwork(networkDefinition(config), { seed: 8 }));
  options = {
    config,
    id: "halves-1",
    title: "halves",
    weights: await save("good", weights),
    templateOf: async () => ({ landmarks, source: "test" }),
    temperatures: { mood: 1.5 },
    scalings: { mood: { scale: [1, 1, 1, 1, 1, 1, 2], bias: [0, 0, 0, 0, 0, 0, 0.5] } },
    cache: join(folder, "cache"),
  };
});
afterAll(() => rm(folder, { recursive: true }));

async function save(name: string, tensors: ReadonlyMap<string, Float32Tensor>): Promise<string> {
  const path = join(folder, `${name}.safetensors`);
  await writeFile(path, encodeSafetensors({ tensors, metadata: {} }));
  return path;
}

/** A checkpoint of the training `name`, which began with the file `begun`. */
async function stage(name: string, begun: string): Promise<void> {
  const config = { ...options.config, name, initial: { weights: join(folder, `${begun}.safetensors`), calibration: 0 } };
  const path = join(folder, `${name}.safetensors`);
  await writeCheckpoint(path, { tensors: weights, config, state: initialLoopState, dataHash: "", gitCommit: "unknown" });
}

describe("a model from weights and their configuration", () => {
  test("says how its input is prepared, what it was trained on and where faces stand in it", async () => {
    const { manifest, bytes } = await exportModel(runtime, options);
    expect(manifest).toMatchObject({
      id: "halves-1",
      bytes: bytes.length,
      input: { width: side, height: side, colour: "grey", mean: [127.5], standardDeviation: [64] },
      outputs: [{ task: "mood", temperature: 1.5, scaling: { scale: [1, 1, 1, 1, 1, 1, 2], bias: [0, 0, 0, 0, 0, 0, 0.5] } }],
      provenance: { training: { recipe: "halves", data: [{ format: "folder", trained: 80, validated: 24 }] } },
    });
    // A fifth of the picture is cut off around the eye at 0.3.
    expect(templateOf(manifest).landmarks.leftEye).toEqual({ x: 0.25, y: 0.25 });
    const { trainedOn, selectedOn } = manifest.provenance.training!;
    expect(trainedOn).toContain("folder/train");
    expect(selectedOn).toContain("folder/validation");
    expect(selectedOn).not.toContain("folder/train");
    await using session = await runtime.load(bytes);
    const { mood } = await session.run({ input: float32Tensor([3, 1, side, side]) });
    expect(mood!.shape).toEqual([3, 7]);
  });

  test("serving cuts the crop that it is told, whatever the datasets' own are", async () => {
    const point = { x: 0.4, y: 0.5 };
    const landmarks = { leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point };
    const { manifest } = await exportModel(runtime, { ...options, template: { landmarks, source: "a drawing" } });
    expect(manifest.template).toEqual({ landmarks, source: "a drawing" });
  });

  test("a set that is shown in two crops is counted once", async () => {
    const [source] = options.config.data;
    const data = [source!, { ...source!, crop: { x: 0, y: 0, side: 1 }, validation: "none" as const }];
    const { manifest } = await exportModel(runtime, { ...options, config: { ...options.config, data } });
    expect(manifest.provenance.source.match(/80 faces/g)).toHaveLength(1);
    expect(manifest.provenance.training!["data"]).toHaveLength(2);
  });

  test("says whether it answers with means over the mirror image", async () => {
    expect((await exportModel(runtime, { ...options, flipAveraging: true })).manifest.flipAveraging).toBe(true);
    expect((await exportModel(runtime, options)).manifest.flipAveraging).toBeUndefined();
  });

  test("a number's interval is that of the answers that are given: of means over the mirror image, where those are", async () => {
    const home = join(folder, "leaning");
    await drawHalves(join(home, "pictures"), side);
    const rows = ["train", "val"].flatMap((split) =>
      ["happy", "sad"].flatMap((mood) =>
        Array.from({ length: split === "train" ? 40 : 12 }, (_, index) => `${split}/${mood}/${index}.png,0,${split}`),
      ),
    );
    await writeFile(join(home, "pictures", "labels.csv"), ["file,lean,split", ...rows].join("\n"));
    await importDataset("csv", join(home, "pictures", "labels.csv"), join(home, "dataset"), {
      tasks: [{ name: "lean", kind: "number" }],
    });
    const { config } = options;
    const head = { task: "lean", kind: "number", layers: [{ layer: "dense", features: 1 }] } as const;
    const leaning = parseTrainingConfig({
      ...config,
      data: [{ path: join(home, "dataset") }],
      network: { backbone: [{ layer: "flatten" }], heads: [head] },
      losses: [{ kind: "distance", head: "lean", target: { kind: "number" } }],
      validation: { select: ["lean.meanAbsoluteError"] },
    });
    // How much brighter the left half is: nothing, in the mean with the mirror image.
    const sides = float32Tensor(
      [1, side * side],
      Float32Array.from({ length: side * side }, (_, pixel) => (pixel % side < side / 2 ? 1 : -1)),
    );
    const path = await save(
      "leaning",
      new Map([
        ["head.lean.0.weight", sides],
        ["head.lean.0.bias", float32Tensor([1])],
      ]),
    );
    const intervalOf = async (flipAveraging: boolean): Promise<unknown> => {
      const given = { ...options, config: leaning, weights: path, temperatures: {}, scalings: {}, flipAveraging };
      return (await exportModel(runtime, given)).manifest.outputs[0]?.interval;
    };
    const width = async (flipAveraging: boolean): Promise<number> => {
      const { low, high } = z.object({ low: z.number(), high: z.number() }).parse(await intervalOf(flipAveraging));
      return high - low;
    };
    expect(await width(false)).toBeGreaterThan(10);
    expect(await width(true)).toBeLessThan(1e-3);
  });

  test("an age head, and no other, says how much of a distribution its interval takes", async () => {
    const heads = [
      { task: "age", layers: [{ layer: "dense", features: 101 }] },
      { task: "mood", layers: [{ layer: "dense", features: 7 }] },
    ];
    const losses = [{ kind: "mass", head: "age", target: { kind: "ageGroup" } }, ...options.config.losses];
    const config = parseTrainingConfig({ ...options.config, network: { ...options.config.network, heads }, losses }, "test");
    const path = await save("age", initialWeights(createNetwork(networkDefinition(config), { seed: 8 })));
    const { manifest } = await exportModel(runtime, { ...options, config, weights: path, intervalMass: 0.76 });
    expect(manifest.outputs.map(({ task, intervalMass }) => [task, intervalMass])).toEqual([
      ["age", 0.76],
      ["mood", undefined],
    ]);
  });

  test("says what the weights came of that its training began with, from training to training", async () => {
    const metadata = { source: "a trunk of others" };
    await writeFile(join(folder, "trunk.safetensors"), encodeSafetensors({ tensors: weights, metadata }));
    await stage("one", "trunk");
    await stage("two", "one");
    await stage("itself", "itself");
    await stage("lost", "nowhere");
    const begun = async (name: string): Promise<unknown> => {
      const config = { ...options.config, initial: { weights: join(folder, `${name}.safetensors`), calibration: 0 } };
      const { manifest } = await exportModel(runtime, { ...options, config });
      return z.object({ initial: z.object({ source: z.string() }) }).parse(manifest.provenance.training).initial.source;
    };
    expect(await begun("two")).toBe('training "two", which began with training "one", which began with a trunk of others');
    expect(await begun("itself")).toBe('training "itself", which began with weights that are not there any more');
    expect(await begun("lost")).toBe('training "lost", which began with weights that are not there any more');
  });

  test("has 8 bits where calibration pictures are asked for", async () => {
    const { manifest, agreement } = await exportModel(runtime, { ...options, calibrationCount: 64 });
    expect(agreement!["mood"]).toBeGreaterThanOrEqual(0.8);
    expect(manifest.provenance.training).toMatchObject({ quantised: { bits: 8, calibrationPictures: 64, agreement } });
  });

  test("is plain where other engines are to read it: opset 13, the same answers, and never with 8 bits", async () => {
    const [usual, plain] = [await exportModel(runtime, options), await exportModel(runtime, { ...options, isPlain: true })];
    expect([usual, plain].map(({ bytes }) => decodeModel(bytes).opsets[""])).toEqual([20, 13]);
    expect(plain.manifest).toMatchObject({ bytes: plain.bytes.length, input: usual.manifest.input });
    const input = float32Tensor(
      [1, 1, side, side],
      Float32Array.from({ length: side ** 2 }, (_, index) => Math.sin(index)),
    );
    const answers: number[][] = [];
    for (const { bytes } of [usual, plain]) {
      await using session = await runtime.load(bytes);
      answers.push(Array.from((await session.run({ input }))["mood"]!.data, Number));
    }
    for (const [index, value] of answers[0]!.entries()) expect(answers[1]![index]).toBeCloseTo(value, 5);
    const { bytes: integers } = await exportModel(runtime, { ...options, calibrationCount: 64 });
    await expect(exportPlain(runtime, integers, { width: side, height: side })).rejects.toMatchObject({
      code: "TF_GRAPH_UNSUPPORTED_OP",
      message: expect.stringContaining("8-bit numbers"),
    });
    await expect(exportModel(runtime, { ...options, isPlain: true, calibrationCount: 64 })).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
    });
  });

  test("a head of one logit is read with a sigmoid", async () => {
    const config = parseTrainingConfig(
      {
        ...options.config,
        network: { ...options.config.network, heads: [{ task: "gender", layers: [{ layer: "dense", features: 1 }] }] },
        losses: [{ kind: "binary", head: "gender", target: { kind: "isMale" } }],
        validation: { select: ["gender.accuracy"] },
      },
      "test",
    );
    const path = await save("binary", initialWeights(createNetwork(networkDefinition(config), { seed: 8 })));
    const { manifest, agreement } = await exportModel(runtime, { ...options, config, weights: path, calibrationCount: 64 });
    expect(manifest.outputs).toMatchObject([{ task: "gender", activation: "sigmoid", labels: ["female", "male"] }]);
    expect(agreement!["gender"]).toBeGreaterThanOrEqual(0.8);
  });

  const name = "backbone.0.weight";
  test.each([
    ["missing", () => new Map([...weights].filter(([key]) => key !== name)), /no float32 tensor/],
    ["of another shape", () => new Map([...weights, [name, float32Tensor([8, 1, 5, 5])]]), /expected \[8,1,3,3\]/],
    ["not finite", () => new Map([...weights, [name, float32Tensor([8, 1, 3, 3], new Float32Array(72).fill(Number.NaN))]]), /not finite/],
  ] as const)("is refused when weights are %s", async (what, broken, message) => {
    const path = await save(what, broken());
    await expect(exportModel(runtime, { ...options, weights: path })).rejects.toMatchObject({
      code: "TF_MODEL_INVALID",
      message: expect.stringMatching(message),
    });
  });

  test("is refused a name that no model may have, before anything is read", async () => {
    for (const id of ["halves.1", "Halves", "", "../halves"])
      await expect(exportModel(runtime, { ...options, id, weights: join(folder, "nowhere") })).rejects.toMatchObject({
        code: "TF_INVALID_ARGUMENT",
        message: expect.stringContaining(`"${id}"`),
      });
  });

  test("is refused without weights", async () => {
    await expect(exportModel(runtime, { ...options, weights: join(folder, "nowhere") })).rejects.toMatchObject({
      code: "TF_INPUT_NOT_FOUND",
    });
  });
});
