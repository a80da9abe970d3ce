import { copyFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readEvents } from "../../test/support/event-file.ts";
import { createAnalyzer } from "../analyze/create-analyzer.node.ts";
import { hashFile } from "../files/files.node.ts";
import { decodeModel } from "../graph/index.ts";
import { encode } from "../image/encode.node.ts";
import { knownPictures } from "../models/index.ts";
import { categoryOf } from "./image-lists.ts";
import { type ClassicOptions, retrainClassic } from "./index.ts";
import { labelImage } from "./label-image.ts";
import { tinyNetwork, tinyPicture, writeTinyFolders } from "./testing.ts";

let template: string;
let root: string;
/** Cut by a hash of the path as it is given: a folder of another name in each run would be another split in each. */
const pictures = "out/classic-test/colours";
let said: { readonly lines: string[]; readonly warnings: string[] };
beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), "classic-template-"));
  await writeTinyFolders(template, {
    Red: { colour: [220, 40, 40], count: 50 },
    "sky blue": { colour: [40, 60, 220], count: 30 },
    "yellow+": { colour: [220, 220, 40], count: 40 },
  });
});
afterAll(() => rm(template, { recursive: true, force: true }));
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "classic-"));
  await rm(pictures, { recursive: true, force: true });
  said = { lines: [], warnings: [] };
  await writeFile(join(root, "tiny.onnx"), tinyNetwork());
  await cp(template, pictures, { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));
afterAll(() => rm(dirname(pictures), { recursive: true, force: true }));

const tens = { testing: 10, validation: 10, generation: "2017" } as const;

function options(more: ClassicOptions = {}): ClassicOptions {
  return {
    backbone: join(root, "tiny.onnx"),
    inputMean: 0,
    inputStd: 255,
    outputGraph: join(root, "graph.onnx"),
    outputLabels: join(root, "labels.txt"),
    intermediateOutputGraphsDir: join(root, "between"),
    summariesDir: join(root, "logs"),
    modelDir: join(root, "none"),
    bottleneckDir: join(root, "bottlenecks"),
    howManyTrainingSteps: 31,
    learningRate: 2,
    testingPercentage: 20,
    validationPercentage: 20,
    onLine: (line) => said.lines.push(line),
    onWarning: (warning) => said.warnings.push(warning),
    ...more,
  };
}

async function allFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** The bottleneck file of a picture, wherever the network's hash puts it. */
async function bottleneckOf(folder: string, file: string): Promise<string> {
  const names = await readdir(join(root, "bottlenecks", folder));
  return join(
    root,
    "bottlenecks",
    folder,
    names.find((name) => name.startsWith(`${file}_`))!,
  );
}

describe("a whole run", () => {
  test("prints the script's lines, writes its files, and says what the numbers are worth", async () => {
    const result = await retrainClassic(pictures, options());
    const [created, ...steps] = said.lines.slice(0, -1);
    expect(created).toBe("100 bottleneck files created.");
    expect(steps).toHaveLength(3 * 4);
    for (const [index, step] of [0, 10, 20, 30].entries()) {
      expect(steps[index * 3]).toMatch(new RegExp(`^Step ${step}: Train accuracy = \\d+\\.\\d%$`));
      expect(steps[index * 3 + 1]).toMatch(new RegExp(`^Step ${step}: Cross entropy = \\d\\.\\d{6}$`));
      expect(steps[index * 3 + 2]).toMatch(new RegExp(`^Step ${step}: Validation accuracy = \\d+\\.\\d% \\(N=100\\)$`));
    }
    expect(said.lines.at(-1)).toBe(`Final test accuracy = 100.0% (N=${result.counts.testing})`);
    expect(result).toMatchObject({ finalTestAccuracy: 1, validationAccuracy: 1, labels: ["red", "sky blue", "yellow "] });
    expect(await readFile(join(root, "labels.txt"), "utf8")).toBe("red\nsky blue\nyellow \n");
    expect(result.honest).toMatchObject({ n: result.counts.testing, accuracy: 1, copies: 0 });
    expect(result.sentences).toContainEqual(expect.stringContaining(`Always "${result.honest!.largest.label}", the largest class`));
    expect(result.honest!.interval.high).toBeCloseTo(1, 9);
    expect(result.honest!.interval.low).toBeLessThan(0.95);
    expect(result.sentences.at(-1)).toMatch(/validation accuracy draws the class first.*takes every test picture once/);
    const graph = decodeModel(await readFile(join(root, "graph.onnx")));
    expect(graph.outputs.map(({ name }) => name)).toEqual(["final_result"]);
  });

  test("is the same again with the same seed, from the features that were kept", async () => {
    await retrainClassic(pictures, options());
    const first = [...said.lines];
    const before = await allFiles(join(root, "bottlenecks"));
    expect(before.filter((name) => name.endsWith(".txt"))).toHaveLength(120);
    said.lines.length = 0;
    await retrainClassic(pictures, options({ mayEmpty: () => true }));
    expect(said.lines).toEqual(first);
    expect(await allFiles(join(root, "bottlenecks"))).toEqual(before);
  });

  test("its network knows the pictures that it learnt from, and those that were kept apart", async () => {
    const { manifest, counts } = await retrainClassic(pictures, options());
    const known = knownPictures(manifest)!;
    const files = (await allFiles(pictures)).filter((name) => name.endsWith(".jpg"));
    const uses = await Promise.all(files.map(async (name) => known(await hashFile(join(pictures, name)))));
    const count = (use: string): number => uses.filter((one) => one === use).length;
    expect([count("training"), count("held out")]).toEqual([counts.training, counts.validation + counts.testing]);
    expect(counts.training).toBeGreaterThan(0);
  });

  test("its network answers label-image and analyze", async () => {
    const { manifest } = await retrainClassic(pictures, options({ finalTensorName: "my_result", howManyTrainingSteps: 200 }));
    const path = join(root, "new.jpg");
    await writeFile(path, await encode(tinyPicture([40, 60, 220], 999), { format: "jpeg", quality: 95 }));
    const scores = await labelImage(path, { graph: join(root, "graph.onnx"), labels: join(root, "labels.txt") });
    expect(scores[0]).toMatchObject({ label: "sky blue" });
    expect(scores[0]!.score).toBeGreaterThan(0.6);
    expect(scores.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
    expect(manifest.outputs[0]).toMatchObject({ task: "colours", output: "my_result", labels: ["red", "sky blue", "yellow"] });
    await using analyzer = await createAnalyzer({ models: [join(root, "graph.onnx")], tasks: ["colours"] });
    const outcome = await analyzer.analyze({ path });
    expect(outcome.attributes?.["colours"]).toMatchObject({ label: "sky blue" });
    await writeFile(join(root, "labels.txt"), "red\n");
    await expect(labelImage(path, { graph: join(root, "graph.onnx"), labels: join(root, "labels.txt") })).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      message: expect.stringContaining("1 label,"),
    });
  });

  test("label-image says where its network and its labels come from", async () => {
    const graph = join(root, "none.onnx");
    const missing = (what: string) => ({
      code: "TF_INPUT_NOT_FOUND",
      message: expect.stringContaining(what),
      hint: expect.stringContaining("--classic"),
    });
    await expect(labelImage("examples/astronaut.png", { graph })).rejects.toMatchObject(missing(`no network "${graph}"`));
    await expect(
      labelImage("examples/astronaut.png", { graph: options().backbone!, labels: join(root, "none.txt") }),
    ).rejects.toMatchObject(missing("no list of labels"));
  });

  test("draws its test pictures where a size is given, and still asks each once beside it", async () => {
    const result = await retrainClassic(pictures, options({ testBatchSize: 50, validationBatchSize: -1 }));
    expect(said.lines.at(-1)).toBe("Final test accuracy = 100.0% (N=50)");
    expect(result.honest!.n).toBe(result.counts.testing);
    expect(said.lines.find((line) => line.includes("Validation"))).toContain(`(N=${result.counts.validation})`);
    expect(result.sentences.at(-1)).toContain("The printed accuracies draw the class first");
  });

  test("a graph that was to be a .pb is written as ONNX, which is told", async () => {
    const { outputGraph } = await retrainClassic(pictures, options({ outputGraph: join(root, "out.pb") }));
    expect(outputGraph).toBe(join(root, "out.onnx"));
    expect(said.warnings.join()).toContain("written as ONNX");
  });

  test("keeps networks on the way", async () => {
    await retrainClassic(pictures, options({ intermediateStoreFrequency: 15 }));
    expect((await readdir(join(root, "between"))).toSorted()).toEqual(["intermediate_15.onnx", "intermediate_30.onnx"]);
  });

  test("without test pictures it says that nothing is known", async () => {
    const { honest, sentences } = await retrainClassic(pictures, options({ testingPercentage: 0 }));
    expect(honest).toBeUndefined();
    expect(sentences).toEqual(["There are no test pictures, so how good the network is stays unknown."]);
    expect(said.lines.at(-1)).not.toContain("Final");
  });

  test("is stopped by its signal, and what was computed is kept", async () => {
    const stop = new AbortController();
    const running = retrainClassic(
      pictures,
      options({ howManyTrainingSteps: 100_000, signal: stop.signal, onLine: (line) => line.startsWith("Step 10:") && stop.abort() }),
    );
    await expect(running).rejects.toMatchObject({ code: "TF_ABORTED" });
    expect((await allFiles(join(root, "bottlenecks"))).filter((name) => name.endsWith(".txt"))).toHaveLength(120);
  });
});

describe("honest numbers", () => {
  test("name wrong test pictures, and say how many of them training has seen", async () => {
    const red = await readFile(join(pictures, "Red", "Red0.jpg"));
    const copies: string[] = [];
    // The same red picture under many blue names: it falls into training and test alike.
    for (let index = 0; index < 40; index++) {
      const path = join(pictures, "sky blue", `copy${index}.jpg`);
      copies.push(path);
      await writeFile(path, red);
    }
    const parts = { testing: 20, validation: 20, generation: "2017" } as const;
    const tested = copies.filter((path) => categoryOf(path, parts) === "testing");
    const { honest, sentences } = await retrainClassic(
      pictures,
      options({ printMisclassifiedTestImages: true, howManyTrainingSteps: 200 }),
    );
    const heading = said.lines.indexOf("=== MISCLASSIFIED TEST IMAGES ===");
    expect(said.lines[heading - 1]).toContain("Final test accuracy");
    const named = said.lines.slice(heading + 1);
    expect(named.length).toBe(Math.round((1 - honest!.accuracy) * honest!.n));
    expect(tested.length).toBeGreaterThan(2);
    expect(honest!.copies).toBeGreaterThanOrEqual(tested.length);
    expect(honest!.withoutCopies).toBeDefined();
    expect(sentences[2]).toMatch(/test pictures are near-copies of training pictures; without them [\d.]+ %/);
  });
});

describe("summaries", () => {
  test("TensorBoard's files hold every step under the script's names", async () => {
    await retrainClassic(pictures, options());
    const read = async (part: string) => {
      const [name, ...others] = await readdir(join(root, "logs", part));
      expect(others).toEqual([]);
      expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\../);
      return readEvents(join(root, "logs", part, name!));
    };
    const [train, validation] = [await read("train"), await read("validation")];
    expect(train[0]).toMatchObject({ fileVersion: "brain.Event:2" });
    expect(train.slice(1).map(({ step }) => step)).toEqual(Array.from({ length: 31 }, (_, step) => step));
    expect(validation.slice(1).map(({ step }) => step)).toEqual([0, 10, 20, 30]);
    const scopes = ["final_training_ops/weights/summaries", "final_training_ops/biases/summaries"];
    const values = train[1]!.summary!.value;
    expect(values.filter(({ histo }) => histo === undefined).map(({ tag }) => tag)).toEqual([
      ...scopes.flatMap((scope) => ["mean", "stddev_1", "max", "min"].map((name) => `${scope}/${name}`)),
      "cross_entropy_1",
      "accuracy_1",
    ]);
    const histograms = values.filter(({ histo }) => histo !== undefined);
    expect(histograms.map(({ tag, histo }) => [tag, histo!.num])).toEqual([
      [`${scopes[0]}/histogram`, 9],
      [`${scopes[1]}/histogram`, 3],
      ["final_training_ops/Wx_plus_b/pre_activations", 300],
      ["activations", 300],
    ]);
    // Before the first step three classes are about equally probable.
    expect(values.find(({ tag }) => tag === "cross_entropy_1")!.simpleValue).toBeCloseTo(Math.log(3), 2);
    expect(validation.at(-1)!.summary!.value.find(({ tag }) => tag === "accuracy_1")!.simpleValue).toBe(1);
  });

  test("of an earlier run stay where the new one cannot begin", async () => {
    await retrainClassic(pictures, options());
    const before = await allFiles(join(root, "logs"));
    const work = retrainClassic(pictures, options({ backbone: join(root, "none.onnx"), mayEmpty: () => true }));
    await expect(work).rejects.toMatchObject({ code: "TF_MODEL_NOT_FOUND" });
    expect(await allFiles(join(root, "logs"))).toEqual(before);
  });

  test("of an earlier run are removed only when somebody agrees, and other files never", async () => {
    await retrainClassic(pictures, options());
    const old = await allFiles(join(root, "logs"));
    await expect(retrainClassic(pictures, options())).rejects.toMatchObject({
      code: "TF_TRAINING_EXISTS",
      hint: expect.stringContaining("--force"),
    });
    await expect(retrainClassic(pictures, options({ mayEmpty: () => false }))).rejects.toMatchObject({ code: "TF_TRAINING_EXISTS" });
    expect(await allFiles(join(root, "logs"))).toEqual(old);
    const asked: unknown[] = [];
    await writeFile(join(root, "logs", "train", old[0]!.split("/")[1]! + "x"), "");
    await retrainClassic(pictures, options({ mayEmpty: (folder, files) => asked.push(folder, files) > 0 }));
    expect(asked).toEqual([join(root, "logs"), 3]);
    expect(await allFiles(join(root, "logs"))).toHaveLength(2);
    await writeFile(join(root, "logs", "train", "thesis.txt"), "mine");
    const again = retrainClassic(pictures, options({ mayEmpty: () => true }));
    await expect(again).rejects.toMatchObject({ code: "TF_DATASET_CONFLICT", message: expect.stringContaining("thesis.txt") });
    expect(await readFile(join(root, "logs", "train", "thesis.txt"), "utf8")).toBe("mine");
  });
});

describe("bottleneck files", () => {
  test("with a letter in it is computed again once, which is told", async () => {
    await retrainClassic(pictures, options());
    const path = await bottleneckOf("Red", "Red7.jpg");
    const good = await readFile(path, "utf8");
    await writeFile(path, good.replace(",", ",x"));
    await retrainClassic(pictures, options({ mayEmpty: () => true }));
    expect(await readFile(path, "utf8")).toBe(good);
    expect(said.warnings.filter((warning) => warning.includes("computed again"))).toEqual([
      expect.stringMatching(/Red7\.jpg_.*cannot be used: its number 2 is "x[\d.e-]+"; it is computed again$/),
    ]);
  });

  test("with a letter in it, whose picture is damaged too, is an error that says what to do", async () => {
    await retrainClassic(pictures, options());
    const path = await bottleneckOf("Red", "Red7.jpg");
    await writeFile(path, "0.1,x,0.3");
    await rm(join(root, "bottlenecks", "tensorface-pictures.jsonl"));
    await writeFile(join(pictures, "Red", "Red7.jpg"), "no picture");
    await expect(retrainClassic(pictures, options({ mayEmpty: () => true }))).rejects.toMatchObject({
      code: "TF_DATASET_INVALID",
      message: expect.stringContaining('its number 2 is "x"'),
      hint: "Put the picture back, or remove both.",
    });
  });

  test("that somebody else wrote are read, without a look at the picture", async () => {
    await retrainClassic(pictures, options());
    const twin = await bottleneckOf("Red", "Red7.jpg");
    await copyFile(twin, twin.replaceAll("Red7", "other"));
    await writeFile(join(pictures, "Red", "other.jpg"), "no picture");
    const { counts } = await retrainClassic(pictures, options({ mayEmpty: () => true }));
    expect(counts.training + counts.validation + counts.testing).toBe(121);
  });

  test("of another picture of that name is computed again", async () => {
    await retrainClassic(pictures, options());
    const path = await bottleneckOf("Red", "Red7.jpg");
    const before = await readFile(path, "utf8");
    await copyFile(join(pictures, "sky blue", "sky blue1.jpg"), join(pictures, "Red", "Red7.jpg"));
    await retrainClassic(pictures, options({ mayEmpty: () => true }));
    expect(await readFile(path, "utf8")).not.toBe(before);
    expect(said.warnings.join("\n")).toContain("was made of another picture");
  });

  test("are not made of training pictures that are changed at each step", { timeout: 120_000 }, async () => {
    await retrainClassic(
      pictures,
      options({ flipLeftRight: true, randomCrop: 10, randomScale: 10, randomBrightness: 10, trainBatchSize: 10, howManyTrainingSteps: 60 }),
    );
    const made = (await allFiles(join(root, "bottlenecks"))).filter((name) => name.endsWith(".txt"));
    expect(made.length).toBeGreaterThan(20);
    expect(made.length).toBeLessThan(70);
    expect(said.lines.at(-1)).toMatch(/^Final test accuracy = (9\d|100)\.\d%/);
  });

  test("a damaged picture is left out, and named", async () => {
    await writeFile(join(pictures, "Red", "broken.jpg"), "no picture");
    const { counts } = await retrainClassic(pictures, options());
    expect(counts.training + counts.validation + counts.testing).toBe(120);
    expect(said.warnings.join("\n")).toMatch(/broken\.jpg" cannot be read/);
  });
});

describe("wrong use", () => {
  test.each([
    ["no folder", { folder: "" }, "no folder of pictures is named"],
    ["an architecture that is not here", { backbone: undefined, architecture: "mobilenet_1.0_224" }, "is not here"],
    ["an architecture that nobody knows", { backbone: undefined, architecture: "vgg" }, 'there is no architecture "vgg"'],
    ["a network that does not say what it takes", { inputMean: undefined }, "does not say how pixels become its input"],
    ["a batch of nothing", { trainBatchSize: 0 }, "the option trainBatchSize is out of its range"],
    ["half a step", { howManyTrainingSteps: 1.5 }, "howManyTrainingSteps"],
    ["a test of nothing", { testBatchSize: 0 }, "-1 for every picture"],
    ["a share that is no number", { randomCrop: Number.NaN }, "randomCrop"],
    ["nothing left to train on", { testingPercentage: 60, validationPercentage: 40 }, "leave none for training"],
  ])("%s", async (_name, { folder = pictures, ...more }: ClassicOptions & { readonly folder?: string }, message) => {
    await expect(retrainClassic(folder, options(more))).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      message: expect.stringContaining(message),
    });
  });

  test("labels of moods make no mood of whole pictures", async () => {
    const moods = join(root, "mood");
    await writeTinyFolders(moods, { happy: { colour: [220, 220, 40], count: 30 }, sad: { colour: [40, 60, 220], count: 30 } });
    const { manifest } = await retrainClassic(moods, options());
    expect(manifest).toMatchObject({ sees: "picture", outputs: [{ task: "mood-class", labels: ["happy", "sad"] }] });
  });

  test("a class without a validation picture is told before anything is computed", async () => {
    const path = ["a", "b", "c", "d", "e"]
      .map((name) => join(pictures, "lone", `${name}.jpg`))
      .find((name) => categoryOf(name, tens) === "training")!;
    await writeTinyFolders(pictures, { lone: { colour: [9, 9, 9], count: 0 } });
    await copyFile(join(pictures, "Red", "Red0.jpg"), path);
    const running = retrainClassic(pictures, options({ testingPercentage: 10, validationPercentage: 10 }));
    await expect(running).rejects.toMatchObject({ code: "TF_EXAMPLES_FEW", message: expect.stringContaining('"lone"') });
    await expect(readdir(join(root, "bottlenecks"))).rejects.toThrow("ENOENT");
  });
});
