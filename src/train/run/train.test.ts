import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type Float32Tensor, float32Tensor, isTensorFaceError, softmax } from "../../core/index.ts";
import { importDataset } from "../../datasets/import/import.node.ts";
import { readCheckpoint, readWeights } from "./checkpoint.node.ts";
import { parseTrainingConfig, type TrainingConfig } from "../config.ts";
import type { TrainingEngine } from "../step/engine.ts";
import { readEvents } from "../../../test/support/event-file.ts";
import { initialLoopState, type TrainingEvent } from "./loop.ts";
import { openRunLog, readMetrics } from "./run-log.node.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
import type { TrainingStep } from "../step/step.ts";
import { drawHalves } from "../testing.node.ts";
import { train } from "./train.node.ts";

/** Softmax regression on pixels with momentum, in plain arithmetic: the loop's test does not wait for a graph compiler. */
const side = 8;
const inputs = side * side;
const moodCount = 7;

function regressionStep(config: TrainingConfig): TrainingStep {
  let state = new Map<string, Float32Tensor>([
    ["weight", float32Tensor([inputs, moodCount])],
    ["momentum", float32Tensor([inputs, moodCount])],
    ["step", float32Tensor([])],
  ]);
  return {
    batchSize: config.batchSize,
    get count() {
      return state.get("step")!.data[0]!;
    },
    run: async ({ input, targets }, { learningRate }) => {
      const [weight, momentum] = [state.get("weight")!.data, state.get("momentum")!.data];
      const { values, weights } = targets["mood from mood"]!;
      const gradient = new Float32Array(weight.length);
      let loss = 0;
      for (let sample = 0; sample < config.batchSize; sample++) {
        const pixels = Float32Array.from({ length: inputs }, (_, index) => (Number(input.data[sample * inputs + index]) - 127.5) / 64);
        const probabilities = softmax(logitsOf(weight, pixels));
        for (let mood = 0; mood < moodCount; mood++) {
          const target = values.data[sample * moodCount + mood]!;
          loss -= (weights.data[sample]! * target * Math.log(probabilities[mood]!)) / config.batchSize;
          for (let index = 0; index < inputs; index++) {
            gradient[index * moodCount + mood]! += ((probabilities[mood]! - target) * pixels[index]!) / config.batchSize;
          }
        }
      }
      for (let index = 0; index < weight.length; index++) {
        momentum[index] = 0.9 * momentum[index]! + gradient[index]!;
        weight[index]! -= learningRate * momentum[index]!;
      }
      state.get("step")!.data[0]! += 1;
      return { loss, losses: { "mood from mood": loss }, gradientNorm: Math.hypot(...gradient), logits: {} };
    },
    state: () => new Map([...state].map(([name, { shape, data }]) => [name, float32Tensor(shape, data.slice())])),
    weights: () => new Map([["weight", state.get("weight")!]]),
    restore: (saved) => {
      state = new Map([...saved].map(([name, { shape, data }]) => [name, float32Tensor(shape, data.slice())]));
    },
    dispose: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function logitsOf(weight: Float32Array, pixels: ArrayLike<number>): Float32Array {
  const logits = new Float32Array(moodCount);
  for (let index = 0; index < inputs; index++)
    for (let mood = 0; mood < moodCount; mood++) logits[mood]! += weight[index * moodCount + mood]! * pixels[index]!;
  return logits;
}

const engine: TrainingEngine = {
  buildNetwork: () => ({
    definition: { input: { kind: "features", size: inputs }, backbone: [], heads: [] },
    parameters: [],
    statistics: [],
    parameterCount: inputs * moodCount,
    multiplyAccumulates: inputs * moodCount,
    outputs: { mood: moodCount, age: 101, gender: 2 },
  }),
  adaptNorms: async (network) => network,
  createStep: async (_, config) => regressionStep(config),
  createPredictor: async (_, weights) => ({
    predict: async ({ data, shape }) => {
      const rows = Array.from({ length: shape[0]! }, (_, row) => {
        const pixels = Float32Array.from({ length: inputs }, (_, index) => (Number(data[row * inputs + index]) - 127.5) / 64);
        return [...logitsOf(weights.get("weight")!.data, pixels)];
      });
      return [{ task: "mood", width: moodCount, values: Float32Array.from(rows.flat()) }];
    },
    [Symbol.asyncDispose]: async () => undefined,
  }),
};

let folder: string;
let dataset: string;
let out: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "train-"));
  dataset = join(folder, "dataset");
  await drawHalves(join(folder, "pictures"), side);
  await importDataset("folder", join(folder, "pictures"), dataset);
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  out = await mkdtemp(join(folder, "run-"));
});

const configure = (changes: object = {}): TrainingConfig =>
  parseTrainingConfig(
    {
      name: "halves",
      data: [{ path: dataset }],
      picture: { side, colour: "grey" },
      network: { backbone: [{ layer: "flatten" }], heads: [{ task: "mood", layers: [{ layer: "dense", features: moodCount }] }] },
      losses: [{ kind: "crossEntropy", head: "mood", target: { kind: "mood" } }],
      schedule: { kind: "cosine", peak: 0.02 },
      batchSize: 16,
      epochs: 4,
      augmentation: { shift: 0.05, brightness: 0.1, mixup: { probability: 0.3, alpha: 0.3 } },
      logEvery: 1,
      validation: { select: ["mood.accuracy"] },
      ...changes,
    },
    "test",
  );
const run = (config: TrainingConfig, options: object = {}): ReturnType<typeof train> =>
  train({ config, out, engine, cache: join(folder, "cache"), ...options });

/** The curve without times, which differ from run to run. */
const curve = async (): Promise<unknown[]> =>
  (await readMetrics(out)).map((line) => (line.kind === "epoch" ? Object.assign(line, { timing: undefined }) : line));

describe("train", () => {
  test("learns, logs every step and epoch, keeps the best and the last checkpoint", async () => {
    const result = await run(configure());
    expect(result.isDone).toBe(true);
    expect(result.state.best!.score).toBeGreaterThan(0.9);
    const lines = await readMetrics(out);
    expect(lines.filter(({ kind }) => kind === "step").map(({ step }) => step)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    expect(lines.filter(({ kind }) => kind === "epoch").map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    const best = await readCheckpoint(join(out, "best.safetensors"));
    expect(best.state.best).toEqual(result.state.best);
    expect(best.config.seed).toBe(1);
    expect(best.dataHash).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.parse(await readFile(join(out, "config.json"), "utf8"))).toMatchObject({ name: "halves", clipNorm: 5 });
    const { datasets } = JSON.parse(await readFile(join(out, "data.json"), "utf8"));
    expect(datasets).toEqual([{ path: dataset, pictures: expect.any(Number), labels: "imported" }]);
  });

  test.each([
    ["between two epochs", 12],
    ["inside an epoch", 7],
  ])("stopped %s and resumed, it gives the same curve and the same weights to the last bit", async (_, steps) => {
    const config = configure();
    await run(config);
    const [expected, weights] = [await curve(), await readFile(join(out, "last.safetensors"))];
    await rm(out, { recursive: true });
    const controller = new AbortController();
    const stopped = await run(config, {
      signal: controller.signal,
      onEvent: ({ state }: { state: { step: number } }) => state.step === steps && controller.abort(),
    });
    expect(stopped).toMatchObject({ isDone: false, state: { step: steps } });
    const resumed = await run(config, { resume: true, workers: 2 });
    expect(resumed.isDone).toBe(true);
    expect(await curve()).toEqual(expected);
    expect(await readFile(join(out, "last.safetensors"))).toEqual(weights);
  });

  test("goes on where its dataset was moved, once it is said where to: its content is what counts", async () => {
    const [there, away, moved] = ["there", "away", "moved"].map((name) => join(folder, name));
    await importDataset("folder", join(folder, "pictures"), there!, { copy: true });
    const at = (path: string | undefined) => configure({ epochs: 2, data: [{ path }] });
    await run(at(there));
    const expected = await readFile(join(out, "last.safetensors"));
    await rm(out, { recursive: true });
    const controller = new AbortController();
    const stopping = { signal: controller.signal, onEvent: () => controller.abort() };
    expect(await run(at(there), stopping)).toMatchObject({ isDone: false });
    await rename(there!, moved!);
    const before = await readFile(join(out, "last.safetensors"));
    await expect(run(at(there), { resume: true })).rejects.toMatchObject({
      code: "TF_INPUT_NOT_FOUND",
      message: expect.stringContaining(`field "data.0.path": "${there!}" does not exist`) as string,
      hint: expect.stringContaining("--set data.0.path=DIR") as string,
    });
    expect(await readFile(join(out, "last.safetensors"))).toEqual(before);
    await importDataset("folder", join(folder, "pictures"), away!, { copy: true, name: "others" });
    await expect(run(at(away), { resume: true })).rejects.toMatchObject({ code: "TF_CHECKPOINT_MISMATCH" });
    expect(await run(at(moved), { resume: true })).toMatchObject({ isDone: true });
    const { tensors } = decodeSafetensors(await readFile(join(out, "last.safetensors")));
    expect(tensors).toEqual(decodeSafetensors(expected).tensors);
  });

  test("an epoch that was stopped inside has the time of all that worked at it", async () => {
    let clock = 0;
    vi.spyOn(performance, "now").mockImplementation(() => clock);
    onTestFinished(() => void vi.restoreAllMocks());
    const slow: TrainingEngine = {
      ...engine,
      createStep: async (network, config) => {
        const step = await engine.createStep(network, config);
        const takeStep = step.run.bind(step);
        return Object.assign(step, {
          run: async (...words: Parameters<typeof takeStep>) => {
            clock += 1000;
            return takeStep(...words);
          },
        });
      },
    };
    const controller = new AbortController();
    await run(configure(), {
      engine: slow,
      signal: controller.signal,
      onEvent: ({ state }: { state: { step: number } }) => state.step === 7 && controller.abort(),
    });
    await run(configure(), { engine: slow, resume: true });
    const epochs = (await readMetrics(out)).filter((line) => line.kind === "epoch");
    expect(epochs.map(({ timing }) => timing.trainSeconds)).toEqual([5, 5, 5, 5]);
    // Of pictures that this process saw.
    expect(epochs.map(({ timing }) => timing.picturesPerSecond)).toEqual([16, 16, 16, 16]);
  });

  test.each([10, 200])(
    "of 80 training pictures, %i that batch norms are adapted to come evenly from all, each once at most",
    async (calibration) => {
      const weights = join(folder, "none.safetensors");
      await writeFile(weights, encodeSafetensors({ tensors: new Map(), metadata: {} }));
      const halves: number[] = [];
      const adapting: TrainingEngine = {
        ...engine,
        adaptNorms: async (network, batches) => {
          for await (const { data, shape } of batches)
            for (let picture = 0; picture < shape[0]!; picture++) {
              const pixels = Array.from(data.slice(picture * inputs, (picture + 1) * inputs), Number);
              const sum = (isLeft: boolean): number =>
                pixels.reduce((total, value, index) => (index % side < side / 2 === isLeft ? total + value : total), 0);
              halves.push(sum(true) - sum(false));
            }
          return network;
        },
      };
      await run(configure({ initial: { weights, calibration }, epochs: 1 }), { engine: adapting });
      const expected = Math.min(calibration, 80);
      expect(halves).toHaveLength(expected);
      expect(new Set(halves).size).toBe(expected);
      // The first half of the data is bright on the left, the second half on the right.
      expect(halves.filter((difference) => difference > 0)).toHaveLength(expected / 2);
    },
  );

  test("lines that were logged after the checkpoint are taken away when it is resumed from", async () => {
    const config = configure();
    await run(config);
    const expected = await curve();
    await rm(out, { recursive: true });
    const controller = new AbortController();
    await run(config, { signal: controller.signal, onEvent: ({ kind }: { kind: string }) => kind === "epoch" && controller.abort() });
    const checkpoint = await readFile(join(out, "last.safetensors"));
    await run(config, { resume: true });
    // As after kill -9 during the second epoch: the checkpoint is old, the logs go on, their last line is cut off.
    await writeFile(join(out, "last.safetensors"), checkpoint);
    await writeFile(join(out, "metrics.jsonl"), (await readFile(join(out, "metrics.jsonl"), "utf8")).slice(0, -20));
    await run(config, { resume: true });
    expect(await curve()).toEqual(expected);
  });

  test("TensorBoard's points later than the checkpoint are taken away too, from every file, and a record that was cut off", async () => {
    const names = async (): Promise<string[]> => (await readdir(out)).filter((name) => name.includes("tfevents")).toSorted();
    const points = async (): Promise<unknown[]> => {
      const events = await Promise.all((await names()).map((name) => readEvents(join(out, name))));
      return events.flat().map(({ step, fileVersion, summary }) => fileVersion ?? [step, summary?.value[0]?.tag]);
    };
    const numbers = { learningRate: 0.1, loss: 2, losses: {} };
    const stepped = (step: number, epoch: number): TrainingEvent => {
      const state = { ...initialLoopState, step, epoch };
      return { kind: "step", state, ...numbers, gradientNorm: 1 };
    };
    const timing = {
      trainSeconds: 1,
      trainCpuSeconds: 1,
      validationSeconds: 0,
      picturesPerSecond: 1,
      waitingShare: 0,
      augmentationShare: 0,
    };
    const finished = (step: number, epoch: number): TrainingEvent => {
      const state = { ...initialLoopState, step, epoch };
      return { kind: "epoch", state, epoch, ...numbers, validation: undefined, timing };
    };
    const first = await openRunLog(out, initialLoopState, () => 5_000);
    for (const event of [stepped(1, 0), stepped(2, 0), finished(2, 1), stepped(3, 1)]) await first.write(event);
    const cut = join(out, (await names())[0]!);
    await writeFile(cut, (await readFile(cut)).subarray(0, -3));
    // The checkpoint is that of the second step, written before the epoch's end was told. In the same second, and then after a clock that went back.
    const second = await openRunLog(out, { ...initialLoopState, step: 2, epoch: 0 }, () => 5_900);
    expect(await points()).toEqual(["brain.Event:2", [1, "step/loss"], [2, "step/loss"], "brain.Event:2"]);
    for (const event of [finished(2, 1), stepped(3, 1), stepped(4, 1)]) await second.write(event);
    const third = await openRunLog(out, { ...initialLoopState, step: 3, epoch: 1 }, () => 1_000);
    await third.write(stepped(4, 1));
    expect((await points()).filter((point) => typeof point !== "string")).toEqual([
      [1, "step/loss"],
      [2, "step/loss"],
      [2, "epoch/loss"],
      [3, "step/loss"],
      [4, "step/loss"],
    ]);
    expect(await names()).toHaveLength(3);
  });

  test("event files of somebody else stay as they are", async () => {
    const names = ["events.out.tfevents.7.another", "events.out.tfevents.notes.tensorface"];
    for (const name of names) await writeFile(join(out, name), "no records");
    await openRunLog(out, initialLoopState, () => 5_000);
    for (const name of names) expect(await readFile(join(out, name), "utf8")).toBe("no records");
  });

  test("another seed gives another curve, the same seed the same", async () => {
    await run(configure());
    const first = await curve();
    await rm(out, { recursive: true });
    await run(configure({ seed: 2 }));
    expect(await curve()).not.toEqual(first);
  });

  test("a training that cannot begin leaves no folder behind, and none of those above that were made for it", async () => {
    const nested = join(out, "runs", "first");
    const missing = run(configure({ data: [{ path: join(folder, "nothing") }] }), { out: nested });
    await expect(missing).rejects.toMatchObject({ code: "TF_INPUT_NOT_FOUND", hint: expect.stringContaining("dataset import") });
    expect(await readdir(out)).toEqual([]);
  });

  test.each(["config.json", "data.json", "metrics.jsonl", "report.html"])("somebody else's %s is not written over", async (name) => {
    const path = join(out, name);
    // A configuration as people write it: without the defaults.
    const content = JSON.stringify({ name: "halves", epochs: 4 });
    await writeFile(path, content);
    await expect(run(configure({ epochs: 1 }))).rejects.toMatchObject({
      code: "TF_DATASET_CONFLICT",
      message: expect.stringContaining(name),
      hint: expect.stringContaining("--out"),
    });
    expect(await readFile(path, "utf8")).toBe(content);
    expect(await readdir(out)).toEqual([name]);
  });

  test("what a training left that was killed before its first checkpoint is begun anew", async () => {
    await run(configure({ epochs: 1 }));
    for (const name of ["last.safetensors", "best.safetensors"]) await rm(join(out, name));
    expect(await run(configure({ epochs: 2 }))).toMatchObject({ isDone: true });
  });

  test("a finished training is not overwritten, and is not resumed with another configuration", async () => {
    await run(configure({ epochs: 1 }));
    await expect(run(configure({ epochs: 1 }))).rejects.toSatisfy((error) => isTensorFaceError(error, "TF_TRAINING_EXISTS"));
    const other = run(configure({ epochs: 1, batchSize: 8 }), { resume: true });
    await expect(other).rejects.toThrow(/differs from the checkpoint's in batchSize/);
    await expect(other).rejects.toSatisfy((error) => isTensorFaceError(error, "TF_CHECKPOINT_MISMATCH"));
  });

  test("stops early when the selection does not rise", async () => {
    const result = await run(configure({ epochs: 50, patience: 2, schedule: { kind: "constant", peak: 1e-9 }, augmentation: {} }));
    expect(result.state).toMatchObject({ isDone: true, best: { epoch: 1 }, epoch: 3 });
  });

  test("a loss that is no number ends the training with its code", async () => {
    const diverging = run(configure({ schedule: { kind: "constant", peak: 1e30 } }));
    await expect(diverging).rejects.toSatisfy((error) => isTensorFaceError(error, "TF_TRAINING_DIVERGED"));
  });

  test("weights that are no numbers never become a checkpoint, though the loss before them was one", async () => {
    const controller = new AbortController();
    controller.abort();
    const config = configure({ schedule: { kind: "constant", peak: 1e39 } });
    await expect(run(config, { signal: controller.signal })).rejects.toSatisfy((error) => isTensorFaceError(error, "TF_TRAINING_DIVERGED"));
    expect(existsSync(join(out, "last.safetensors"))).toBe(false);
  });

  test.skipIf(!existsSync("/dev/full"))("a disk that is full when a training is resumed leaves its log", async () => {
    await run(configure({ epochs: 1 }));
    const log = await readFile(join(out, "metrics.jsonl"), "utf8");
    await symlink("/dev/full", join(out, "metrics.jsonl.partial"));
    const resumed = run(configure({ epochs: 1 }), { resume: true });
    await expect(resumed).rejects.toSatisfy((error) => isTensorFaceError(error, "TF_OUTPUT_FULL"));
    expect(await readFile(join(out, "metrics.jsonl"), "utf8")).toBe(log);
  });

  test("a head of another width than its labels, and class weights of another length, are refused with their fields", async () => {
    const kinds = [{ kind: "crossEntropy", head: "mood", target: { kind: "mood" }, classWeights: [1, 2] }];
    await expect(run(configure({ losses: kinds }))).rejects.toThrow(/"losses\.0\.classWeights".* each of the 7, got 2/);
    const teacher = [{ kind: "distillation", head: "mood", teacher: { predictions: "t.jsonl", model: "m" } }];
    const narrow: TrainingEngine = { ...engine, buildNetwork: (...given) => ({ ...engine.buildNetwork(...given), outputs: { mood: 5 } }) };
    for (const losses of [undefined, teacher]) {
      const refused = run(configure(losses === undefined ? {} : { losses }), { engine: narrow });
      await expect(refused).rejects.toThrow(/head "mood".* 5 .* 7/);
      await expect(refused).rejects.toSatisfy((error) => isTensorFaceError(error, "TF_CONFIG_INVALID"));
    }
  });

  test("a checkpoint with a flipped bit in its numbers is refused, to resume and to begin from", async () => {
    await run(configure({ epochs: 1 }));
    const last = join(out, "last.safetensors");
    const whole = await readFile(last);
    const begin = 8 + Number(whole.readBigUInt64LE(0));
    const middle = begin + 4 * Math.floor((whole.length - begin) / 8);
    // The lowest bit of a number in the middle, the sign of the last one, and a letter of what the checkpoint says of itself.
    for (const [at, bit] of [
      [middle, 1],
      [whole.length - 1, 128],
      [whole.indexOf("gitCommit") + 1, 1],
    ] as const) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= bit;
      await writeFile(last, damaged);
      const resumed = run(configure({ epochs: 1 }), { resume: true });
      await expect(resumed).rejects.toMatchObject({
        code: "TF_MODEL_CORRUPT",
        message: expect.stringContaining("last.safetensors"),
        hint: expect.stringMatching(/copy/),
      });
      await expect(readWeights(last)).rejects.toMatchObject({ code: "TF_MODEL_CORRUPT" });
    }
    await writeFile(last, whole);
    expect((await run(configure({ epochs: 1 }), { resume: true })).isDone).toBe(true);
  });

  test("two trainings do not share a folder, and the next one may have it", async () => {
    let second: Promise<unknown> | undefined;
    await run(configure({ epochs: 1 }), {
      onStart: () => (second ??= run(configure({ seed: 9 }), { resume: true }).catch((error: unknown) => error)),
    });
    expect(await second).toMatchObject({ code: "TF_FOLDER_BUSY", message: expect.stringContaining(String(process.pid)) });
    expect((await readCheckpoint(join(out, "last.safetensors"))).config.seed).toBe(1);
    expect((await run(configure({ epochs: 1 }), { resume: true })).isDone).toBe(true);
  });

  test("a checkpoint of another version and a damaged log are named, with their codes", async () => {
    await run(configure({ epochs: 1 }));
    const metrics = join(out, "metrics.jsonl");
    const lines = await readFile(metrics, "utf8");
    await writeFile(metrics, lines.replace('"kind":"step"', '"kind":"st'));
    const damaged = run(configure({ epochs: 1 }), { resume: true });
    await expect(damaged).rejects.toSatisfy((error) => isTensorFaceError(error, "TF_INPUT_UNREADABLE"));
    await expect(damaged).rejects.toThrow(/line 1 of ".*metrics\.jsonl"/);
    await writeFile(metrics, lines);
    const last = join(out, "last.safetensors");
    const { tensors, metadata: written } = decodeSafetensors(await readFile(last));
    // As the first version wrote them, without a checksum.
    const { sha256: _, ...rest } = written;
    const metadata = { ...rest, format: "tensorface.checkpoint/1" };
    await writeFile(last, encodeSafetensors({ tensors, metadata }));
    expect((await run(configure({ epochs: 1 }), { resume: true })).isDone).toBe(true);
    const config = JSON.stringify({ ...configure({ epochs: 1 }), sharpness: 2 });
    await writeFile(last, encodeSafetensors({ tensors, metadata: { ...metadata, config } }));
    const other = run(configure({ epochs: 1 }), { resume: true });
    await expect(other).rejects.toSatisfy((error) => isTensorFaceError(error, "TF_MODEL_INVALID"));
    await expect(other).rejects.toThrow(/the config in the checkpoint .*unknown field "sharpness"/);
    await writeFile(last, encodeSafetensors({ tensors, metadata: { ...metadata, state: "{" } }));
    await expect(run(configure({ epochs: 1 }), { resume: true })).rejects.toThrow(/the state in the checkpoint .* no JSON/);
  });

  test("an overflowed gradient norm is logged as null, and read again", async () => {
    const log = await openRunLog(out, initialLoopState);
    const step = { learningRate: 0.1, loss: 2, losses: {}, gradientNorm: Number.POSITIVE_INFINITY };
    await log.write({ kind: "step", state: { ...initialLoopState, step: 1 }, ...step });
    expect(await readMetrics(out)).toMatchObject([{ step: 1, gradientNorm: null }]);
  });

  test("a selection by what the validation labels do not tell is refused before the first step", async () => {
    const steps: unknown[] = [];
    const network = { backbone: [{ layer: "flatten" }], heads: [{ task: "age", layers: [{ layer: "dense", features: 101 }] }] };
    const losses = [{ kind: "mass", head: "age", target: { kind: "ageGroup" } }];
    const config = configure({ network, losses, validation: { select: ["age.groupAccuracy", "age.meanAbsoluteError"] } });
    const blind = run(config, { onEvent: (event: unknown) => steps.push(event) });
    await expect(blind).rejects.toThrow(/"validation.select": none of the 24 .* age\.groupAccuracy, age\.meanAbsoluteError/);
    await expect(blind).rejects.toSatisfy((error) => isTensorFaceError(error, "TF_CONFIG_INVALID"));
    expect(steps).toEqual([]);
  });

  test("a head that no training face has a label for is refused: it would stay as it began", async () => {
    const [head, loss] = [configure().network.heads[0]!, configure().losses[0]!];
    const gender = { task: "gender", layers: [{ layer: "dense", features: 2 }] };
    const losses = [loss, { kind: "crossEntropy", head: "gender", target: { kind: "gender" } }];
    const network = { backbone: [{ layer: "flatten" }], heads: [head, gender] };
    await expect(run(configure({ network, losses }))).rejects.toMatchObject({
      code: "TF_CONFIG_INVALID",
      message: expect.stringMatching(/"network\.heads": no training face has a label of "gender"/),
    });
  });

  test("a balance by what no training face is labelled is refused: it would balance nothing", async () => {
    const balanced = configure({ sampling: { balance: { task: "moods", strength: 1 } } });
    await expect(run(balanced)).rejects.toMatchObject({
      code: "TF_CONFIG_INVALID",
      message: expect.stringMatching(/"sampling\.balance\.task": no training face has a label of "moods"/),
    });
  });

  test("data that leave no batch or nothing to validate are refused", async () => {
    await expect(run(configure({ batchSize: 512 }))).rejects.toThrow(/fewer than a batch of 512/);
    await expect(run(configure({ data: [{ path: dataset, validation: "none" }] }))).rejects.toThrow(/no record is for validation/);
  });
});
