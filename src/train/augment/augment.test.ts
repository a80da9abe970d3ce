import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom } from "../../core/index.ts";
import { type BatchSource, createBatchMaker } from "./batch.ts";
import { BatchPool } from "./batch-pool.node.ts";
import { blurPicture, reduceResolution } from "./filters.ts";
import { quantisationTable, simulateJpeg } from "./jpeg.ts";
import { type AugmentationOptions, augmentationSchema, noAugmentation } from "./options.ts";
import { mixPictures, PictureMaker, type PictureStore, wholePicture } from "./picture.ts";
import { drawBeta, drawMixPlan, drawPicturePlan, type PicturePlan } from "./plan.ts";

const plain = drawPicturePlan(noAugmentation, createRandom(1));

function noiseStore(count: number, side: number, channels: 1 | 3): PictureStore {
  const random = createRandom(7);
  const pixels = new Uint8Array(new SharedArrayBuffer(count * side * side * channels));
  return { pixels: pixels.map(() => random.integer(256)), side, channels };
}

/** The first picture of the store with a plan, `[channels, side, side]`. */
function make(store: PictureStore, plan: PicturePlan, side = store.side): Uint8Array {
  const target = new Uint8Array(store.channels * side * side);
  new PictureMaker(side, store.channels).make({ store, row: 0, crop: wholePicture }, plan, target, 0);
  return target;
}

const everything: AugmentationOptions = augmentationSchema.parse({
  flip: 0.5,
  rotate: 20,
  scale: 0.2,
  shift: 0.1,
  brightness: 0.2,
  contrast: 0.3,
  saturation: 0.5,
  tint: 0.1,
  grey: 0.2,
  blur: { probability: 0.3, sigma: 1.5 },
  noise: { probability: 0.3, deviation: 12 },
  downscale: { probability: 0.3, minimum: 0.4 },
  jpeg: { probability: 0.3, quality: 20 },
  erase: { probability: 0.3, area: 0.3 },
  mixup: { probability: 0.5, alpha: 0.3 },
  cutmix: { probability: 0.5, alpha: 1 },
});

describe("one picture", () => {
  test("no augmentation gives the stored pixels, channel by channel", () => {
    const store = noiseStore(1, 6, 3);
    const made = make(store, plain);
    for (let pixel = 0; pixel < 36; pixel++) {
      for (let channel = 0; channel < 3; channel++) expect(made[channel * 36 + pixel]).toBe(store.pixels[pixel * 3 + channel]);
    }
  });

  test("a flip mirrors each row, and twice is nothing", () => {
    const store = noiseStore(1, 8, 1);
    const made = make(store, { ...plain, flip: true });
    expect([...made.subarray(0, 8)]).toEqual([...store.pixels.subarray(0, 8)].reverse());
    const again = make({ pixels: made, side: 8, channels: 1 }, { ...plain, flip: true });
    expect(again).toEqual(new Uint8Array(store.pixels));
  });

  test("a turn by 90 degrees moves rows into columns", () => {
    const store = noiseStore(1, 8, 1);
    const made = make(store, { ...plain, angle: Math.PI / 2 });
    for (let y = 0; y < 8; y++) for (let x = 0; x < 8; x++) expect(made[y * 8 + x]).toBe(store.pixels[x * 8 + (7 - y)]);
  });

  test("a shift by one pixel moves the picture and repeats its edge", () => {
    const store = noiseStore(1, 8, 1);
    const made = make(store, { ...plain, shiftX: 1 / 8 });
    expect([...made.subarray(0, 8)]).toEqual([...store.pixels.subarray(1, 8), store.pixels[7]!]);
  });

  test("a crop shows its region, and a scale of two its middle", () => {
    const pixels = Uint8Array.from({ length: 64 }, (_, index) => index);
    const store: PictureStore = { pixels, side: 8, channels: 1 };
    const cropped = new Uint8Array(16);
    const crop = { x: 0.5, y: 0, side: 0.5 };
    new PictureMaker(4, 1).make({ store, row: 0, crop }, plain, cropped, 0);
    expect([...cropped.subarray(0, 4)]).toEqual([4, 5, 6, 7]);
    const grown = make(store, { ...plain, scale: 2 });
    // The middle of a ramp stays: its mean is that of the whole.
    expect(grown.reduce((sum, value) => sum + value, 0) / 64).toBeCloseTo(31.5, 0);
    expect(grown[0]).toBe(Math.round((pixels[18]! * 3 + pixels[19]!) / 4 - 2));
  });

  test("saturation 0 makes the three channels equal; brightness moves the mean", () => {
    const store = noiseStore(1, 8, 3);
    const grey = make(store, { ...plain, saturation: 0 });
    expect(grey.subarray(0, 64)).toEqual(grey.subarray(64, 128));
    const level: PictureStore = { pixels: new Uint8Array(192).fill(100), side: 8, channels: 3 };
    expect(make(level, { ...plain, brightness: 0.1 })[0]).toBe(126);
    expect(make(level, { ...plain, contrast: 2 })[0]).toBe(73);
  });

  test("a tint multiplies each channel; noise has mean 0 and the deviation asked for", () => {
    const level: PictureStore = { pixels: new Uint8Array(3 * 64 * 64).fill(100), side: 64, channels: 3 };
    const tinted = make(level, { ...plain, tint: [1.1, 1, 0.9] });
    expect([0, 64 * 64, 2 * 64 * 64].map((first) => tinted[first])).toEqual([110, 100, 90]);
    const noisy = Array.from(make(level, { ...plain, noiseDeviation: 12 }), (value) => value - 100);
    const mean = noisy.reduce((sum, value) => sum + value, 0) / noisy.length;
    const deviation = Math.sqrt(noisy.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noisy.length);
    expect(Math.abs(mean)).toBeLessThan(0.5);
    expect(deviation).toBeGreaterThan(11.5);
    expect(deviation).toBeLessThan(12.5);
  });

  test("the erased rectangle changes and the rest does not", () => {
    const store: PictureStore = { pixels: new Uint8Array(256).fill(10), side: 16, channels: 1 };
    const made = make(store, { ...plain, erase: { x: 0.25, y: 0.25, width: 0.5, height: 0.5 } });
    const changed = made.filter((value) => value !== 10).length;
    expect(changed).toBeGreaterThan(60);
    expect(changed).toBeLessThanOrEqual(64);
  });
});

describe("filters", () => {
  test("blur and loss of resolution keep an even picture and the mean of any other, nearly", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.3, max: 2, noNaN: true }), fc.integer({ min: 0, max: 255 }), (sigma, level) => {
        const picture = { data: new Float32Array(144).fill(level), channels: 1, side: 12 };
        blurPicture(picture, sigma, new Float32Array(144));
        reduceResolution(picture, 0.5, new Float32Array(144));
        for (const value of picture.data) expect(value).toBeCloseTo(level, 2);
      }),
    );
  });

  test("blur lowers the contrast of noise as its weights say", () => {
    const random = createRandom(3);
    const data = Float32Array.from({ length: 64 * 64 }, () => random.normal());
    blurPicture({ data, channels: 1, side: 64 }, 1, new Float32Array(64 * 64));
    // Repeated edges are noisier: they stay out.
    const inside = data.filter((_, index) => Math.min(index % 64, 63 - (index % 64), index >> 6, 63 - (index >> 6)) > 3);
    const variance = inside.reduce((sum, value) => sum + value * value, 0) / inside.length;
    // A Gaussian of deviation s in two dimensions leaves 1 / (4 pi s^2) of white noise's variance.
    expect(variance).toBeCloseTo(1 / (4 * Math.PI), 2);
  });
});

describe("JPEG's loss", () => {
  test("the tables are libjpeg's: quality 50 is the standard, 100 is all ones", () => {
    expect([...quantisationTable("luma", 50).subarray(0, 4)]).toEqual([16, 11, 10, 16]);
    expect([...quantisationTable("luma", 90).subarray(0, 4)]).toEqual([3, 2, 2, 3]);
    expect(new Set(quantisationTable("chroma", 100))).toEqual(new Set([1]));
  });

  test("high quality hardly changes a picture, low quality does, even pictures stay", () => {
    const error = (quality: number): number => {
      const random = createRandom(5);
      const original = Float32Array.from({ length: 3 * 400 }, (_, index) => 128 + 60 * Math.sin(index / 5) + 10 * random.normal());
      const data = original.slice();
      simulateJpeg({ data, channels: 3, side: 20 }, quality);
      return Math.sqrt(data.reduce((sum, value, index) => sum + (value - original[index]!) ** 2, 0) / data.length);
    };
    expect(error(100)).toBeLessThan(1);
    expect(error(30)).toBeGreaterThan(2 * error(90));
    const even = { data: new Float32Array(256).fill(128), channels: 1, side: 16 };
    simulateJpeg(even, 10);
    expect(even.data[0]).toBeCloseTo(128, 4);
  });
});

describe("mixing", () => {
  test("mixup is the weighted mean of two pictures, cutmix a rectangle of the other", () => {
    const pixels = new Uint8Array(2 * 16).fill(100, 16);
    const mixed = pixels.slice();
    mixPictures(mixed, 2, 4, { kind: "mixup", kept: 0.75, rotation: 1, box: undefined });
    expect([mixed[0], mixed[16]]).toEqual([25, 75]);
    const cut = pixels.slice();
    mixPictures(cut, 2, 4, { kind: "cutmix", kept: 0.75, rotation: 1, box: { left: 0, top: 0, right: 2, bottom: 2 } });
    expect([...cut.subarray(0, 8)]).toEqual([100, 100, 0, 0, 100, 100, 0, 0]);
  });

  test("Beta(alpha, alpha) has mean 1/2 and variance 1 / (4 (2 alpha + 1))", () => {
    const random = createRandom(11);
    for (const alpha of [0.2, 1, 4]) {
      const values = Array.from({ length: 20_000 }, () => drawBeta(random, alpha));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      expect(mean).toBeCloseTo(0.5, 1);
      expect(variance).toBeCloseTo(1 / (4 * (2 * alpha + 1)), 2);
    }
  });

  test("the share that a cutmix keeps is the area that it keeps", () => {
    const random = createRandom(2);
    const options = augmentationSchema.parse({ cutmix: { probability: 1, alpha: 1 } });
    for (let round = 0; round < 200; round++) {
      const mix = drawMixPlan(options, random, 8, 48)!;
      const { left, top, right, bottom } = mix.box!;
      expect(mix.kept).toBeCloseTo(1 - ((right - left) * (bottom - top)) / 48 ** 2, 12);
      expect(left >= 0 && top >= 0 && right <= 48 && bottom <= 48).toBe(true);
      expect(mix.rotation % 8).not.toBe(0);
    }
  });
});

describe("batches", () => {
  const source: BatchSource = {
    store: noiseStore(40, 20, 3),
    crops: [wholePicture, { x: 0.05, y: 0.1, side: 0.8 }],
    cropOfRow: Uint8Array.from({ length: 40 }, (_, row) => row % 2),
    side: 16,
    augmentation: everything,
    seed: 5,
  };
  const jobs = Array.from({ length: 5 }, (_, batch) => ({
    rows: Int32Array.from({ length: 8 }, (_, index) => batch * 8 + index),
    augment: { epoch: 3, firstPosition: batch * 8, mix: drawMixPlan(everything, createRandom(batch), 8, 16) },
  }));

  test("the same bytes for a seed, whatever the number of threads; others for another epoch", async () => {
    const expected = jobs.map((job) => {
      const target = new Uint8Array(8 * 3 * 256);
      createBatchMaker(source)(job, target);
      return Buffer.from(target).toString("base64");
    });
    for (const workers of [1, 3]) {
      await using pool = new BatchPool(source, { workers });
      const made: string[] = [];
      for await (const { input } of pool.stream(jobs)) made.push(Buffer.from(input.data).toString("base64"));
      expect(made).toEqual(expected);
      expect(pool.statistics.batches).toBe(5);
    }
    const later = new Uint8Array(8 * 3 * 256);
    createBatchMaker(source)({ rows: jobs[0]!.rows, augment: { ...jobs[0]!.augment, epoch: 4 } }, later);
    expect(Buffer.from(later).toString("base64")).not.toBe(expected[0]);
  });

  test("a thread that fails ends the stream with its error", async () => {
    await using pool = new BatchPool({ ...source, crops: [] });
    const consume = async (): Promise<void> => {
      for await (const batch of pool.stream(jobs)) expect(batch).toBeUndefined();
    };
    await expect(consume()).rejects.toThrow(/undefined/);
  });

  test("a pool that was disposed, or whose thread died before, fails at once", async () => {
    const pool = new BatchPool(source);
    await pool.dispose();
    await expect(pool.stream(jobs).next()).rejects.toThrow(/disposed/);
  });

  test("a stream can be left early and another begun", async () => {
    await using pool = new BatchPool(source);
    for await (const { job } of pool.stream(jobs)) {
      expect(job).toBe(jobs[0]);
      break;
    }
    let count = 0;
    for await (const { job } of pool.stream(jobs)) expect(job).toBe(jobs[count++]);
    expect(count).toBe(5);
  });
});
