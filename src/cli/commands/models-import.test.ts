import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { runCommand } from "citty";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { predictByTensorFlow, saveLayersModel } from "../../../test/support/layers-model.ts";
import { createAnalyzer } from "../../analyze/create-analyzer.node.ts";
import { float32Tensor } from "../../core/index.ts";
import { createGraphBuilder, encodeModel, type Graph } from "../../graph/index.ts";
import { encode } from "../../image/encode.node.ts";
import { createRasterImage, type RasterImage } from "../../image/index.ts";
import { openModelFolders } from "../../models/models.node.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { createModelsCommand } from "./models.ts";

const size = 16;
let root: string;
let userFolder: string;
let model: tf.LayersModel;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "models-import-"));
  userFolder = join(root, "own");
  await tf.setBackend("cpu");
  model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: "relu", inputShape: [size, size, 3] }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 3, activation: "softmax" }),
    ],
  });
  const { model: saved, weights } = await saveLayersModel(model);
  const metadata = { packageName: "@teachablemachine/image", labels: ["Glasses", "Hat", "Nothing"], imageSize: size, modelName: "My Hats" };
  for (const [name, more] of [
    ["teachable", { "metadata.json": JSON.stringify(metadata) }],
    ["plain", {}],
  ] as const) {
    await mkdir(join(root, name));
    for (const [file, content] of Object.entries({ "model.json": JSON.stringify(saved), "weights.bin": weights, ...more }))
      await writeFile(join(root, name, file), content);
  }
});
afterAll(async () => rm(root, { recursive: true, force: true }));

async function importModel(...rawArgs: readonly string[]): Promise<string> {
  const printed: string[] = [];
  const store = openModelFolders(undefined, userFolder);
  const command = createModelsCommand(async () => ({ store, userFolder, runtime: createNodeRuntime, print: (text) => printed.push(text) }));
  await runCommand(command, { rawArgs: ["import", ...rawArgs] });
  return printed.join("");
}

/** A picture of many colours, of the size that the network takes. */
function picture(): RasterImage {
  const data = Uint8ClampedArray.from({ length: size * size * 3 }, (_, index) => (index * 7919) % 256);
  return createRasterImage(size, size, data);
}

describe("tensorface models import", () => {
  test("an ONNX file of an older opset means what it meant, after the engine has compared the two", async () => {
    const old: Graph = { name: "old", inputs: [], outputs: [], nodes: [], initializers: new Map(), opsets: { "": 11 } };
    const b = createGraphBuilder("old", old);
    const shares = b.op("Softmax", [b.input("pixels", ["N", 3, 4, 4])], { axis: { kind: "int", value: 1 } });
    const matrix = b.constant(
      float32Tensor(
        [48, 2],
        Float32Array.from({ length: 96 }, (_, index) => Math.sin(index)),
      ),
    );
    b.output(b.op("Gemm", [b.op("Flatten", [shares]), matrix]), ["N", 2], { name: "scores" });
    const path = join(root, "old.onnx");
    await writeFile(path, encodeModel(b.build()));
    expect(await importModel(path, "--labels", "hat,none", "--scale", "0..1", "--fit", "stretch")).toContain("imported old");
    const store = openModelFolders(undefined, userFolder);
    const input = float32Tensor(
      [1, 3, 4, 4],
      Float32Array.from({ length: 48 }, (_, index) => Math.cos(index)),
    );
    const answers: number[][] = [];
    for (const bytes of [await readFile(path), await (await store.open("old")).read()]) {
      await using session = await createNodeRuntime().load(bytes);
      const outputs = await session.run({ [session.inputs[0]!.name]: input });
      answers.push(Array.from(Object.values(outputs)[0]!.data, Number));
    }
    for (const [index, value] of answers[0]!.entries()) expect(answers[1]![index]).toBeCloseTo(value, 6);
  });

  test("a Teachable Machine export answers in analyze what it answers in TensorFlow.js", async () => {
    expect(await importModel(join(root, "teachable"))).toContain(
      "imported my-hats, which tells my-hats (Glasses, Hat, Nothing) of whole pictures",
    );
    const image = picture();
    const scaled = float32Tensor(
      [1, size, size, 3],
      Float32Array.from(image.data, (value) => value / 127 - 1),
    );
    const expected = predictByTensorFlow(model, scaled);
    await using analyzer = await createAnalyzer({ models: [join(userFolder, "my-hats")], tasks: ["my-hats"] });
    const { attributes, faces } = await analyzer.analyze(await encode(image, { format: "png" }));
    expect(faces).toEqual([]);
    const answer = attributes?.["my-hats"];
    if (answer === undefined || !("probabilities" in answer)) throw new Error("no probabilities were answered");
    for (const [index, label] of ["Glasses", "Hat", "Nothing"].entries())
      expect(answer.probabilities[label]).toBeCloseTo(expected[index]!, 4);
  });

  test("a plain layers model asks for what its files leave out", async () => {
    const asked = importModel(join(root, "plain"));
    await expect(asked).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT", message: expect.stringContaining("--labels") });
    await expect(asked).rejects.toMatchObject({ message: expect.stringContaining("--scale") });
    await writeFile(join(root, "labels.txt"), "a\nb\r\nc\n");
    const answer = await importModel(
      join(root, "plain"),
      "--labels",
      join(root, "labels.txt"),
      "--scale",
      "-1..1",
      "--name",
      "abc",
      "--task",
      "letter",
    );
    expect(answer).toContain("imported abc, which tells letter (a, b, c)");
    expect((await readdir(join(userFolder, "abc"))).toSorted()).toEqual(["abc.json", "abc.onnx"]);
  });

  test("labels are read from a file whose path has a comma, and from a list that is longer than a path may be", async () => {
    const path = join(root, "cats, dogs.txt");
    await writeFile(path, "cat\ndog\nbird\n");
    const words = ["--scale", "0..1", "--task", "animal"];
    expect(await importModel(join(root, "plain"), "--labels", path, "--name", "animals", ...words)).toContain("(cat, dog, bird)");
    const long = ["a", "b", "c"].map((letter) => letter.repeat(100));
    expect(await importModel(join(root, "plain"), "--labels", long.join(), "--name", "long", ...words)).toContain(`(${long.join(", ")})`);
  });

  test("a model that sees faces takes the crop of another one", async () => {
    const words = ["--labels", "a,b,c", "--scale", "127.5:127.5", "--name", "faces", "--like-faces-of", "mood"];
    expect(await importModel(join(root, "plain"), ...words)).toContain("of faces");
  });

  test.each([
    ["a name that is taken", ["--name", "my-hats", "--labels", "a,b,c", "--scale", "0..1"], "TF_MODEL_EXISTS", "my-hats"],
    [
      "an installed model's name",
      ["--name", "age-gender", "--labels", "a,b,c", "--scale", "0..1"],
      "TF_INVALID_ARGUMENT",
      "installed model",
    ],
    ["too few labels", ["--name", "few", "--labels", "a,b", "--scale", "0..1"], "TF_INVALID_ARGUMENT", "3 scores, but 2 labels"],
    ["a scale that is none", ["--scale", "big"], "TF_INVALID_ARGUMENT", "--scale expects"],
    ["a deviation of 0", ["--scale", "0:0"], "TF_INVALID_ARGUMENT", "--scale expects"],
    ["a size that is none", ["--size", "big"], "TF_INVALID_ARGUMENT", "--size expects"],
    [
      "another size than the network's",
      ["--name", "big", "--labels", "a,b,c", "--scale", "0..1", "--size", "32"],
      "TF_MODEL_INVALID",
      "32",
    ],
  ])("%s is refused, and nothing is left behind", async (_, words, code, message) => {
    const names = async (): Promise<Set<string>> => new Set(await readdir(userFolder).catch(() => []));
    const before = await names();
    await expect(importModel(join(root, "plain"), ...words)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect(await names()).toEqual(before);
  });
});
