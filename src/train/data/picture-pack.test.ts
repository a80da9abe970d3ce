import { appendFile, mkdtemp, open, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isTensorFaceError } from "../../core/index.ts";
import { filledImage, type RasterImage } from "../../image/index.ts";
import { loadPictures, packPicture, type PackItem } from "./picture-pack.node.ts";

let folder: string;
let decoded: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pack-"));
  decoded = [];
});
afterEach(() => rm(folder, { recursive: true }));

const format = { side: 4, channels: 3 } as const;
const item = (number: number): PackItem => ({ sha256: String(number).padStart(64, "0"), path: String(number) });
const decode = async ({ path }: PackItem): Promise<RasterImage> => {
  decoded.push(path);
  return filledImage(4, 4, [Number(path) % 256, 1, 2]);
};
const load = async (numbers: readonly number[]): Promise<number[]> => {
  const { pixels } = await loadPictures(folder, numbers.map(item), format, { decode });
  return numbers.map((_, index) => pixels[index * 48]!);
};

describe("loadPictures", () => {
  test("gives pictures in the order asked for and decodes each once", async () => {
    expect(await load([5, 3, 9])).toEqual([5, 3, 9]);
    expect(await load([9, 9, 4, 5])).toEqual([9, 9, 4, 5]);
    expect(decoded).toEqual(["5", "3", "9", "4"]);
  });

  test("what a killed process left half written is decoded again, the rest is kept", async () => {
    await load([1, 2, 3]);
    const [pixels, keys] = ["pixels.bin", "keys.txt"].map((name) => join(folder, "4x4x3", name));
    await truncate(pixels!, 2 * 48 + 7);
    expect(await load([1, 2, 3])).toEqual([1, 2, 3]);
    await appendFile(pixels!, "half a picture");
    await truncate(keys!, 2 * 65 + 30);
    expect(await load([3, 2, 1])).toEqual([3, 2, 1]);
    expect(decoded).toEqual(["1", "2", "3", "3", "3"]);
    expect((await stat(pixels!)).size).toBe(3 * 48);
  });

  test("trainings that fill one pack at the same time have each their own pictures", async () => {
    const slow = async (asked: PackItem): Promise<RasterImage> => {
      await new Promise((resolve) => setTimeout(resolve, Number(asked.path) % 7));
      return decode(asked);
    };
    const loadSlowly = async (numbers: readonly number[]): Promise<number[]> => {
      const { pixels } = await loadPictures(folder, numbers.map(item), format, { decode: slow });
      return numbers.map((_, index) => pixels[index * 48]!);
    };
    const sets = [0, 1, 2].map((set) => Array.from({ length: 30 }, (_, n) => set * 30 + n));
    expect(await Promise.all(sets.map(loadSlowly))).toEqual(sets);
    expect(await load(sets.flat())).toEqual(sets.flat());
    expect(decoded).toHaveLength(90);
  });

  test("a disk that fills up: half a write is not taken for a whole one, and the error has its code", async () => {
    const handle = await open(join(folder, "any"), "w");
    const prototype: { write: typeof handle.write } = Object.getPrototypeOf(handle);
    await handle.close();
    const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    const write = vi.spyOn(prototype, "write");
    // As the system does it: first what still fits, and only then an error.
    write.mockImplementationOnce(async (buffer) => ({ bytesWritten: 50, buffer })).mockRejectedValueOnce(full);
    await expect(load([1, 2, 3])).rejects.toMatchObject({ code: "TF_OUTPUT_FULL" });
    write.mockRestore();
    expect(await load([1, 2, 3])).toEqual([1, 2, 3]);
  });

  test("a cache that cannot be made has its code", async () => {
    await writeFile(join(folder, "4x4x3"), "a file where the folder should be");
    await expect(load([1])).rejects.toMatchObject({ code: "TF_OUTPUT_UNWRITABLE" });
  });

  test("more pictures than one batch or one read, with a signal that stops between batches", async () => {
    const many = Array.from({ length: 700 }, (_, index) => 1000 + index);
    const controller = new AbortController();
    const stopped = loadPictures(folder, many.map(item), format, {
      decode,
      signal: controller.signal,
      onProgress: ({ done }) => done >= 256 && controller.abort(),
    });
    await expect(stopped).rejects.toSatisfy((error) => isTensorFaceError(error, "TF_ABORTED"));
    expect(decoded.length).toBe(256);
    expect(await load(many)).toEqual(many.map((number) => number % 256));
    expect(decoded.length).toBe(700);
  });
});

describe("parts", () => {
  test("grey is luma, other sizes are scaled", () => {
    expect([...packPicture(filledImage(9, 7, [255, 0, 0]), { side: 2, channels: 1 })]).toEqual([76, 76, 76, 76]);
    expect([...packPicture(filledImage(1, 1, [1, 2, 3]), { side: 1, channels: 3 })]).toEqual([1, 2, 3]);
  });
});
