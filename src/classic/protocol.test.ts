import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createRandom } from "../core/index.ts";
import { formatBottleneck, parseBottleneck } from "./bottleneck-file.ts";
import { bottleneckNames } from "./bottlenecks.ts";
import { classicDefaults } from "./defaults.ts";
import { drawPictures, everyPicture, requirePictures } from "./draw.ts";
import { initialHead } from "./head.ts";
import { categoryOf, type ImageList, labelOf, readImageLists } from "./image-lists.ts";
import { lines, pythonFixed } from "./lines.ts";
import { drawDistortion, isDistorting, type Pixels, writeInput } from "./pixels.ts";

const tens = { testing: 10, validation: 10, generation: "2017" } as const;

describe("parts of the pictures", () => {
  const partsOf = (folder: string): string[] => Array.from({ length: 1000 }, (_, index) => categoryOf(`${folder}img${index}.jpg`, tens));

  test("are those that Python's hashlib gives", () => {
    const count = (parts: readonly string[], part: string): number => parts.filter((each) => each === part).length;
    const [a, b] = [partsOf("/a/x/"), partsOf("/b/x/")];
    expect(["training", "validation", "testing"].map((part) => count(a, part))).toEqual([772, 128, 100]);
    expect(["training", "validation", "testing"].map((part) => count(b, part))).toEqual([824, 85, 91]);
    expect(a.filter((part, index) => part !== b[index])).toHaveLength(335);
  });

  test("what follows _nohash_ does not count", () => {
    for (let index = 0; index < 200; index++) {
      const parts = ["", "_nohash_0", "_nohash_1_nohash_2", "_nohash_\u00e9"].map((end) => categoryOf(`/a/rose${index}${end}`, tens));
      expect(new Set(parts).size).toBe(1);
    }
  });

  test("the first generation's remainder is smaller, so that its parts are others", () => {
    const first = { ...tens, generation: "2016" } as const;
    const parts = Array.from({ length: 1000 }, (_, index) => categoryOf(`/a/x/img${index}.jpg`, first));
    expect(["training", "validation", "testing"].map((part) => parts.filter((each) => each === part).length)).toEqual([810, 92, 98]);
    const shares = Array.from({ length: 4000 }, (_, index) => categoryOf(`/q/${index}.jpg`, first));
    expect(shares.filter((part) => part === "validation").length / 4000).toBeCloseTo(0.1, 1);
    expect(shares.filter((part) => part === "testing").length / 4000).toBeCloseTo(0.1, 1);
  });

  test("percentages of 0 and 100 take none and all", () => {
    expect(new Set(partsOf("/a/").map((_, index) => categoryOf(`${index}`, { ...tens, testing: 0, validation: 0 })))).toEqual(
      new Set(["training"]),
    );
    expect(new Set(partsOf("/a/").map((_, index) => categoryOf(`${index}`, { ...tens, testing: 101, validation: 0 })))).toEqual(
      new Set(["testing"]),
    );
  });
});

test("a label is the folder's name in lower case, everything but a-z and 0-9 as a blank", () => {
  expect(["25-32", "25 32", "Rosa_Canina!!", "60+"].map(labelOf)).toEqual(["25 32", "25 32", "rosa canina ", "60 "]);
});

describe("folders of pictures", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "classic-lists-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function put(...names: string[]): Promise<void> {
    for (const name of names) {
      await mkdir(join(folder, name, ".."), { recursive: true });
      await writeFile(join(folder, name), "");
    }
  }
  const filesOf = ({ training, validation, testing }: ImageList): string[] =>
    [...training, ...validation, ...testing].map(({ file }) => file).toSorted();

  test("hold jpg, jpeg, JPG and JPEG, and nothing else or deeper", async () => {
    await put("a/1.jpg", "a/2.jpeg", "a/3.JPG", "a/4.JPEG", "a/5.Jpg", "a/6.png", "a/notes.txt", "a/deep/7.jpg", "b/8.jpg");
    const { classes, warnings } = await readImageLists(folder, tens);
    expect(classes.map(({ label }) => label)).toEqual(["a", "b"]);
    expect(filesOf(classes[0]!)).toEqual(["1.jpg", "2.jpeg", "3.JPG", "4.JPEG"]);
    expect(warnings).toContain('"a" has 2 pictures that are no .jpg and are not taken: --all_formats takes them too');
    const all = await readImageLists(folder, { ...tens, allFormats: true });
    expect(filesOf(all.classes[0]!)).toEqual(["1.jpg", "2.jpeg", "3.JPG", "4.JPEG", "5.Jpg", "6.png"]);
  });

  test("of fewer than 20 pictures are warned of, empty ones passed over", async () => {
    await put(...Array.from({ length: 20 }, (_, index) => `many/${index}.jpg`), "few/1.jpg", "none/x.txt");
    const { classes, warnings } = await readImageLists(folder, tens);
    expect(classes).toHaveLength(2);
    expect(warnings).toEqual(['"few" has less than 20 pictures, which may cause trouble', 'no files found in "none"']);
  });

  test("whose names become one label are one class, which is told", async () => {
    await put("25 32/1.jpg", "25-32/2.jpg", "x/3.jpg");
    const { classes, warnings } = await readImageLists(folder, tens);
    expect(classes.map((list) => [list.label, filesOf(list)])).toEqual([
      ["25 32", ["1.jpg", "2.jpg"]],
      ["x", ["3.jpg"]],
    ]);
    expect(warnings).toContain('"25 32" and "25-32" are one label, "25 32"');
  });

  test("are parted by the path as it was given", async () => {
    await put(...Array.from({ length: 60 }, (_, index) => `a/${index}.jpg`), ...Array.from({ length: 60 }, (_, index) => `b/${index}.jpg`));
    const plain = await readImageLists(folder, tens);
    const dotted = await readImageLists(`${folder}/../${folder.split("/").at(-1)}`, tens);
    expect(plain.classes[0]!.training.map(({ path }) => path)[0]).toMatch(new RegExp(`^${folder}/a/`));
    expect(plain.classes.map((list) => list.testing.map(({ file }) => file))).not.toEqual(
      dotted.classes.map((list) => list.testing.map(({ file }) => file)),
    );
    expect((await readImageLists(`${folder}/`, tens)).classes).toEqual(plain.classes);
  });

  test("without a class, or with one alone, are wrong use", async () => {
    await expect(readImageLists(folder, tens)).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      message: expect.stringContaining("no folder"),
    });
    await put("drawn/1.webp");
    await expect(readImageLists(folder, tens)).rejects.toMatchObject({ hint: expect.stringContaining("--all_formats") });
    await put("only/1.jpg");
    await expect(readImageLists(folder, tens)).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      message: expect.stringContaining('"only"'),
    });
    await expect(readImageLists(join(folder, "nowhere"), tens)).rejects.toMatchObject({ code: "TF_INPUT_NOT_FOUND" });
  });
});

describe("bottleneck files", () => {
  test("hold decimal numbers with commas between, the same float32 both ways", () => {
    const random = createRandom(3);
    const values = Float32Array.from({ length: 500 }, () => random.normal() * 10 ** random.integer(8) * 1e-5);
    expect(parseBottleneck(formatBottleneck(values), 500, "x")).toEqual(values);
    expect(formatBottleneck(Float32Array.of(0.1, 0, -2.5, 1 / 3))).toBe("0.1,0,-2.5,0.33333334");
  });

  test("are read as Python's str writes float32 and float64", () => {
    expect([...parseBottleneck("0.35829502,0.0,1.5e-05,1e-07,12.0\n", 5, "x")]).toEqual([0.35829502, 0, 1.5e-5, 1e-7, 12].map(Math.fround));
  });

  test.each([
    ["0.1,0.2x,0.3", 'its number 2 is "0.2x"'],
    ["0.1,,0.3", 'its number 2 is ""'],
    ["0.1,nan,0.3", 'its number 2 is "nan"'],
    ["0.1,0.2", "it holds 2 numbers, and the network gives 3"],
    ["", 'its number 1 is ""'],
  ])("with %j cannot be used", (text, problem) => {
    expect(() => parseBottleneck(text, 3, "b/1.jpg.txt")).toThrow(
      expect.objectContaining({
        code: "TF_DATASET_INVALID",
        message: expect.stringContaining(problem),
        hint: expect.stringContaining("Remove"),
      }),
    );
  });

  test("are called by the picture, and by the network from the second generation on", () => {
    const picture = { path: "/d/a/1.jpg", folder: "a", file: "1.jpg" };
    expect(bottleneckNames(picture, "inception_v3", "2016")).toEqual(["a/1.jpg.txt", "a/1.jpg_inception_v3.txt"]);
    expect(bottleneckNames(picture, "inception_v3", "2017")).toEqual(["a/1.jpg_inception_v3.txt", "a/1.jpg.txt"]);
    // Another network's features never stand under the name that names none.
    expect(bottleneckNames(picture, "age-gender-10-0123abcd-face", "2016")).toEqual(["a/1.jpg_age-gender-10-0123abcd-face.txt"]);
  });
});

describe("drawing", () => {
  const picture = (name: string) => ({ path: name, folder: "f", file: name });
  const list = (label: string, count: number): ImageList => {
    const pictures = Array.from({ length: count }, (_, index) => picture(`${label}${index}`));
    return { label, training: pictures, validation: [], testing: pictures };
  };
  const classes = [list("large", 900), list("small", 30)];

  test("takes the class first, all alike, then a picture of it", () => {
    const { pictures, classes: labels } = drawPictures(classes, "training", 4000, createRandom(1));
    const small = labels.filter((label) => label === 1).length;
    // Three deviations of a fair coin.
    expect(Math.abs(small - 2000)).toBeLessThan(95);
    expect(pictures.every(({ path }, index) => path.startsWith(labels[index] === 1 ? "small" : "large"))).toBe(true);
    expect(new Set(pictures.map(({ path }) => path)).size).toBeGreaterThan(800);
  });

  test("-1 takes every picture once", () => {
    const { pictures, classes: labels } = drawPictures(classes, "testing", -1, createRandom(1));
    expect(new Set(pictures.map(({ path }) => path)).size).toBe(930);
    expect(labels.filter((label) => label === 1)).toHaveLength(30);
    expect(everyPicture(classes, "testing").pictures).toEqual(pictures);
  });

  test("needs a picture of every class", () => {
    expect(() => requirePictures(classes, "validation")).toThrow(
      expect.objectContaining({ code: "TF_EXAMPLES_FEW", message: 'no picture of "large", "small" fell into the validation part' }),
    );
  });
});

test("weights begin normal with deviation 0.001, cut at two deviations; biases at 0", () => {
  const { weights, biases } = initialHead(100, 50, createRandom(5));
  const values = [...weights.data];
  expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.002);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  // A normal distribution that is cut at two deviations has 0.880 of the deviation.
  expect(deviation / 0.001).toBeCloseTo(0.88, 1);
  expect([...biases.data].every((value) => value === 0)).toBe(true);
});

test("defaults are the script's", () => {
  expect(classicDefaults({})).toMatchObject({
    howManyTrainingSteps: 4000,
    learningRate: 0.01,
    testingPercentage: 10,
    validationPercentage: 10,
    evalStepInterval: 10,
    trainBatchSize: 100,
    testBatchSize: -1,
    validationBatchSize: 100,
    intermediateStoreFrequency: 0,
    finalTensorName: "final_result",
    architecture: "inception_v3",
    printMisclassifiedTestImages: false,
    flipLeftRight: false,
    randomCrop: 0,
    randomScale: 0,
    randomBrightness: 0,
  });
  expect(classicDefaults({ generation: "2016" }).testBatchSize).toBe(500);
});

describe("lines", () => {
  test("read as the script's", () => {
    expect(lines.trainAccuracy(10, 0.87)).toBe("Step 10: Train accuracy = 87.0%");
    expect(lines.crossEntropy(10, 0.5)).toBe("Step 10: Cross entropy = 0.500000");
    expect(lines.validationAccuracy(10, 0.8, 100)).toBe("Step 10: Validation accuracy = 80.0% (N=100)");
    expect(lines.finalTestAccuracy(0.9125, 400)).toBe("Final test accuracy = 91.2% (N=400)");
    expect(lines.score("rosa canina", 0.123456)).toBe("rosa canina (score = 0.12346)");
    expect(lines.misclassified("a.jpg", "rose")).toBe(`${" ".repeat(65)}a.jpg  rose`);
  });

  test("numbers in the middle go to the even side, as Python writes them", () => {
    expect([0.25, 0.75, 0.35, 6.25, 12.5, 3].map((value) => pythonFixed(value, 1))).toEqual(["0.2", "0.8", "0.3", "6.2", "12.5", "3.0"]);
    expect([0.0625, 0.1875, 99.95].map((value) => pythonFixed(value, 3))).toEqual(["0.062", "0.188", "99.950"]);
  });
});

describe("distortions", () => {
  const none = { flipLeftRight: false, randomCrop: 0, randomScale: 0, randomBrightness: 0 };
  const size = { width: 299, height: 299 };

  test("none is none", () => {
    expect(isDistorting(none)).toBe(false);
    expect(drawDistortion(size, none, createRandom(1))).toEqual({ ...size, left: 0, top: 0, isFlipped: false, brightness: 1 });
  });

  test.each([{ flipLeftRight: true }, { randomCrop: 1 }, { randomScale: 1 }, { randomBrightness: 1 }])("%o is one", (some) => {
    expect(isDistorting({ ...none, ...some })).toBe(true);
  });

  test("margin, scale, place, mirror image and brightness are within what was asked for", () => {
    const random = createRandom(2);
    const drawn = Array.from({ length: 2000 }, () =>
      drawDistortion(size, { flipLeftRight: true, randomCrop: 10, randomScale: 20, randomBrightness: 30 }, random),
    );
    const range = (value: (each: (typeof drawn)[number]) => number): number[] => [
      Math.min(...drawn.map(value)),
      Math.max(...drawn.map(value)),
    ];
    const [narrowest, widest] = range(({ width }) => width / 299);
    expect(narrowest).toBeGreaterThanOrEqual(Math.trunc(1.1 * 299) / 299);
    expect(widest).toBeLessThanOrEqual(1.1 * 1.2);
    expect(widest).toBeGreaterThan(1.3);
    expect(drawn.every(({ width, left }) => left >= 0 && left <= width - 299)).toBe(true);
    const [darkest, brightest] = range(({ brightness }) => brightness);
    expect(darkest).toBeCloseTo(0.7, 1);
    expect(brightest).toBeCloseTo(1.3, 1);
    expect(drawn.filter(({ isFlipped }) => isFlipped).length / drawn.length).toBeCloseTo(0.5, 1);
  });

  test("pixels are bilinear from the corners, without an average, aspect ignored", () => {
    // TensorFlow 1's resize_bilinear of [[0, 30], [60, 90]] to 3 x 3.
    const square: Pixels = { width: 2, height: 2, data: Float32Array.from([0, 30, 60, 90].flatMap((value) => [value, value, value])) };
    const input = { name: "x", width: 3, height: 3, colour: "rgb", mean: [0], standardDeviation: [1] } as const;
    const target = new Float32Array(27);
    writeInput(square, { ...input, mean: [0], standardDeviation: [1] }, target, 0);
    expect([...target.subarray(0, 9)].map(Math.round)).toEqual([0, 20, 30, 40, 60, 70, 60, 80, 90]);
  });

  test("a mirror image, brighter, in the network's own units", () => {
    const row: Pixels = { width: 2, height: 1, data: Uint8Array.of(100, 0, 0, 200, 0, 50) };
    const input = { name: "x", width: 2, height: 1, colour: "rgb", mean: [128], standardDeviation: [128] } as const;
    const target = new Float32Array(7);
    writeInput(row, { ...input, mean: [128], standardDeviation: [128] }, target, 1, {
      width: 2,
      height: 1,
      left: 0,
      top: 0,
      isFlipped: true,
      brightness: 1.5,
    });
    // Flipped, the pixels are read from the right; places beyond the last pixel are the last pixel.
    expect([...target.subarray(1)].map((value) => Math.round(value * 128 + 128))).toEqual([300, 150, 0, 0, 75, 0]);
  });

  test("grey is BT.601, blue first is blue first", () => {
    const pixel: Pixels = { width: 1, height: 1, data: Uint8Array.of(10, 20, 30) };
    const input = { name: "x", width: 1, height: 1, mean: [0], standardDeviation: [1] };
    const [grey, blue] = [new Float32Array(1), new Float32Array(3)];
    writeInput(pixel, { ...input, colour: "grey" }, grey, 0);
    writeInput(pixel, { ...input, colour: "bgr" }, blue, 0);
    expect(grey[0]).toBeCloseTo(0.299 * 10 + 0.587 * 20 + 0.114 * 30, 4);
    expect([...blue]).toEqual([30, 20, 10]);
  });
});
