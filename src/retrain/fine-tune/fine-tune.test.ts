import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createAnalyzer } from "../../analyze/create-analyzer.node.ts";
import { createRandom, float32Tensor } from "../../core/index.ts";
import { createGraphBuilder, encodeModel } from "../../graph/index.ts";
import type { NetworkInput } from "../../models/index.ts";
import { openModelFolders } from "../../models/models.node.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { createTrainingStep } from "../../train/step/step.ts";
import type { Backbone } from "../backbone.ts";
import { openInstalled } from "../open-backbone.ts";
import type { Targets } from "../head/targets.ts";
import { batchTarget, headName, lossFor } from "../loss-targets.ts";
import type { RetrainOptions, RetrainResult } from "../options.ts";
import { retrain } from "../retrain.node.ts";
import { drawStripeClasses, drawStripes } from "../testing.node.ts";
import { augmentationFor, createAugmentedCrops, type CropSource } from "./crops.node.ts";
import { requireTunable, tunableNetwork, tunableOf } from "./network.ts";

let folder: string;
let source: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fine-tune-"));
  source = join(folder, "stripes");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function run(options: RetrainOptions = {}): Promise<RetrainResult> {
  const places = { out: join(folder, "model"), cache: join(folder, "cache") };
  return retrain(source, { crop: "whole", backbone: "emotion", fineTune: true, ...places, ...options });
}

function headOf(columns: number, outputs: number) {
  const random = createRandom(3);
  return {
    columns,
    outputs,
    scaling: { mean: new Float32Array(columns), inverse: new Float32Array(columns).fill(1) },
    weights: Float32Array.from({ length: columns * outputs }, () => random.normal() / 20),
    bias: new Float32Array(outputs),
  };
}

test("the last blocks learn on, the better network is kept and said, and the model is one like others", async () => {
  await drawStripeClasses(source, { lying: 20, standing: 20, none: 20 });
  const { fineTuning, testKind, examples, manifest, out } = await run();
  expect(fineTuning).toBeDefined();
  expect(fineTuning!.isKept).toBe(fineTuning!.after < fineTuning!.before);
  expect(fineTuning!.epochs).toBeGreaterThanOrEqual(fineTuning!.epoch);
  expect(testKind).toBe("held out");
  expect(examples.tested).toBe(12);
  expect(manifest.provenance.training).toMatchObject({ recipe: "retrain", fineTuning: { isKept: fineTuning!.isKept } });
  expect(await readFile(join(out, "report.html"), "utf8")).toContain("pictures that validate");
  expect(await readFile(join(out, "README.md"), "utf8")).toContain("Fine-tuning: loss on");
  await drawStripes(source, "new/standing.png", "standing", 99);
  await using analyzer = await createAnalyzer({ tasks: ["stripes"], models: [out] });
  expect((await analyzer.analyze(join(source, "new", "standing.png"))).attributes).toMatchObject({ stripes: { label: "standing" } });
}, 120_000);

test("a finished fine-tuning is not computed again", async () => {
  await drawStripeClasses(source, { lying: 10, standing: 10 });
  const { manifest } = await run();
  const stages: string[] = [];
  const again = await run({ onProgress: ({ stage }) => stages.push(stage) });
  expect(again.manifest).toEqual(manifest);
  expect(stages.filter((stage) => stage.startsWith("fine-tune"))).toEqual([]);
}, 120_000);

test("steps lower the loss, and the weights that they leave are those of the network that comes out", async () => {
  const backbone = await openInstalled(openModelFolders(), "emotion");
  const begin = headOf(backbone.columns, 2);
  const network = tunableNetwork(backbone, begin, { mean: 0, deviation: 1 });
  const targets: Targets = { kind: "classes", labels: 2, classes: Int32Array.from({ length: 8 }, (_, row) => row % 2) };
  const runtime = createNodeRuntime();
  await using step = await createTrainingStep(runtime, network, [lossFor(targets)], { kind: "adamw" }, { batchSize: 8 });
  const random = createRandom(4);
  const data = Uint8Array.from({ length: 8 * 64 * 64 }, () => random.integer(256));
  const batch = {
    input: { type: "uint8", shape: [8, 1, 64, 64], data },
    targets: {
      [headName]: batchTarget(
        targets,
        Int32Array.from({ length: 8 }, (_, row) => row),
        8,
        { mean: 0, deviation: 1 },
      ),
    },
  } as const;
  const losses: number[] = [];
  for (let index = 0; index < 30; index++) losses.push((await step.run(batch, { learningRate: 2e-3 })).loss);
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  const tuned = network.withWeights(step.weights());
  const { logits } = await step.run(batch, { learningRate: 0 });
  await using session = await runtime.load(encodeModel(tuned.backbone.graph));
  const pixels = float32Tensor(
    [8, 1, 64, 64],
    Float32Array.from(data, (value) => (value - 127.5) / 127.5),
  );
  const features = Object.values(await session.run({ [session.inputs[0]!.name]: pixels }))[0]!;
  for (let k = 0; k < 2; k++) {
    let score = tuned.head.bias[k]!;
    for (let column = 0; column < backbone.columns; column++) {
      const value = Math.max(-8, Math.min(8, Number(features.data[column])));
      score += tuned.head.weights[k * backbone.columns + column]! * value;
    }
    expect(score).toBeCloseTo(logits[headName]!.data[k]!, 2);
  }
});

test("of a network whose last layers cannot be learnt the operation is named, before any work", async () => {
  const builder = createGraphBuilder("strange");
  const picture = builder.input("picture", ["N", 3, 16, 16]);
  const weights = builder.constant(float32Tensor([4, 3, 3, 3], new Float32Array(108).fill(0.1)), "weights");
  const features = builder.op("Flatten", [
    builder.op("GlobalAveragePool", [builder.op("Softsign", [builder.op("Conv", [picture, weights])])]),
  ]);
  builder.output(features, ["N", 4], { name: "features" });
  const backbone: Backbone = {
    id: "strange",
    input: { name: "picture", width: 16, height: 16, colour: "rgb", mean: [0], standardDeviation: [1] },
    template: undefined,
    parts: [],
    graph: builder.build(),
    columns: 4,
  };
  expect(() => requireTunable(backbone)).toThrow(
    expect.objectContaining({ code: "TF_GRAPH_UNSUPPORTED_OP", message: expect.stringContaining("Softsign") }),
  );
  // Of those that are compared because nobody named one, as what somebody once imported, it is left out.
  const emotion = await openInstalled(openModelFolders(), "emotion");
  expect(tunableOf([backbone, emotion], false)).toEqual([emotion]);
  expect(() => tunableOf([emotion, backbone], true)).toThrow(expect.objectContaining({ code: "TF_GRAPH_UNSUPPORTED_OP" }));
});

test("crops are changed from pass to pass, in every run alike; whole pictures are not mirrored", async () => {
  await drawStripes(source, "lying/0.png", "lying", 1);
  const path = join(source, "lying", "0.png");
  const input: NetworkInput = { name: "p", width: 40, height: 32, colour: "rgb", mean: [0], standardDeviation: [1] };
  const options: CropSource = { crop: { input, template: undefined }, plan: { kind: "whole" }, faceOf: () => undefined, seed: 2 };
  const make = async (epoch: number): Promise<Uint8Array> => {
    const target = new Uint8Array(3 * 40 * 32);
    await createAugmentedCrops(options).write([path], target, { epoch, position: 0 });
    return target;
  };
  expect(await make(1)).toEqual(await make(1));
  expect(await make(1)).not.toEqual(await make(2));
  expect(augmentationFor({ kind: "whole" }).flip).toBe(0);
  expect(augmentationFor({ kind: "face" }).flip).toBe(0.5);
});
