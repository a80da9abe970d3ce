import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, pipeline, RawImage } from "@huggingface/transformers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRandom, float32Tensor } from "../core/index.ts";
import { runHead } from "../classify/index.ts";
import { attribute, createGraphBuilder, encodeModel } from "../graph/index.ts";
import { type HeadManifest, headManifestSchema } from "../models/index.ts";
import { drawnManifest, drawnTasks } from "../models/testing.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { exportForTransformers, writeTransformersFolder } from "./export-transformers.ts";
import { importForeignModel } from "./import-model.ts";

const runtime = createNodeRuntime();
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "for-transformers-"));
  env.allowRemoteModels = false;
});
afterAll(() => rm(root, { recursive: true }));

const [width, height] = [6, 5];
type Fields = Readonly<Record<string, unknown>>;

interface Variant {
  readonly input?: Fields;
  readonly output?: Fields;
  readonly manifest?: Fields;
  /** Columns of the network. @default one for each label */
  readonly columns?: number;
  readonly last?: "Softmax" | "Sigmoid";
}

/** A head whose one layer looks at each pixel and channel by itself, so that order and mirror images matter. */
function drawHead({ input = {}, output = {}, manifest = {}, columns, last }: Variant): { manifest: HeadManifest; bytes: Uint8Array } {
  const whole = headManifestSchema.parse({
    ...drawnManifest(drawnTasks[0], { sees: "picture" }),
    input: { name: "picture", width, height, colour: "rgb", mean: [120, 110, 100], standardDeviation: [60, 70, 80], ...input },
    outputs: [{ task: "hat", kind: "classes", output: "scores", activation: "softmax", labels: ["bowler", "no, none", "cap"], ...output }],
    ...manifest,
  });
  const channels = whole.input.colour === "grey" ? 1 : 3;
  const count = columns ?? whole.outputs[0]!.labels.length;
  const random = createRandom(count);
  const size = channels * width * height;
  const builder = createGraphBuilder("net");
  const picture = builder.input("picture", ["N", channels, height, width]);
  const weights = builder.constant(
    float32Tensor(
      [size, count],
      Float32Array.from({ length: size * count }, () => random.normal() / 4),
    ),
  );
  const raw = builder.op("MatMul", [builder.op("Flatten", [picture]), weights]);
  const made = last === undefined ? raw : builder.op(last, [raw], last === "Softmax" ? { axis: attribute.int(1) } : {});
  builder.output(made, ["N", count], { name: "scores" });
  return { manifest: whole, bytes: encodeModel(builder.build()) };
}

/** Pixels of pictures of the input's own size. */
const pictures = [1, 2, 3].map((seed) => {
  const random = createRandom(seed);
  return Uint8ClampedArray.from({ length: width * height * 3 }, () => random.uniform() * 256);
});

/** What the model itself says, picture by picture, in the order of its labels. */
async function ask({ manifest, bytes }: { manifest: HeadManifest; bytes: Uint8Array }): Promise<number[][]> {
  const { colour, mean, standardDeviation } = manifest.input;
  const channels = colour === "grey" ? 1 : 3;
  const numbers = pictures.flatMap((pixels) =>
    Array.from({ length: channels * width * height }, (_, index) => {
      const [channel, pixel] = [Math.floor(index / (width * height)), index % (width * height)];
      const at = (source: number): number => pixels[pixel * 3 + source]!;
      const value = colour === "grey" ? 0.299 * at(0) + 0.587 * at(1) + 0.114 * at(2) : at(colour === "bgr" ? 2 - channel : channel);
      return (value - (mean[channel] ?? mean[0]!)) / (standardDeviation[channel] ?? standardDeviation[0]!);
    }),
  );
  await using network = await runtime.load(bytes);
  const crops = float32Tensor([pictures.length, channels, height, width], Float32Array.from(numbers));
  const answers = await runHead({ manifest, network }, crops);
  return answers.map(([answer]) => {
    if (answer!.kind === "number") throw new Error("a number has no probabilities");
    return Array.from(answer!.kind === "age" ? answer!.distribution : answer!.probabilities);
  });
}

/** What transformers.js says of the same pictures, in the order of the labels. */
async function askTransformers(folder: string, labels: readonly string[]): Promise<number[][]> {
  const classify = await pipeline("image-classification", folder);
  try {
    const images = pictures.map((pixels) => new RawImage(pixels, width, height, 3));
    const answers = await classify(images, { top_k: labels.length });
    return answers.map((list) => labels.map((label) => [list].flat().find((each) => each.label === label)?.score ?? Number.NaN));
  } finally {
    await classify.dispose();
  }
}

let folders = 0;
async function write(head: { manifest: HeadManifest; bytes: Uint8Array }, task?: string): Promise<string> {
  const folder = join(root, String(folders++));
  await mkdir(folder);
  const [written] = await exportForTransformers(runtime, head, { task });
  await writeTransformersFolder(folder, written!);
  return folder;
}

function furthest(expected: readonly number[][], actual: readonly number[][]): number {
  return Math.max(...expected.flatMap((row, picture) => row.map((value, index) => Math.abs(value - actual[picture]![index]!))));
}

const scaling = { scale: [1.3, 0.7, 1], bias: [0.2, -0.4, 0.1] };
const pair = { labels: ["none", "hat"] };

describe("a model in a folder for transformers.js", () => {
  test.each<[string, Variant]>([
    ["logits", {}],
    ["logits with a temperature and a scaling", { output: { temperature: 1.7, scaling } }],
    ["probabilities", { last: "Softmax", output: { activation: "none" } }],
    ["probabilities that are calibrated", { last: "Softmax", output: { activation: "none", temperature: 0.6, scaling } }],
    ["a sigmoid for each class", { output: { activation: "sigmoid", temperature: 1.4 } }],
    ["a sigmoid for each class, scaled", { output: { activation: "sigmoid", temperature: 1.4, scaling } }],
    ["two classes in one logit", { columns: 1, output: { ...pair, activation: "sigmoid", temperature: 2 } }],
    ["two classes in one probability", { columns: 1, last: "Sigmoid", output: { ...pair, activation: "none" } }],
    [
      "two classes in one probability, scaled",
      { columns: 1, last: "Sigmoid", output: { ...pair, activation: "none", scaling: { scale: [1.2, 0.8], bias: [0.1, 0.3] } } },
    ],
    ["blue first", { input: { colour: "bgr" } }],
    ["grey", { input: { colour: "grey", mean: [100], standardDeviation: [90] } }],
    ["one scale for all channels", { input: { mean: [127.5], standardDeviation: [127.5] } }],
    ["the mean over the mirror image", { manifest: { flipAveraging: true }, output: { temperature: 1.5, scaling } }],
    ["ordered groups", { output: { kind: "ordered", labels: ["0-2", "3-9", "10-19"] } }],
  ])("%s: the same answers there, and again here", async (_, variant) => {
    const head = drawHead(variant);
    const expected = await ask(head);
    expect(Math.max(...expected.flat()) - Math.min(...expected.flat())).toBeGreaterThan(0.2);
    const folder = await write(head);
    const { labels } = head.manifest.outputs[0]!;
    expect(furthest(expected, await askTransformers(folder, labels))).toBeLessThan(1e-4);

    const again = await importForeignModel(folder, {
      id: "again",
      task: "hat",
      kind: variant.output?.["kind"] === "ordered" ? "ordered" : "classes",
    });
    expect(again.manifest).toMatchObject({ sees: "picture", fit: "stretch", outputs: [{ labels }] });
    expect(furthest(expected, await ask(again))).toBeLessThan(1e-4);
  });

  test("says what else belongs to it", async () => {
    const folder = await write(drawHead({ manifest: { provenance: { source: "drawn by hand", licence: "CC0" } } }));
    expect(await readFile(join(folder, "labels.txt"), "utf8")).toBe("bowler\nno, none\ncap\n");
    expect(await readFile(join(folder, "README.md"), "utf8")).toMatch(/brings them to 6 x 5 px[^]*drawn by hand[^]*CC0/);
    expect(JSON.parse(await readFile(join(folder, "config.json"), "utf8"))).toMatchObject({ label2id: { cap: 2 } });
  });

  test("the middle of a picture is the same one", async () => {
    const head = drawHead({ input: { width: 4, height: 4 }, manifest: { fit: "middle" } });
    const network = createGraphBuilder("mean");
    const mean = network.op("ReduceMean", [network.input("picture", ["N", 3, 4, 4]), network.integers([2, 3])], {
      keepdims: attribute.int(0),
    });
    network.output(mean, ["N", 3], { name: "scores" });
    const folder = await write({ ...head, bytes: encodeModel(network.build()) });
    // A red picture between bars of blue.
    const pixels = Uint8ClampedArray.from({ length: 16 * 8 * 3 }, (_, index) => {
      const column = Math.floor(index / 3) % 16;
      return index % 3 === (column >= 4 && column < 12 ? 0 : 2) ? 255 : 0;
    });
    const classify = await pipeline("image-classification", folder);
    const [best] = [await classify(new RawImage(pixels, 16, 8, 3))].flat(2);
    await classify.dispose();
    expect(best).toMatchObject({ label: "bowler" });
    expect((await importForeignModel(folder)).manifest).toMatchObject({ fit: "middle", input: { width: 4, height: 4 } });
  });

  test("years are classes whose mean is the age", async () => {
    const labels = Array.from({ length: 101 }, (_, year) => String(year));
    const { template } = drawnManifest(drawnTasks[0]);
    const head = drawHead({
      output: { task: "age", kind: "age", labels, temperature: 1.2 },
      manifest: { sees: "face", template },
    });
    const folder = await write(head);
    expect(furthest(await ask(head), await askTransformers(folder, labels))).toBeLessThan(1e-4);
    expect(await readFile(join(folder, "README.md"), "utf8")).toMatch(/top_k: 101[^]*crop PICTURE --template[^]*mean of all of them/);
  });
});

describe("what transformers.js has no answer for is refused", () => {
  const refusing = (head: ReturnType<typeof drawHead>, task?: string): Promise<unknown> =>
    exportForTransformers(runtime, head, { task }).catch((error: unknown) => error);
  const refused = (message: string) => ({ code: "TF_INVALID_ARGUMENT", message: expect.stringContaining(message) });

  test("tags, numbers, odd middles and tasks that it does not tell", async () => {
    expect(await refusing(drawHead({ output: { kind: "tags", activation: "sigmoid" } }))).toMatchObject(refused("tags"));
    const number = { kind: "number", activation: "none", labels: [], interval: { level: 0.8, low: -1, high: 1 } };
    expect(await refusing(drawHead({ columns: 1, output: number }))).toMatchObject(refused("a number"));
    expect(await refusing(drawHead({ manifest: { fit: "middle" } }))).toMatchObject(refused("squares alone"));
    expect(await refusing(drawHead({}), "mood")).toMatchObject(refused("does not tell mood, only hat"));
  });
});
