import { describe, expect, test } from "vitest";
import type { FacePlace, FaceRecord } from "../../datasets/index.ts";
import { wholePicture } from "../../features/network-features.node.ts";
import { filledImage } from "../../image/index.ts";
import { expectHead } from "../../models/index.ts";
import { openModelFolders } from "../../models/models.node.ts";
import { createFaceCutter } from "./face-cutter.ts";

const side = 200;
const image = filledImage(side, side, [90, 90, 90]);

/** A face whose eyes are `size` apart, in shares of the picture. */
function placeAt(x: number, y: number, size: number): FacePlace {
  const at = (dx: number, dy: number): { x: number; y: number } => ({ x: x + dx * size, y: y + dy * size });
  return {
    box: { x: x - size, y: y - size, width: 2 * size, height: 2 * size },
    landmarks: { leftEye: at(-0.5, 0), rightEye: at(0.5, 0), nose: at(0, 0.6), leftMouth: at(-0.4, 1), rightMouth: at(0.4, 1) },
  };
}

function cutterOf(places: readonly (FacePlace | undefined)[]) {
  const records = places.map((_, index): FaceRecord => ({
    id: `${index}`,
    file: `${index}.png`,
    sha256: `sha ${index}`,
    width: side,
    height: side,
    labels: {},
    source: "drawn",
    split: "train",
  }));
  const seen = new Map(
    places.map((place, index) => [`sha ${index}`, { sha256: `sha ${index}`, faces: place ? 1 : 0, ...(place && { place }) }]),
  );
  return createFaceCutter({ picturePath: ({ file }) => file }, records, seen);
}

const head = async () => expectHead(await openModelFolders().open("age-gender-5"));

describe("what a network is shown", () => {
  test("the face, as it was taught to see it, wherever it is", async () => {
    const manifest = await head();
    const cutter = cutterOf([placeAt(0.3, 0.4, 0.1), placeAt(0.7, 0.6, 0.05)]);
    for (const [path, x, y, size] of [
      ["0.png", 0.3, 0.4, 0.1],
      ["1.png", 0.7, 0.6, 0.05],
    ] as const) {
      const toSource = cutter.toSource(image, path, manifest);
      const { leftEye, rightEye } = manifest.template!.landmarks;
      const eyes = [leftEye, rightEye].map((eye) => toSource.a * eye.x * 128 + toSource.b * eye.y * 128 + toSource.tx);
      expect(eyes[1]! - eyes[0]!).toBeCloseTo(size * side, -0.5);
      expect((eyes[0]! + eyes[1]!) / 2).toBeCloseTo(x * side, 0);
      expect(toSource.d * leftEye.y * 128 + toSource.ty).toBeGreaterThan((y - size / 2) * side);
    }
  });

  test("a face that was not found stands where the others do, if they stand in one place", async () => {
    const manifest = await head();
    const aligned = Array.from({ length: 20 }, (_, index) => (index === 7 ? undefined : placeAt(0.5, 0.4, 0.36)));
    const cutter = cutterOf(aligned);
    const [found, missed] = [cutter.toSource(image, "6.png", manifest), cutter.toSource(image, "7.png", manifest)];
    expect(missed.a).toBeCloseTo(found.a, 1);
    expect(missed.tx / found.tx).toBeCloseTo(1, 0);
    const scattered = aligned.map((place, index) => place && placeAt(0.2 + 0.03 * index, 0.3, 0.1));
    expect(cutterOf(scattered).toSource(image, "7.png", manifest)).toEqual(wholePicture.toSource(image, "7.png", manifest));
    expect(cutterOf(scattered).name).not.toBe(cutter.name);
  });

  test("a picture is decoded no larger than its face needs", () => {
    const cutter = cutterOf([placeAt(0.5, 0.5, 0.4), undefined]);
    expect(cutter.sizeOf("0.png")).toBeLessThanOrEqual(side);
    expect(cutter.sizeOf("1.png")).toBe(512);
  });
});
